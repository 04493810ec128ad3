/**
 * A process to be killed: `node raw-log-writer.ts <folder> <first number>`. Appends numbered messages from four senders and says `ack <number>` on stdout
 * once each is acknowledged. Its store is the file `stored` beside the raw log: a line `<seq> <number>` for each event of a released block.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Block } from '../../src/raw-log/block.ts';
import { RawLog } from '../../src/raw-log/raw-log.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const store = openSync(join(folder, 'stored'), 'a');
let next = Number(first);
let blocks = 0;

const log: RawLog = await RawLog.open({
  dir: join(folder, 'raw-log'),
  node: 1,
  maxBytes: 1024 ** 3,
  segmentMs: 10,
  segmentEvents: 200,
  now: Date.now,
  telemetry: silent,
  isKeyKnown: async () => undefined,
  onBlock: take,
});

/** Every third block is never released, so that there is something to replay. */
function take(block: Block): void {
  blocks += 1;
  if (blocks % 3 === 0) return;
  if (!block.alreadyStored) {
    writeSync(store, block.records.map((record) => `${record.seq} ${record.bytes.toString()}\n`).join(''));
    fsyncSync(store);
  }
  void log.stored(block.id);
  if (blocks % 3 === 1) void log.alerted(block.id);
}

async function send(): Promise<never> {
  for (;;) {
    const numbers = Array.from({ length: 1 + (next % 5) }, () => next++);
    await log.append({
      source: 'numbered',
      origin: { transport: 'internal' },
      receivedAt: Date.now(),
      messages: numbers.map((number) => Buffer.from(`${number}`)),
    });
    process.stdout.write(numbers.map((number) => `ack ${number}\n`).join(''));
  }
}

process.on('exit', () => closeSync(store));
await Promise.all([send(), send(), send(), send()]);
