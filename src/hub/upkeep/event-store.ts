import { join } from 'node:path';
import type { Settings } from '../../settings.ts';
import { type EmbeddedEngine, startEngine } from '../../store/engine/engine.ts';
import { endLeftOver } from '../../store/engine/left-over.ts';
import { detachedParts } from '../../store/health.ts';
import { migrate } from '../../store/migrations.ts';
import { loadRejudged } from '../../store/rejudged.ts';
import { sql, u64 } from '../../store/sql.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { runDirOf } from './data-folder.ts';

/** Starts the engine of a data folder. Who holds the lock on the folder may end an engine that a hub before us left in it. */
export async function startEventStore(folder: string, settings: Settings['engine'], telemetry: Telemetry): Promise<EmbeddedEngine> {
  const dataDir = join(folder, 'events');
  const { max_memory_bytes: maxMemoryBytes, insert_timeout_secs: insertTimeoutSecs } = settings;
  await endLeftOver(dataDir, telemetry);
  return await startEngine({ dataDir, runDir: runDirOf(folder), telemetry, maxMemoryBytes, insertTimeoutMs: insertTimeoutSecs * 1000 });
}

/** Brings the tables up to date, reads what searches must know of them, and looks whether all of them is there. */
export async function prepareEventStore(engine: EventEngine, telemetry: Telemetry): Promise<void> {
  await migrate(engine);
  await loadRejudged(engine);
  // The engine puts damaged parts aside at its start without a word.
  for (const { name, partitionId, reason, bytes } of await detachedParts(engine)) {
    telemetry.log('error', 'the engine has put a part of the events aside: they are not found any more', {
      name,
      partition: partitionId,
      reason,
      bytes,
    });
  }
}

const SEQ_BOUNDS = { timeoutMs: 60_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1, lane: 'system' } as const;

/** The last number of a node that is in the store; 0 where none is. */
export async function lastStoredSeq(engine: EventEngine, node: number): Promise<number> {
  const [row] = await engine.query<{ seq: string }>(sql`SELECT max(seq) AS seq FROM earshot.events WHERE node = ${u64(node)}`, SEQ_BOUNDS);
  return Number(row?.seq ?? 0);
}
