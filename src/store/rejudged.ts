import { sql } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

/**
 * Events with hits that were found after they were stored. A stored event is never changed: this table has its row once more, with all its
 * hits, and who asks about hits reads these rows instead of the ones in the table of events.
 */
export const REJUDGED_TABLE = 'earshot.rejudged';

/** A stretch of time: `from` inclusive, `to` exclusive, milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;
const BOUNDS: QueryBounds = { timeoutMs: 60_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 10_000_000, lane: 'system' };

/**
 * Hours (since the epoch) that may have such events, by the engine that holds them. Nearly all stores have none. They are read once, when
 * the store is opened: only this process adds any (`keepRejudged`), and no search should wait for the question.
 */
const known = new WeakMap<EventEngine, Set<number>>();

/** Reads which hours have such events. For who opens the store. Throws EngineError. */
export async function loadRejudged(engine: EventEngine): Promise<void> {
  const rows = await engine.query<{ hour: string }>(
    sql`SELECT DISTINCT toUnixTimestamp(toStartOfHour(ts)) AS hour FROM earshot.rejudged`,
    BOUNDS,
  );
  const hours = hoursOf(engine);
  for (const { hour } of rows) hours.add(Number(hour) / 3_600);
}

/** Whether a stretch may have such events: undefined where it has none, and nothing is read of them. */
export function rejudgedWithin<S extends Span>(engine: EventEngine, span: S): S | undefined {
  for (const hour of hoursOf(engine)) if (hour * HOUR_MS < span.to && (hour + 1) * HOUR_MS > span.from) return span;
  return undefined;
}

/** Before they are written: what is cut short may have been written. */
export function noteRejudged(engine: EventEngine, times: readonly number[]): void {
  const hours = hoursOf(engine);
  for (const time of times) hours.add(Math.floor(time / HOUR_MS));
}

function hoursOf(engine: EventEngine): Set<number> {
  const hours = known.get(engine) ?? new Set<number>();
  known.set(engine, hours);
  return hours;
}
