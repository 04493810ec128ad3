import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../src/model/event.ts';
import { encodeBlock } from '../../src/store/encode.ts';
import { type EmbeddedEngine, startEngine } from '../../src/store/engine/engine.ts';
import { migrate } from '../../src/store/migrations.ts';
import { sql } from '../../src/store/sql.ts';
import { silent } from '../../src/telemetry/telemetry.ts';

/** The real engine in a folder of its own, with an empty event table. */
export interface SearchEngine {
  readonly engine: EmbeddedEngine;
  /** Makes these the only events. */
  fill(events: readonly Event[]): Promise<void>;
  /** Adds events. */
  add(events: readonly Event[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startSearchEngine(): Promise<SearchEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'earshot-search-'));
  const engine = await startEngine({ dataDir: join(dir, 'data'), runDir: join(dir, 'run'), telemetry: silent });
  await migrate(engine);
  let blocks = 0;
  const add = async (events: readonly Event[]): Promise<void> => {
    const block = encodeBlock(events, { retentionOf: () => ({ name: 'default', days: 36_500 }) });
    if (block.setAside.length > 0) throw new Error(`not encodable: ${JSON.stringify(block.setAside)}`);
    blocks += 1;
    await engine.insert({ ...block, token: `fill-${blocks}` });
  };
  return {
    engine,
    add,
    fill: async (events) => {
      await engine.command(sql`TRUNCATE TABLE earshot.events`);
      await add(events);
    },
    stop: async () => {
      await engine.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
