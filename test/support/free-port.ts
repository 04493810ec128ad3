import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to connections and to those who ask for any (`ip_local_port_range`). */
const FIRST = 10_000;
const EACH = 2_000;

/** Test files run side by side: each worker has ports of its own, or one's sender would now and then reach another's hub. */
const first = FIRST + EACH * (Number(process.env.VITEST_POOL_ID ?? 0) % 11);
let next = Math.floor(Math.random() * EACH);

/** A port that is free, and that nobody else in this process or in another worker is given. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < EACH; tries += 1) {
    next = (next + 1) % EACH;
    const port = first + next;
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const bound = Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
  server.listen(port, '127.0.0.1');
  if (!(await bound)) return false;
  server.close();
  await once(server, 'close');
  return true;
}
