import { statfs } from 'node:fs/promises';
import type { Disk } from './settings.ts';
import { sql } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

export interface DiskState {
  /** `warn`: say so. `stop`: take nothing more in, so that the engine still has room to merge and to drop old days. */
  readonly level: 'ok' | 'warn' | 'stop';
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** An intake that was stopped starts again only with this much more than the bound, so that it does not flutter. */
const HYSTERESIS = 1.1;

/** How much room there is on the file system of `path`. `before` is the level told last. */
export async function diskState(path: string, disk: Disk, before: DiskState['level'] = 'ok'): Promise<DiskState> {
  const { bavail, blocks, bsize } = await statfs(path);
  const freeBytes = bavail * bsize;
  return { level: diskLevel(freeBytes, disk, before), freeBytes, totalBytes: blocks * bsize };
}

export function diskLevel(freeBytes: number, { warn_free_bytes, min_free_bytes }: Disk, before: DiskState['level']): DiskState['level'] {
  if (freeBytes < min_free_bytes || (before === 'stop' && freeBytes < min_free_bytes * HYSTERESIS)) return 'stop';
  if (freeBytes < warn_free_bytes || (before !== 'ok' && freeBytes < warn_free_bytes * HYSTERESIS)) return 'warn';
  return 'ok';
}

/** How much must be freed for an intake that was stopped to start again. */
export const bytesToFree = (freeBytes: number, { min_free_bytes }: Disk): number => Math.ceil(min_free_bytes * HYSTERESIS) - freeBytes;

/** A part of the event table that the engine has put aside, for instance because it was damaged: its events are not found any more. */
export interface DetachedPart {
  readonly name: string;
  readonly partitionId: string;
  /** Such as `broken-on-start`; '' where someone detached it by hand. */
  readonly reason: string;
  readonly bytes: number;
}

const BOUNDS: QueryBounds = { timeoutMs: 30_000, maxMemoryBytes: 50 * 1024 ** 2, maxRows: 10_000, lane: 'system' };

/** The engine does this without a word at its start, so it has to be asked. */
export async function detachedParts(engine: EventEngine): Promise<DetachedPart[]> {
  const rows = await engine.query<{ name: string; partition_id: string | null; reason: string | null; bytes_on_disk: string }>(
    sql`SELECT name, partition_id, reason, bytes_on_disk FROM system.detached_parts
        WHERE database = 'earshot' AND table = 'events' ORDER BY name`,
    BOUNDS,
  );
  return rows.map(({ name, partition_id, reason, bytes_on_disk }) => ({
    name,
    partitionId: partition_id ?? '',
    reason: reason ?? '',
    bytes: Number(bytes_on_disk),
  }));
}
