import type { Event } from '../../model/event.ts';
import { EVENTS_TABLE } from '../columns.ts';
import { rejudgedWithin } from '../rejudged.ts';
import { EVENT_SELECT, type EventRow, rowToEvent } from '../row.ts';
import { type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, END_OF_TIME } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import type { QueryNode } from './node.ts';
import { eventsWhere, type Reading } from './reading.ts';

/** Events of a node in the order they came in. */
export interface SinceSearch {
  readonly query: QueryNode;
  readonly node: number;
  /** Exclusive. */
  readonly afterSeq: number;
  /** Inclusive. */
  readonly upToSeq: number;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

const table: Sql = { text: EVENTS_TABLE, params: {} };
/** Nobody waits longer for the live tail to begin. */
const TIMEOUT_MS = 5_000;

/** The last events that match, oldest first, and how many match in all. Throws EngineError. */
export async function eventsSince(
  engine: EventEngine,
  { query, node, afterSeq, upToSeq, limit, signal }: SinceSearch,
  now: () => number,
): Promise<{ readonly events: readonly Event[]; readonly total: number }> {
  const at = now();
  const rejudged = rejudgedWithin(engine, { from: 0, to: END_OF_TIME });
  const where = (reading: Reading) =>
    sql`node = ${u64(node)} AND seq > ${u64(afterSeq)} AND seq <= ${u64(upToSeq)} AND ${searchCondition(query, at, reading)}`;
  const last = eventsWhere(where, (from) => sql`SELECT ${EVENT_SELECT} FROM ${from} ORDER BY seq DESC LIMIT ${u64(limit)}`, rejudged);
  const rows = sql`SELECT * FROM ${last} ORDER BY seq DESC LIMIT ${u64(limit)} SETTINGS ${QUERY_SETTINGS}`;
  const count = sql`SELECT count() AS total FROM ${eventsWhere(where, (from) => sql`SELECT 1 FROM ${from}`, rejudged)} SETTINGS ${QUERY_SETTINGS}`;
  const [found, [counted]] = await Promise.all([
    engine.query<EventRow>(rows, boundsWithin(TIMEOUT_MS, 0, limit, signal)),
    engine.query<{ readonly total: string }>(count, boundsWithin(TIMEOUT_MS, 0, 1, signal)),
  ]);
  const events = found.map(rowToEvent).reverse();
  return { events, total: Math.max(Number(counted?.total ?? 0), events.length) };
}

/** The greatest seq of these that is stored; `afterSeq` where none is. Throws EngineError. */
export async function storedUpTo(
  engine: EventEngine,
  { node, afterSeq, upToSeq, signal }: Pick<SinceSearch, 'node' | 'afterSeq' | 'upToSeq' | 'signal'>,
): Promise<number> {
  const statement = sql`SELECT max(seq) AS last FROM ${table} WHERE node = ${u64(node)} AND seq > ${u64(afterSeq)} AND seq <= ${u64(upToSeq)}`;
  const [row] = await engine.query<{ readonly last: string }>(statement, boundsWithin(TIMEOUT_MS, 0, 1, signal));
  return Math.max(Number(row?.last ?? 0), afterSeq);
}
