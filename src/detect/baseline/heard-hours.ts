import { ms, sql } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BOUNDS: QueryBounds = { timeoutMs: 20_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 24, lane: 'detect' };

/**
 * The hours of which the store has any event at all. Where it has none, the hub was down, or nothing reached it: that nobody did anything
 * then is not known. Each day is asked for once, and again only while it lasts.
 */
export class HeardHours {
  readonly #engine: EventEngine;
  readonly #days = new Map<number, { readonly hours: ReadonlySet<number>; readonly until: number }>();

  constructor(engine: EventEngine) {
    this.#engine = engine;
  }

  /** Learns of the hours in `[from, to)`. Throws EngineError. */
  async learn(from: number, to: number, signal?: AbortSignal): Promise<void> {
    for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
      const until = Math.min(day + DAY, to);
      if ((this.#days.get(day)?.until ?? 0) < until) this.#days.set(day, { hours: await this.#ask(day, signal), until });
    }
  }

  readonly heard = (start: number, end: number): boolean => {
    for (let hour = Math.floor(start / HOUR) * HOUR; hour < end; hour += HOUR)
      if (this.#days.get(Math.floor(hour / DAY) * DAY)?.hours.has(hour)) return true;
    return false;
  };

  async #ask(day: number, signal: AbortSignal | undefined): Promise<ReadonlySet<number>> {
    const rows = await this.#engine.query<{ hour: number }>(
      sql`SELECT DISTINCT toUnixTimestamp(toStartOfHour(ts)) AS hour FROM earshot.events
        WHERE ts >= fromUnixTimestamp64Milli(${ms(day)}) AND ts < fromUnixTimestamp64Milli(${ms(day + DAY)}) LIMIT 24`,
      { ...BOUNDS, ...(signal && { signal }) },
    );
    return new Set(rows.map(({ hour }) => Number(hour) * 1000));
  }
}
