import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { checkEvents, readEvents } from '../support/no-loss-checks.ts';
import { RelpSender } from '../support/no-loss-senders.ts';
import { idIn, ordinary } from '../support/numbered-messages.ts';

const MIB = 1024 * 1024;
const IDLE = 2_000;
const HALF = 500;
const LORIS = 100;
/** What the hub's process may take at its peak with all of this going on; some 300 MiB of it is its own at rest. */
const PEAK_BYTES = 1024 * MIB;

let hub: HubProcess;
let good: GoodSenders;
let token = '';
const sockets: Socket[] = [];

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
  const { json } = await hub.post('/api/tokens', JSON.stringify({ name: 'sender', scopes: ['ingest'] }), {
    'content-type': 'application/json',
  });
  ({ token } = json as { token: string });
  good = new GoodSenders();
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await good.end().catch(() => undefined);
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

/** One by RELP and one by plain TCP, on connections that are never broken: all they send is to be there. */
class GoodSenders {
  readonly relp = new RelpSender(hub.ports.relp, Number.POSITIVE_INFINITY);
  readonly #stop = new AbortController();
  readonly #sending = Promise.all([this.relp.run(this.#stop.signal), this.#lines()]);
  written = 0;

  /** Both have moved on from where they are. */
  async progress(): Promise<void> {
    const before = { relp: this.relp.acknowledged.size, tcp: this.written };
    await eventually(async () => this.relp.acknowledged.size > before.relp + 30 && this.written > before.tcp + 30);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
  }

  async #lines(): Promise<void> {
    const socket = connect(hub.ports.syslog, '127.0.0.1');
    await once(socket, 'connect');
    while (!this.#stop.signal.aborted) {
      if (!socket.write(`${ordinary('tcp', this.written + 1).line}\n`)) await once(socket, 'drain');
      this.written++;
      await sleep(5);
    }
    socket.end();
    socket.resume();
    await once(socket, 'close');
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

const openAll = async (port: number, count: number): Promise<Socket[]> => {
  const opened: Socket[] = [];
  while (opened.length < count) opened.push(...(await Promise.all(Array.from({ length: 100 }, () => open(port)))));
  return opened;
};

interface Cut {
  readonly original: string;
  readonly fields: { readonly tags?: readonly string[] };
}

/** Most memory the hub's process ever had, in bytes. */
const peakBytes = (): number => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${hub.pid ?? 0}/status`, 'latin1'))?.[1]) * 1024;

const post = (body: Buffer | string, headers: Readonly<Record<string, string>>) =>
  fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });

const search = (q: string) => hub.get(`/api/events?${new URLSearchParams({ q, from: 'now-1h' })}`);

it('2,000 connections that say nothing and 500 that stop within a message hold up nobody', async () => {
  await openAll(hub.ports.syslog, IDLE);
  for (const socket of await openAll(hub.ports.syslog, HALF)) socket.write(`100 <14>1 - half.example.com app - - - begun`);
  for (const socket of await openAll(hub.ports.relp, LORIS)) socket.write('1 open 5000 relp_version');
  await good.progress();
});

it('lines of 10 MB are cut and marked, and the next message on the connection is whole', async () => {
  for (const n of [1, 2, 3]) {
    const socket = await open(hub.ports.syslog);
    const long = Buffer.alloc(10 * MIB, 'y');
    socket.write(`<14>1 - long.example.com app - - - cheetah${n} `);
    socket.write(long);
    socket.end(`\n<14>1 - long.example.com app - - - leopard${n}\n`);
    await once(socket, 'close');
    const cut = await eventually(async () => ((await search(`cheetah${n}`)).json as { events: Cut[] }).events.at(0));
    expect(cut.original.length).toBe(256 * 1024);
    expect(cut.fields.tags).toContain('truncated');
    await eventually(async () => ((await search(`leopard${n}`)).json as { events: unknown[] }).events.length === 1);
  }
  await good.progress();
});

it('HTTP that never ends its headers or its body holds up nobody', async () => {
  const [, ...slow] = await openAll(hub.ports.api, LORIS);
  for (const [i, socket] of slow.entries()) {
    socket.write('POST /ingest/http HTTP/1.1\r\nHost: hub\r\n');
    if (i % 2 === 0) socket.write(`Authorization: Bearer ${token}\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nbegun`);
    else socket.write('X-Slow: ');
  }
  // As many bodies as a source takes at once may be slow: others are told to come again, and the API is not concerned.
  expect([200, 429]).toContain((await post('quick', { 'content-type': 'text/plain' })).status);
  expect((await search('counted')).status).toBe(200);
  await good.progress();
  for (const socket of slow) socket.destroy();
  // None of the places in the source is left taken.
  await eventually(async () => {
    const replies = await Promise.all(Array.from({ length: 30 }, () => post('quick', { 'content-type': 'text/plain' })));
    return replies.every(({ status }) => status === 200);
  });
});

it.each([
  ['gzip', gzipSync(Buffer.alloc(512 * MIB))],
  ['zstd', zstdCompressSync(Buffer.alloc(512 * MIB))],
] as const)('%s bombs are refused', async (encoding, bomb) => {
  const headers = { 'content-type': 'text/plain', 'content-encoding': encoding };
  const statuses = await Promise.all(Array.from({ length: 8 }, () => post(bomb, headers).then(({ status }) => status)));
  // Bodies share a bound of memory: some are told to come again before it is known what they are.
  expect(statuses.filter((status) => status !== 413 && status !== 429)).toEqual([]);
  expect(statuses).toContain(413);
  await good.progress();
});

it('an engine that is killed under searches costs those searches, and nothing else', async () => {
  const searches = Promise.all(Array.from({ length: 40 }, () => search('counted AND NOT nothing')));
  process.kill(hub.enginePid() ?? 0, 'SIGKILL');
  for (const { status } of await searches) expect([200, 503]).toContain(status);
  await good.progress();
  await eventually(async () => (await search('counted')).status === 200);
});

it('an engine that hangs is noticed; until then searches fail and everything is taken in', async () => {
  const hung = hub.enginePid() ?? 0;
  process.kill(hung, 'SIGSTOP');
  const searched = search('counted');
  await good.progress();
  expect([422, 503]).toContain((await searched).status);
  await eventually(async () => hub.enginePid() !== hung && (await search('counted')).status === 200, { withinMs: 90_000 });
  await good.progress();
});

it('the good senders have lost nothing, and the memory stayed bounded', async () => {
  await good.end();
  await hub.post('/api/control/drain', '');
  const events = await readEvents(hub);
  const nothing = new Set<string>();
  const faults = checkEvents(events, { relp: good.relp.acknowledged, thrice: nothing, http: nothing, import: nothing });
  expect(Object.entries(faults).filter(([, each]) => each.length > 0)).toEqual([]);
  const lines = new Set(events.map(({ original }) => idIn(original)).filter((id) => id?.startsWith('tcp-')));
  expect(lines.size).toBe(good.written);
  const peak = peakBytes();
  console.log(`good: ${good.relp.acknowledged.size} by RELP, ${good.written} by TCP; peak ${Math.round(peak / MIB)} MiB`);
  expect(peak).toBeLessThan(PEAK_BYTES);
});
