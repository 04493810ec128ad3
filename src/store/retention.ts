import type { Retention } from './settings.ts';
import { joinSql, type Sql, sql, str } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

export interface RetentionRun {
  readonly retention: Retention;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the lease under which this runs is still ours; asked before each partition. */
  readonly stillHeld: () => Promise<boolean>;
}

export interface Dropped {
  readonly retention: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly rows: number;
}

export interface RetentionReport {
  readonly dropped: readonly Dropped[];
  /** Classes that the settings no longer name: their events are kept, because a renamed class must not lose them. */
  readonly unknownClasses: readonly string[];
  /** False when the lease was lost on the way. */
  readonly finished: boolean;
}

interface Partition {
  readonly retention: string;
  readonly day: string;
  readonly id: string;
  readonly rows: number;
}

const BOUNDS: QueryBounds = { timeoutMs: 30_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 100_000, lane: 'system' };
const DAY_MS = 86_400_000;

/**
 * Drops the partitions whose day is longer ago than their class keeps events. What is dropped is recorded first, in `earshot.dropped`.
 * Throws an EngineError when the engine fails.
 */
export async function dropExpired(engine: EventEngine, { retention, now, stillHeld }: RetentionRun): Promise<RetentionReport> {
  const daysOf = new Map([['default', retention.default_days], ...retention.classes.map(({ name, days }) => [name, days] as const)]);
  const partitions = await partitionsOf(engine, 'events');
  const unknownClasses = [...new Set(partitions.map((partition) => partition.retention))].filter((name) => !daysOf.has(name));
  const dropped: Dropped[] = [];
  const isExpired = ({ retention: name, day }: Partition) => {
    const days = daysOf.get(name);
    return days !== undefined && day < lastKeptDay(now, days);
  };
  // First, and by their own list: a row here must not outlive its event.
  for (const partition of (await partitionsOf(engine, 'rejudged')).filter(isExpired)) {
    if (!(await stillHeld())) return { dropped, unknownClasses, finished: false };
    await engine.command(dropPartition('rejudged', partition.id));
  }
  for (const partition of partitions.filter(isExpired)) {
    if (!(await stillHeld())) return { dropped, unknownClasses, finished: false };
    await engine.command(recordDrop(partition));
    await engine.command(dropPartition('events', partition.id));
    dropped.push({ retention: partition.retention, day: partition.day, rows: partition.rows });
  }
  return { dropped, unknownClasses, finished: true };
}

/** Drops the days of the table of hits that are longer ago than that. Gives the days that went. Throws an EngineError when the engine fails. */
export async function dropExpiredHits(
  engine: EventEngine,
  { keepDays, now, stillHeld }: Pick<RetentionRun, 'now' | 'stillHeld'> & { readonly keepDays: number },
): Promise<string[]> {
  const days = await engine.query<{ partition: string; id: string }>(
    sql`SELECT DISTINCT partition, partition_id AS id FROM system.parts
        WHERE database = 'earshot' AND table = 'hits' AND active ORDER BY partition`,
    BOUNDS,
  );
  const dropped: string[] = [];
  for (const { partition: day, id } of days) {
    if (day >= lastKeptDay(now, keepDays)) continue;
    if (!(await stillHeld())) return dropped;
    await engine.command(dropPartition('hits', id));
    dropped.push(day);
  }
  return dropped;
}

/** The first day that is kept: today and the `days` days before it. */
const lastKeptDay = (now: number, days: number): string => new Date(now - days * DAY_MS).toISOString().slice(0, 10);

async function partitionsOf(engine: EventEngine, table: 'events' | 'rejudged'): Promise<Partition[]> {
  const rows = await engine.query<{ partition: string; id: string; row_count: string }>(
    sql`SELECT partition, partition_id AS id, sum(rows) AS row_count FROM system.parts
        WHERE database = 'earshot' AND table = ${str(table)} AND active GROUP BY partition, partition_id ORDER BY partition`,
    BOUNDS,
  );
  return rows.flatMap(({ partition, id, row_count }) => {
    const match = /^\('(\w+)','(\d{4}-\d\d-\d\d)'\)$/.exec(partition);
    const [, retention, day] = match ?? [];
    return retention === undefined || day === undefined ? [] : [{ retention, day, id, rows: Number(row_count) }];
  });
}

const recordDrop = ({ retention, day }: Partition): Sql =>
  sql`INSERT INTO earshot.dropped (node, retention, day, row_count, first_seq, last_seq)
      SELECT node, retention, day, count(), min(seq), max(seq) FROM earshot.events
      WHERE ${joinSql([sql`retention = ${str(retention)}`, sql`day = toDate(${str(day)})`], ' AND ')} GROUP BY node, retention, day`;

/** A partition's id cannot be a parameter. It is the engine's own: a hash, or a day. */
function dropPartition(table: 'events' | 'rejudged' | 'hits', id: string): Sql {
  if (!/^\w+$/.test(id)) throw new Error(`Odd partition id ${JSON.stringify(id)}`);
  return { text: `ALTER TABLE earshot.${table} DROP PARTITION ID '${id}'`, params: {} };
}
