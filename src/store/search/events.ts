import type { Event } from '../../model/event.ts';
import { readEvents } from '../read-events.ts';
import { rowToEvent } from '../row.ts';
import { sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, END_OF_TIME, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { conditionOf } from './candidate.ts';
import { textsOf } from './field-values.ts';
import { type Found, findEvents } from './find-events.ts';
import { patternOf, type QueryNode } from './node.ts';
import { type Position, parseEventId } from './position.ts';

export interface EventSearch {
  readonly query: QueryNode;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly limit: number;
  readonly cursor?: Position | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events of a query, newest first. Pages follow one another without gap or repeat, also while new events come in. Throws EngineError. */
export function searchEvents(engine: EventEngine, search: EventSearch, now: () => number): Promise<Found> {
  const { query, from, to, limit, cursor, signal } = search;
  return findEvents(engine, { condition: conditionOf(query, now()), from, to, direction: 'older', limit, after: cursor, signal }, now);
}

/** The event of an `event.id` such as `1-4711`; undefined when there is none. Throws EngineError. */
export async function oneEvent(engine: EventEngine, id: string, signal?: AbortSignal): Promise<Event | undefined> {
  const identity = parseEventId(id);
  if (identity === undefined) return undefined;
  const where = sql`seq = ${u64(identity.seq)} AND node = ${u64(identity.node)} LIMIT 1`;
  const [row] = await readEvents(engine, where, boundsWithin(REQUEST_TIMEOUT_MS, 0, 1, signal));
  return row && rowToEvent(row);
}

/** What the events around one have in common with it. */
const SURROUNDING_FIELDS = ['user.name', 'source.ip', 'host.name'] as const;

export interface Surroundings {
  readonly event: Event;
  /** The value that the others share; absent when the event has none, and then nothing is around it. */
  readonly value?: string;
  /** Newest first. */
  readonly before: readonly Event[];
  /** Oldest first. */
  readonly after: readonly Event[];
  /** Time or memory ended the search on one side: there may be more. */
  readonly stopped?: 'timeout' | 'memory';
}

export interface SurroundingsSearch {
  readonly by: (typeof SURROUNDING_FIELDS)[number];
  /** How many events at most. */
  readonly before: number;
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
}

/** What the same person, address or host did just before and just after an event. Undefined when there is no such event. Throws EngineError. */
export async function surroundings(
  engine: EventEngine,
  id: string,
  search: SurroundingsSearch,
  now: () => number,
): Promise<Surroundings | undefined> {
  const event = await oneEvent(engine, id, search.signal);
  if (event === undefined) return undefined;
  const [value] = textsOf(event.fields[search.by]);
  if (value === undefined) return { event, before: [], after: [] };
  const query: QueryNode = { type: 'is', field: search.by, pattern: patternOf([value]) };
  return { event, value, ...(await bothSides(engine, event, { ...search, query, from: 0, to: END_OF_TIME }, now)) };
}

/** The events of a query that are nearest to one, on both sides of it. Throws EngineError. */
export async function bothSides(
  engine: EventEngine,
  { timestamp, node, seq }: Event,
  { query, from, to, signal, ...limits }: Omit<EventSearch, 'limit' | 'cursor'> & Pick<SurroundingsSearch, 'before' | 'after'>,
  now: () => number,
): Promise<Pick<Surroundings, 'before' | 'after' | 'stopped'>> {
  const condition = conditionOf(query, now());
  const here = { ts: timestamp, node, seq };
  const side = async (direction: 'older' | 'newer', limit: number): Promise<Found> =>
    limit === 0 ? { events: [] } : findEvents(engine, { condition, from, to, direction, limit, after: here, signal }, now);
  const [before, after] = await Promise.all([side('older', limits.before), side('newer', limits.after)]);
  const stopped = before.stopped ?? after.stopped;
  return { before: before.events, after: after.events, ...(stopped && { stopped }) };
}
