/**
 * What the raw log costs: `node bench/raw-log.bench.ts [folder] [messages per second; 0: as many as go]`.
 * Says messages a second, CPU per message (all threads of the process; the main thread's JavaScript alone) and the time to an acknowledgement.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Origin } from '../src/model/record.ts';
import { RawLog } from '../src/raw-log/raw-log.ts';
import { silent } from '../src/telemetry/telemetry.ts';

const SECONDS = 5;
const MESSAGE_BYTES = 315;
const BATCH = { least: 50, most: 300 };
const CONNECTIONS = 8;

const [folder = tmpdir(), rateText = '50000'] = process.argv.slice(2);
const rate = Number(rateText);
const dir = mkdtempSync(join(folder, 'raw-log-bench-'));

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
const fixed = (value: number): string => value.toFixed(2);

function fsyncBaseline(): void {
  const file = openSync(join(dir, 'baseline'), 'w');
  const bytes = Buffer.alloc(64 * 1024, 0x78);
  const times: number[] = [];
  for (let i = 0; i < 200; i += 1) {
    const start = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  times.sort((a, b) => a - b);
  console.log(`write 64 KiB + fdatasync, ms: p50 ${fixed(at(times, 0.5))}, p99 ${fixed(at(times, 0.99))}, max ${fixed(at(times, 1))}`);
}

/** One connection: batches of the sizes TCP reads give, each awaited by nobody but counted when acknowledged. */
async function send(log: RawLog, origin: Origin, until: number, taken: { messages: number; latencies: number[] }): Promise<void> {
  const chunk = Buffer.alloc(MESSAGE_BYTES * BATCH.most, 0x61);
  const all = Array.from({ length: BATCH.most }, (_, i) => chunk.subarray(i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES));
  let due = performance.now();
  for (let i = 0; performance.now() < until; i += 1) {
    const count = BATCH.least + ((i * 37) % (BATCH.most - BATCH.least + 1));
    const start = performance.now();
    const acknowledged = log.append({ source: 'bench_syslog', origin, receivedAt: Date.now(), messages: all.slice(0, count) }).then(() => {
      taken.messages += count;
      taken.latencies.push(performance.now() - start);
    });
    if (rate === 0) await acknowledged;
    else {
      due += (count * CONNECTIONS * 1000) / rate;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
    }
  }
}

async function main(): Promise<void> {
  fsyncBaseline();
  let blocks = 0;
  const log: RawLog = await RawLog.open({
    dir: join(dir, 'log'),
    node: 1,
    maxBytes: 8 * 1024 ** 3,
    now: Date.now,
    telemetry: silent,
    isKeyKnown: async () => undefined,
    onBlock: (block) => {
      blocks += 1;
      void log.stored(block.id);
      void log.alerted(block.id);
    },
  });
  const taken = { messages: 0, latencies: [] as number[] };
  const cpu = process.cpuUsage();
  const thread = process.threadCpuUsage();
  const start = performance.now();
  const senders = Array.from({ length: CONNECTIONS }, (_, i) =>
    send(log, { transport: 'tcp', address: `192.0.2.${i + 1}`, port: 40_000 + i }, start + SECONDS * 1000, taken),
  );
  await Promise.all(senders);
  await log.drained();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const usedByThread = process.threadCpuUsage(thread);
  const sorted = taken.latencies.sort((a, b) => a - b);
  console.log(`${Math.round(taken.messages / seconds)} messages/s, ${taken.messages} in ${blocks} blocks`);
  console.log(
    `CPU per message, µs: process ${fixed((used.user + used.system) / taken.messages)}, main thread ${fixed((usedByThread.user + usedByThread.system) / taken.messages)}`,
  );
  console.log(`acknowledged after, ms: p50 ${fixed(at(sorted, 0.5))}, p99 ${fixed(at(sorted, 0.99))}, max ${fixed(at(sorted, 1))}`);
  await log.close();
}

try {
  await main();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
