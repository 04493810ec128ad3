import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import type { Block } from '../../src/raw-log/block.ts';
import { RawLog } from '../../src/raw-log/raw-log.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

const KILLS = 5;

/** Runs the writer until it has acknowledged so many messages, and kills it in the midst of its work. Gives the numbers acknowledged. */
async function killAfter(folder: string, life: number, acks: number): Promise<number[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'raw-log-writer.ts'), folder, `${life * 1_000_000}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(writer, 'exit');
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged.push(Number(line.slice('ack '.length)));
    if (acknowledged.length === acks) writer.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  return acknowledged;
}

/** Everything the raw log still holds, by seq. */
async function replay(folder: string): Promise<Block[]> {
  const blocks: Block[] = [];
  const log: RawLog = await RawLog.open({
    dir: join(folder, 'raw-log'),
    node: 1,
    maxBytes: 1024 ** 3,
    now: Date.now,
    telemetry: silent,
    isKeyKnown: async () => undefined,
    onBlock: (block) => {
      blocks.push(block);
      void log.stored(block.id);
      void log.alerted(block.id);
    },
  });
  await log.drained();
  expect(log.status().damagedFiles).toBe(0);
  await log.close();
  return blocks;
}

it('loses nothing that was acknowledged, however often its process is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-raw-log-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const acknowledged: number[] = [];
  for (let life = 1; life <= KILLS; life += 1) acknowledged.push(...(await killAfter(folder, life, 200 + life * 331)));

  const numbers = new Map<number, string>();
  const keep = (seq: number, number: string): void => {
    expect(numbers.get(seq) ?? number, `seq ${seq}`).toBe(number);
    numbers.set(seq, number);
  };
  for (const line of readFileSync(join(folder, 'stored'), 'utf8').split('\n').slice(0, -1)) {
    const [seq, number = ''] = line.split(' ');
    keep(Number(seq), number);
  }
  for (const block of await replay(folder)) for (const record of block.records) keep(record.seq, record.bytes.toString());

  const kept = [...numbers.values()].map(Number);
  expect(new Set(kept).size).toBe(kept.length);
  const found = new Set(kept);
  expect(acknowledged.filter((number) => !found.has(number))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(KILLS * 200);
});
