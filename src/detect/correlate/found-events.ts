import type { Event } from '../../model/event.ts';
import { between, readEvents, rowToEvent } from '../../store/event-sql.ts';
import { Param, sql } from '../../store/sql.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';

/** Events of one statement: one may be 256 KiB. */
const CHUNK = 200;
/** Events that are fetched for one commit; where there are more episodes, fewer of each. */
const MOST = 1_000;
const LEAST = 2;

export interface EventsOf {
  /** `<node>-<seq>` */
  readonly eventIds: readonly string[];
  /** Times of the first and the last, in milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** The events behind episodes, by id, as far as they are still there. Not in the way of people's searches. Throws EngineError. */
export async function foundEvents(engine: EventEngine, episodes: readonly EventsOf[]): Promise<ReadonlyMap<string, Event>> {
  const found = new Map<string, Event>();
  const share = Math.max(LEAST, Math.floor(MOST / Math.max(episodes.length, 1)));
  const ids = [...new Set(episodes.flatMap(({ eventIds }) => spread(eventIds, share)))];
  const from = episodes.reduce((first, { firstAt }) => Math.min(first, firstAt), Number.POSITIVE_INFINITY);
  const to = episodes.reduce((last, { lastAt }) => Math.max(last, lastAt), Number.NEGATIVE_INFINITY);
  for (let at = 0; at < ids.length; at += CHUNK) {
    const places = ids.slice(at, at + CHUNK).map((id) => id.split('-'));
    const list = (type: string, index: 0 | 1) =>
      new Param(`Array(${type})`, `[${[...new Set(places.map((place) => place[index]))].join(',')}]`);
    const where = sql`${between(from, to + 1)} AND node IN ${list('UInt16', 0)} AND seq IN ${list('UInt64', 1)}`;
    for (const row of await readEvents(engine, where, BOUNDS)) {
      const event = rowToEvent(row);
      found.set(`${event.node}-${event.seq}`, event);
    }
  }
  return found;
}

const BOUNDS: QueryBounds = { timeoutMs: 10_000, maxMemoryBytes: 250_000_000, maxRows: 10_000, lane: 'detect' };

/** The first and the last ones. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  const half = Math.ceil(most / 2);
  return [...all.slice(0, half), ...all.slice(all.length - (most - half))];
}
