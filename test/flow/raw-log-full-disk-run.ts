/** Fills the disk under `<folder>` through a raw log, makes room again, and prints what happened as JSON: `node raw-log-full-disk-run.ts <folder>`. */
import { join } from 'node:path';
import type { Block } from '../../src/raw-log/block.ts';
import { RawLog } from '../../src/raw-log/raw-log.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

const [folder = ''] = process.argv.slice(2);

async function openLog(onBlock: (block: Block) => void): Promise<RawLog> {
  return RawLog.open({
    dir: join(folder, 'raw-log'),
    node: 1,
    maxBytes: 1024 ** 3,
    segmentEvents: 40,
    maxBlocks: 1000,
    now: Date.now,
    telemetry: silent,
    isKeyKnown: async () => undefined,
    onBlock,
  });
}

let number = 0;
const acknowledged: number[] = [];

/** Appends until it is refused; gives the code of the refusal. */
async function fill(log: RawLog): Promise<unknown> {
  for (;;) {
    const numbers = Array.from({ length: 10 }, () => number++);
    try {
      await log.append({
        source: 'numbered',
        origin: { transport: 'internal' },
        receivedAt: Date.now(),
        messages: numbers.map((each) => Buffer.from(`${each} `.padEnd(9000, 'x'))),
      });
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
    acknowledged.push(...numbers);
  }
}

const numbersOf = (block: Block): number[] => block.records.map((record) => Number.parseInt(record.bytes.toString('latin1'), 10));

const blocks: Block[] = [];
const first = await openLog((block) => blocks.push(block));
const refusal = await fill(first);
const whenFull = first.status();
const released = blocks.splice(0, Math.floor(blocks.length / 2));
await Promise.all(released.flatMap((block) => [first.stored(block.id), first.alerted(block.id)]));
await first.whenOpen();
const refusedAgain = await fill(first);
await first.close();

const replayed: number[] = [];
const second = await openLog((block) => {
  replayed.push(...numbersOf(block));
  void second.stored(block.id);
  void second.alerted(block.id);
});
await second.drained();
const after = second.status();
await second.close();
console.log(JSON.stringify({ refusal, whenFull, refusedAgain, acknowledged, released: released.flatMap(numbersOf), replayed, after }));
