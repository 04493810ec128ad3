import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ChdbSession } from './chdb-session.ts';
import { EngineHandler } from './handler.ts';
import { handedFolder, Incoming } from './incoming.ts';
import { serverConfig } from './server-config.ts';
import { SessionPool } from './session-pool.ts';
import { lastOwner, storeFolder } from './store-owner.ts';

/** What the engine process tells the hub. `locked`: another process has the data folder; the one before us may need a moment to die. */
export type EngineMessage = { readonly ready: true } | { readonly failed: string; readonly locked: boolean };

/** What the hub tells the engine process when it is to stop. */
export const STOP = 'stop';

const PARENT_POLL_MS = 500;
const STOP_WITHIN_MS = 4_000;

if (import.meta.main) main();

function main(): void {
  const { values } = parseArgs({ options: { data: { type: 'string' }, run: { type: 'string' }, memory: { type: 'string' } } });
  const { data, run, memory } = values;
  if (data === undefined || run === undefined || memory === undefined)
    throw new Error('usage: server.ts --data DIR --run DIR --memory BYTES');
  dieWithParent();
  const config = join(run, 'engine.xml');
  writeFileSync(config, serverConfig(Number(memory)), { mode: 0o600 });
  const pool = openPool(data, config);
  if (pool === undefined) return;
  // From here on the data folder is ours alone, and so is what a process before us left: its socket and its half-read bodies.
  listen(pool, new Incoming(join(data, 'incoming'), handedFolder(run)), join(run, 'engine.sock'));
}

function openPool(data: string, config: string): SessionPool | undefined {
  // One that dies just now may still hold the lock when we ask for it, and be gone when that has failed.
  const before = liveOwner(data);
  try {
    // Only the first session of a process may configure the engine.
    const args = [`--config-file=${config}`];
    const spent = (why: string) => {
      process.stderr.write(`engine: ${why}\n`);
      die();
    };
    return new SessionPool(() => new ChdbSession(storeFolder(data), args.splice(0)), spent);
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    const owner = before ?? liveOwner(data);
    fail(owner === undefined ? failed : `It is process ${owner}. ${failed}`, owner !== undefined);
    return undefined;
  }
}

/** chDB does not say why it cannot open a folder. */
function liveOwner(data: string): number | undefined {
  const owner = lastOwner(data);
  try {
    return owner !== undefined && owner !== process.pid && process.kill(owner, 0) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function listen(pool: SessionPool, incoming: Incoming, socket: string): void {
  rmSync(socket, { force: true });
  const handler = new EngineHandler(pool, incoming);
  // Connections are the hub's own, and few. One that is closed for being idle may be closed just as a statement goes out on it.
  const server = createServer({ maxHeaderSize: 1024 ** 2, keepAliveTimeout: 0, requestTimeout: 120_000 }, (request, response) => {
    void handler.handle(request, response);
  });
  server.listen(socket, () => process.send?.({ ready: true } satisfies EngineMessage));
  server.on('error', (error) => fail(error.message, false));
  process.on('message', (message) => {
    if (message !== STOP) return;
    setTimeout(die, STOP_WITHIN_MS).unref();
    server.closeIdleConnections();
    server.close(() => {
      pool.close();
      die();
    });
  });
  // Ctrl-C goes to the whole terminal, and a service manager's SIGTERM to the whole group; the hub decides when its engine stops.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

/** Without its hub the engine only holds the lock on the data folder. Both signs are needed: the channel tells at once, the poll always. */
function dieWithParent(): void {
  const parent = process.ppid;
  process.on('disconnect', die);
  setInterval(() => {
    if (process.ppid !== parent) die();
  }, PARENT_POLL_MS).unref();
}

function fail(failed: string, locked: boolean): void {
  process.stderr.write(`engine: ${failed}\n`);
  if (process.connected) process.send?.({ failed, locked } satisfies EngineMessage, die);
  else die();
}

/** Ends at once: an orderly exit would wait for statements that run, and what is stored survives a kill. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
