import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Origin, RawBatch } from '../model/record.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Block } from './block.ts';
import { RawLog } from './raw-log.ts';
import type { RawLogOptions } from './raw-log-options.ts';

export const ORIGIN: Origin = { transport: 'tcp', address: '192.0.2.7', port: 40_001 };

/** A folder that is gone after the test. */
export function scratchFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'earshot-raw-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const segmentFiles = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.startsWith('seg-'))
    .sort();

export const batchOf = (texts: readonly string[], about: Partial<RawBatch> = {}): RawBatch => ({
  source: 'linux',
  origin: ORIGIN,
  receivedAt: 1_790_000_000_000,
  messages: texts.map((text) => Buffer.from(text)),
  ...about,
});

export const textsOf = (block: Block): string[] => block.records.map((record) => record.bytes.toString());

/** A raw log with the blocks it handed out, which can be waited for. */
export interface Opened {
  readonly log: RawLog;
  readonly blocks: readonly Block[];
  readonly logged: readonly string[];
  readonly counted: readonly { readonly name: string; readonly by: number }[];
  /** Resolves with all blocks when there are at least so many. */
  handedOut(count: number): Promise<readonly Block[]>;
  release(block: Block | undefined): Promise<void>;
}

export async function openLog(dir: string, options: Partial<RawLogOptions> = {}): Promise<Opened> {
  const blocks: Block[] = [];
  const logged: string[] = [];
  const counted: { name: string; by: number }[] = [];
  let waiters: { count: number; resolve: () => void }[] = [];
  const telemetry: Telemetry = {
    count: (name, _labels, by = 1) => counted.push({ name, by }),
    gauge() {},
    observe() {},
    log: (_level, message) => logged.push(message),
  };
  const log = await RawLog.open({
    dir,
    node: 1,
    maxBytes: 64 * 1024 * 1024,
    segmentMs: 2,
    commitMs: 1,
    now: () => 1_790_000_000_000,
    telemetry,
    isKeyKnown: async () => undefined,
    ...options,
    onBlock: (block) => {
      blocks.push(block);
      options.onBlock?.(block);
      for (const waiter of waiters) if (blocks.length >= waiter.count) waiter.resolve();
      waiters = waiters.filter((waiter) => blocks.length < waiter.count);
    },
  });
  onTestFinished(() => log.close());
  return {
    log,
    blocks,
    logged,
    counted,
    async handedOut(count) {
      if (blocks.length < count) await new Promise<void>((resolve) => waiters.push({ count, resolve }));
      return blocks;
    },
    async release(block) {
      if (!block) throw new Error('there is no such block');
      await Promise.all([log.stored(block.id), log.alerted(block.id)]);
    },
  };
}
