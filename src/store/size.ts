import { sql } from './sql.ts';
import type { EventEngine } from './store.ts';

const BOUNDS = { timeoutMs: 10_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 1, lane: 'system' } as const;

/** How many events are stored, and how much of the disk they take. Throws EngineError. */
export async function storeSize(engine: EventEngine, signal?: AbortSignal): Promise<{ rows: number; bytes: number }> {
  const [row] = await engine.query<{ rows: string; bytes: string }>(
    sql`SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'earshot' AND table = 'events' AND active`,
    { ...BOUNDS, ...(signal && { signal }) },
  );
  return { rows: Number(row?.rows ?? 0), bytes: Number(row?.bytes ?? 0) };
}
