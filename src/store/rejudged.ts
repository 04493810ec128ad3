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
const BOUNDS: QueryBounds = { timeoutMs: 10_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 10_000_000, lane: 'system' };

/**
 * Hours (since the epoch) that may have such events, by the engine that holds them. Nearly all stores have none, and are not asked again:
 * only this process adds any, see `keepRejudged`.
 */
const known = new WeakMap<EventEngine, Promise<Set<number>>>();

/** Whether a stretch may have such events: undefined where it has none, and nothing is read of them. Throws EngineError. */
export async function rejudgedWithin<S extends Span>(engine: EventEngine, span: S): Promise<S | undefined> {
  const hours = await hoursOf(engine);
  if (hours.size === 0) return undefined;
  for (const hour of hours) if (hour * HOUR_MS < span.to && (hour + 1) * HOUR_MS > span.from) return span;
  return undefined;
}

/** Before they are written: what is cut short may have been written. */
export async function noteRejudged(engine: EventEngine, times: readonly number[]): Promise<void> {
  const hours = await hoursOf(engine);
  for (const time of times) hours.add(Math.floor(time / HOUR_MS));
}

function hoursOf(engine: EventEngine): Promise<Set<number>> {
  const hours = known.get(engine) ?? load(engine);
  known.set(engine, hours);
  return hours;
}

async function load(engine: EventEngine): Promise<Set<number>> {
  try {
    const rows = await engine.query<{ hour: string }>(
      sql`SELECT DISTINCT toUnixTimestamp(toStartOfHour(ts)) AS hour FROM earshot.rejudged`,
      BOUNDS,
    );
    return new Set(rows.map(({ hour }) => Number(hour) / 3_600));
  } catch (error) {
    known.delete(engine);
    throw error;
  }
}
