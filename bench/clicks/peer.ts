import { createServer } from 'node:http';

/** The least that can be done with a click: a bare server that reads the body, keeps nothing and answers. Prints its port. */
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200).end());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
