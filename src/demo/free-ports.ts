import { once } from 'node:events';
import { createServer } from 'node:net';

/** The ports that are wanted, each replaced by any free one where somebody listens on it. */
export async function freePorts<T extends Readonly<Record<string, number>>>(wanted: T): Promise<{ [K in keyof T]: number }> {
  const found = Object.entries(wanted).map(async ([name, port]) => [name, (await tried(port)) ?? (await tried(0)) ?? port] as const);
  return Object.fromEntries(await Promise.all(found)) as { [K in keyof T]: number };
}

/** The port if it could be listened on; undefined when it is taken. */
async function tried(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  } catch {
    return undefined;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
