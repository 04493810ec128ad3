import type { Event } from '../../model/event.ts';
import { rejudgedWithin } from '../rejudged.ts';
import { sql } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin } from './bounds.ts';
import { conditionOf, searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fetchEvents, positionsIn } from './find-events.ts';
import type { QueryNode } from './node.ts';
import { between, type Position } from './position.ts';
import { eventsWhere } from './reading.ts';
import { clampRange, expandingWindows } from './windows.ts';

export interface ExportSearch {
  readonly query: QueryNode;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly signal: AbortSignal;
}

/** An export is not a page: it may take longer, and its pieces are larger. */
const TIMEOUT_MS = 120_000;
/** Places looked up at once, and rows fetched at once: what the hub holds of an export. */
const PLACES = 20_000;
const ROWS = 1_000;

/** How many events an export will have. Throws EngineError. */
export async function countEvents(engine: EventEngine, { query, signal, ...span }: ExportSearch, now: number): Promise<number> {
  const { from, to } = clampRange(span);
  const found = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${searchCondition(query, now, reading)}`,
    (rows) => sql`SELECT 1 FROM ${rows}`,
    rejudgedWithin(engine, { from, to }),
  );
  const statement = sql`SELECT count() AS total FROM ${found} SETTINGS ${QUERY_SETTINGS}`;
  const [row] = await engine.query<{ readonly total: string }>(statement, boundsWithin(TIMEOUT_MS, 0, 1, signal));
  return Number(row?.total ?? 0);
}

/** All events of a query, newest first, a piece at a time. Throws EngineError; what was given until then is right, and not all. */
export async function* exportEvents(engine: EventEngine, search: ExportSearch, now: number): AsyncGenerator<readonly Event[]> {
  const { query, signal, ...span } = search;
  const condition = conditionOf(query, now);
  for (const { from, to } of expandingWindows(clampRange(span), 'older', now)) {
    let after: Position | undefined;
    do {
      const window = { from, to: after === undefined ? to : Math.min(to, after.ts + 1) };
      const places = await positionsIn(engine, window, { condition, direction: 'older', after, signal }, PLACES, TIMEOUT_MS, 0);
      for (let at = 0; at < places.length; at += ROWS) yield await fetchEvents(engine, places.slice(at, at + ROWS), { signal }, ROWS);
      after = places.length < PLACES ? undefined : places.at(-1);
    } while (after !== undefined);
  }
}
