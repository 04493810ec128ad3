import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HubProcess } from '../test/support/hub-process.ts';
import { TailReader } from '../test/support/tail-reader.ts';
import { cpuSeconds } from './whole-way/process-stats.ts';

/**
 * What viewers of the live tail cost: the same lines with and without them, in turns, in one hub. Fifty viewers with ten queries between
 * them; one of the fifty does not read. Paced, ingestion has room; all at once, it has none, and what viewers take is taken from it.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '10000' },
  },
});
const [rounds, seconds, rate] = [Number(values.rounds), Number(values.seconds), Number(values.rate)];
const AT_ONCE = 200_000;
const VIEWERS = 50;
const QUERIES = [
  '*',
  'event.outcome:failure',
  'user.name:user1',
  'event.action:*viewed*',
  'source.ip:192.0.2.0/25',
  'password',
  '"remote desktop"',
  'back*',
  'user.name:user2* AND NOT event.outcome:success',
  'destination.port:(22 OR 3389)',
];

interface Turn {
  readonly eventsPerSecond: number;
  readonly hubCpu: number;
}

const hub = await HubProcess.create({ log: { level: 'warn' }, raw_log: { max_bytes: 8 * 1024 ** 3 } });
await hub.start();
let stored = 0;
await turn({ rate: 0, count: 100_000 });

const paced: [Turn, Turn][] = [];
const atOnce: [Turn, Turn][] = [];
const shares: number[] = [];
let delays: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (const [turns, how] of [
    [paced, { rate, count: rate * seconds }],
    [atOnce, { rate: 0, count: AT_ONCE }],
  ] as const) {
    const without = await turn(how);
    const viewers = await openViewers();
    const watched = await turn(how);
    shares.push(viewers.leastShare());
    delays = delays.concat(viewers.delays());
    viewers.close();
    turns.push([without, watched]);
    await sleep(1_000);
  }
}
print('paced', paced);
print('all at once', atOnce);
const sorted = delays.toSorted((a, b) => a - b);
console.log(`shown after: p50 ${sorted[Math.floor(sorted.length * 0.5)]} ms, p99 ${sorted[Math.floor(sorted.length * 0.99)]} ms`);
console.log(`of viewers of one query that read, the one shown least was shown ${Math.min(...shares).toFixed(3)} of what the first was`);
await hub.kill('SIGTERM');
rmSync(hub.dataDir, { recursive: true, force: true });
process.exit(0);

async function turn(how: { readonly rate: number; readonly count: number }): Promise<Turn> {
  const cpu = cpuSeconds(hub.pid ?? 0);
  const args = ['--port', `${hub.ports.syslog}`, '--rate', `${how.rate}`, '--seconds', '120', '--count', `${how.count}`];
  const sender = spawn(process.execPath, ['bench/whole-way/sender.ts', ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  // It makes its lines first, and waits for a word.
  await sleep(2_000);
  const begin = performance.now();
  sender.stdin.write('go\n');
  await once(sender, 'close');
  stored += how.count;
  while ((await storedEvents()) < stored) await sleep(100);
  const took = (performance.now() - begin) / 1000;
  return { eventsPerSecond: how.count / took, hubCpu: ((cpuSeconds(hub.pid ?? 0) - cpu) / how.count) * 1e6 };
}

async function storedEvents(): Promise<number> {
  const { text } = await hub.getText('/metrics');
  return Number(/^earshot_stored_events_total (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Viewers that count what they get; one is read as a browser would, one does not read at all. */
async function openViewers() {
  const read = await TailReader.open({ socketPath: hub.socketPath }, '*');
  const delays: number[] = [];
  let seen = 0;
  const timer = setInterval(() => {
    const { messages } = read;
    for (; seen < messages.length; seen++) {
      const { events = [] } = (messages[seen]?.data ?? {}) as { events?: { ingested: string }[] };
      for (const { ingested } of events) delays.push(Date.now() - Date.parse(ingested));
    }
  }, 10);
  const slow = await TailReader.open({ socketPath: hub.socketPath }, '*');
  slow.pause();
  const others = await Promise.all(Array.from({ length: VIEWERS - 2 }, (_, i) => countingViewer(QUERIES[i % QUERIES.length] ?? '*')));
  return {
    leastShare: () => {
      const byQuery = Map.groupBy(others, ({ query }) => query);
      return Math.min(...[...byQuery.values()].flatMap((of) => of.map(({ bytes }) => bytes() / Math.max(1, of[0]?.bytes() ?? 1))));
    },
    delays: () => delays,
    close: () => {
      clearInterval(timer);
      read.close();
      slow.close();
      for (const other of others) other.close();
    },
  };
}

async function countingViewer(query: string) {
  const path = `/api/events/tail?q=${encodeURIComponent(query)}`;
  const sent = request({ socketPath: hub.socketPath, path, agent: false, headers: { host: 'earshot' } });
  sent.on('error', () => undefined).end();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  let bytes = 0;
  reply.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  reply.on('error', () => undefined);
  return { query, bytes: () => bytes, close: () => sent.destroy() };
}

function print(what: string, turns: readonly (readonly [Turn, Turn])[]): void {
  const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
  const of = (i: 0 | 1, figure: keyof Turn) => median(turns.map((pair) => pair[i][figure]));
  const ratio = median(turns.map(([without, watched]) => watched.eventsPerSecond / without.eventsPerSecond));
  console.log(
    `${what}: ${of(0, 'eventsPerSecond').toFixed(0)} events/s without viewers, ${of(1, 'eventsPerSecond').toFixed(0)} with ${VIEWERS}: ratio ${ratio.toFixed(3)}; hub CPU ${of(0, 'hubCpu').toFixed(1)} and ${of(1, 'hubCpu').toFixed(1)} µs/event`,
  );
}
