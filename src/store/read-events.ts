import { EVENTS_TABLE } from './columns.ts';
import { REJUDGED_TABLE, rejudgedWithin } from './rejudged.ts';
import { EVENT_SELECT, type EventRow, isLeftOpen } from './row.ts';
import { type Sql, sql } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

const events: Sql = { text: EVENTS_TABLE, params: {} };
const rejudged: Sql = { text: REJUDGED_TABLE, params: {} };

/**
 * The rows of the events that meet a condition on what is never different: identity and time. With the hits that were found later; only
 * where a rule has left one of them open is a second statement needed. Throws EngineError.
 */
export async function readEvents(engine: EventEngine, where: Sql, bounds: QueryBounds): Promise<EventRow[]> {
  const rows = await engine.query<EventRow>(sql`SELECT ${EVENT_SELECT} FROM ${events} WHERE ${where}`, bounds);
  return withLaterHits(engine, rows, where, bounds);
}

/** These rows, those that were judged again as they are since. `where` is met by them, and by few others. Throws EngineError. */
async function withLaterHits(engine: EventEngine, rows: EventRow[], where: Sql, bounds: QueryBounds): Promise<EventRow[]> {
  const open = rows.filter(isLeftOpen).map(({ ts_ms }) => Number(ts_ms));
  if (open.length === 0) return rows;
  const span = { from: open.reduce((a, b) => Math.min(a, b)), to: open.reduce((a, b) => Math.max(a, b)) + 1 };
  if (rejudgedWithin(engine, span) === undefined) return rows;
  const later = await engine.query<EventRow>(sql`SELECT ${EVENT_SELECT} FROM ${rejudged} WHERE ${where}`, bounds);
  const byPlace = new Map(later.map((row) => [placeOf(row), row]));
  return rows.map((row) => byPlace.get(placeOf(row)) ?? row);
}

const placeOf = ({ node, seq }: EventRow): string => `${node}-${seq}`;
