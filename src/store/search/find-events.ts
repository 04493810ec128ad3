import type { Event } from '../../model/event.ts';
import { readEvents } from '../read-events.ts';
import { rejudgedWithin } from '../rejudged.ts';
import { rowToEvent } from '../row.ts';
import { Param, type Sql, sql, u64 } from '../sql.ts';
import { EngineError, type EventEngine, type QueryBounds } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { between, beyond, type Position } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, expandingWindows, type Window } from './windows.ts';

/** A condition on the event table. */
export type Condition = (reading: Reading) => Sql;

/** A search in one direction of time. */
export interface Hunt extends Window {
  readonly condition: Condition;
  readonly direction: 'older' | 'newer';
  readonly limit: number;
  /** Where the page before ended; the event there is not found again. */
  readonly after?: Position | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Found {
  /** In the direction of the search. */
  readonly events: readonly Event[];
  /** Where the search goes on; absent when the range has been searched to its end. */
  readonly next?: Position;
  /** The time or memory of a request ended the search before the range did; from `next` it goes on. */
  readonly stopped?: 'timeout' | 'memory';
}

/** How many rows are fetched by identity in one statement. */
const CHUNK = 250;

/** Finds the nearest events of a condition: window by window, first where they are, then the rows. Throws EngineError. */
export async function findEvents(engine: EventEngine, hunt: Hunt, now: () => number): Promise<Found> {
  const deadline = now() + REQUEST_TIMEOUT_MS;
  const range = narrowed(clampRange(hunt), hunt);
  const positions: Position[] = [];
  let stop: Pick<Found, 'next' | 'stopped'> | undefined;
  for (const window of expandingWindows(range, hunt.direction, now())) {
    try {
      positions.push(...(await positionsIn(engine, window, hunt, hunt.limit - positions.length, deadline, now())));
    } catch (error) {
      const code = error instanceof EngineError ? error.fault.code : undefined;
      const searched = hunt.direction === 'older' ? window.to < range.to : window.from > range.from;
      if ((code !== 'timeout' && code !== 'memory') || !searched) throw error;
      stop = { next: edgeOf(window, hunt.direction), stopped: code };
    }
    if (stop || positions.length >= hunt.limit) break;
  }
  const last = positions.at(-1);
  if (!stop && last && positions.length >= hunt.limit) stop = { next: last };
  return { events: await fetchEvents(engine, positions, hunt), ...stop };
}

/** The part of the range that lies beyond the page before. */
function narrowed(range: Window, { after, direction }: Hunt): Window {
  if (after === undefined) return range;
  return direction === 'older' ? { ...range, to: Math.min(range.to, after.ts + 1) } : { ...range, from: Math.max(range.from, after.ts) };
}

const edgeOf = (window: Window, direction: Hunt['direction']): Position =>
  direction === 'older' ? { ts: window.to, node: 0, seq: 0 } : { ts: window.from - 1, node: 0xffff, seq: Number.MAX_SAFE_INTEGER };

interface PositionRow {
  readonly ts_ms: string;
  readonly node: number;
  readonly seq: string;
}

/**
 * The engine's filter by the nearest rows so far takes the place of the condition in what is read first, and keeps it from being remembered:
 * a rare value took a fifth longer, and five times as long when asked again. No search was faster by it.
 */
const NO_TOP_K = sql`use_top_k_dynamic_filtering = 0`;

/** Where the nearest events of a window are, at most so many. Throws EngineError. */
export async function positionsIn(
  engine: EventEngine,
  window: Window,
  hunt: Pick<Hunt, 'condition' | 'direction' | 'after' | 'signal'>,
  limit: number,
  deadline: number,
  now: number,
): Promise<Position[]> {
  const { condition, direction, after, signal } = hunt;
  const past = after ? sql`AND ${beyond(after, direction)}` : sql``;
  const order = direction === 'older' ? sql`ts DESC, node DESC, seq DESC` : sql`ts, node, seq`;
  const nearest = eventsWhere(
    (reading) => sql`${between(window.from, window.to)} ${past} AND ${condition(reading)}`,
    (from) => sql`SELECT ts, node, seq FROM ${from} ORDER BY ${order} LIMIT ${u64(limit)}`,
    rejudgedWithin(engine, window),
  );
  const statement = sql`SELECT toUnixTimestamp64Milli(ts) AS ts_ms, node, seq FROM ${nearest}
    ORDER BY ${order} LIMIT ${u64(limit)} SETTINGS ${QUERY_SETTINGS}, ${NO_TOP_K}`;
  const rows = await engine.query<PositionRow>(statement, boundsWithin(deadline, now, limit, signal));
  return rows.map(({ ts_ms, node, seq }) => ({ ts: Number(ts_ms), node: Number(node), seq: Number(seq) }));
}

/** The events at these places, in their order. One that has gone meanwhile (retention) is left out. */
export async function fetchEvents(
  engine: EventEngine,
  positions: readonly Position[],
  { signal, lane }: { readonly signal?: AbortSignal | undefined; readonly lane?: QueryBounds['lane'] },
  size = CHUNK,
): Promise<Event[]> {
  const events = new Map<string, Event>();
  for (let at = 0; at < positions.length; at += size) {
    const chunk = positions.slice(at, at + size);
    const times = chunk.map(({ ts }) => ts);
    const seqs = new Param('Array(UInt64)', `[${[...new Set(chunk.map(({ seq }) => seq))].join(',')}]`);
    const nodes = new Param('Array(UInt16)', `[${[...new Set(chunk.map(({ node }) => node))].join(',')}]`);
    const where = sql`${between(Math.min(...times), Math.max(...times) + 1)} AND node IN ${nodes} AND seq IN ${seqs}`;
    const bounds = { ...boundsWithin(REQUEST_TIMEOUT_MS, 0, size * nodes.value.split(',').length, signal), ...(lane && { lane }) };
    for (const row of await readEvents(engine, where, bounds)) {
      const event = rowToEvent(row);
      events.set(`${event.node}-${event.seq}`, event);
    }
  }
  return positions.flatMap(({ node, seq }) => events.get(`${node}-${seq}`) ?? []);
}
