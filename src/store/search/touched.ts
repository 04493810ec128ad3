import { joinSql, type Sql, sql, u64 } from '../sql.ts';
import { EngineError, type EventEngine } from '../store.ts';
import { boundsWithin } from './bounds.ts';
import { conditionOf } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldTexts } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, expandingWindows, type Window } from './windows.ts';

export interface TouchedSearch extends Window {
  readonly query: QueryNode;
  /** What the whole search may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Somebody who acts in the events found. */
export interface Toucher {
  /** As the events spell it; '' for the events that name nobody. */
  readonly name: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** What they did, the most frequent first; '' where the event does not say. */
  readonly actions: readonly { readonly action: string; readonly count: number }[];
}

export interface Touched {
  /** How many events there are. */
  readonly total: number;
  /** The most frequent first. */
  readonly by: readonly Toucher[];
  /** There are more names than were looked at. */
  readonly more: boolean;
  /** From here on, up to the end of the range, everything was looked at: later than its beginning where the search was cut. */
  readonly searchedFrom: number;
  /** What cut it. */
  readonly stopped?: 'timeout' | 'memory';
}

/** Names of one window, and actions of one name. */
const MOST_NAMES = 500;
const MOST_ACTIONS = 8;
/** Characters of a name: what is longer is none. */
const NAME = 200;

/** Whose deed an event is, the surest first. */
const ACTING = ['user.name', 'user.email', 'source.user.name', 'user.id'] as const;

interface TouchedRow {
  readonly key: string;
  readonly name: string;
  readonly count: string;
  readonly first: string;
  readonly last: string;
  readonly actions: readonly string[];
  readonly times: readonly string[];
  readonly total: string;
  readonly names: string;
}

/** Who acts in the events of a query, the newest stretch first: where time or memory ends it, what was found until then counts. Throws EngineError. */
export async function whoTouched(engine: EventEngine, search: TouchedSearch, now: () => number): Promise<Touched> {
  const deadline = now() + search.timeoutMs;
  const range = clampRange(search);
  const found: TouchedRow[][] = [];
  for (const window of expandingWindows(range, 'older', now())) {
    try {
      found.push(await touchedIn(engine, window, search, deadline, now()));
    } catch (error) {
      const code = error instanceof EngineError ? error.fault.code : undefined;
      if (code !== 'timeout' && code !== 'memory') throw error;
      return { ...merged(found), searchedFrom: window.to, stopped: code };
    }
  }
  return { ...merged(found), searchedFrom: range.from };
}

async function touchedIn(
  engine: EventEngine,
  window: Window,
  { query, signal }: TouchedSearch,
  deadline: number,
  now: number,
): Promise<TouchedRow[]> {
  const condition = conditionOf(query, now);
  const acts = eventsWhere(
    (reading) => sql`${between(window.from, window.to)} AND ${condition(reading)}`,
    (rows, reading) => sql`SELECT ts, ${actorOf(reading)} AS who, ${firstText('event.action', reading)} AS did FROM ${rows}`,
  );
  const deeds = sql`SELECT lowerUTF8(who) AS key, any(who) AS spelled, did, count() AS n, min(ts) AS begun, max(ts) AS ended
    FROM ${acts} GROUP BY key, did`;
  const people = sql`SELECT key, any(spelled) AS name, sum(n) AS count, toUnixTimestamp64Milli(min(begun)) AS first,
      toUnixTimestamp64Milli(max(ended)) AS last, arraySlice(arraySort(d -> (-toInt64(d.2), d.1), groupArray((did, n))), 1, ${u64(MOST_ACTIONS)}) AS top
    FROM (${deeds}) GROUP BY key`;
  const statement = sql`SELECT key, name, count, first, last, arrayMap(d -> d.1, top) AS actions, arrayMap(d -> d.2, top) AS times,
      sum(count) OVER () AS total, count() OVER () AS names
    FROM (${people}) ORDER BY count DESC, key LIMIT ${u64(MOST_NAMES)} SETTINGS ${QUERY_SETTINGS}`;
  return engine.query<TouchedRow>(statement, boundsWithin(deadline, now, MOST_NAMES, signal));
}

/** The first text of a field that is none of nothing. */
const firstText = (field: string, reading: Reading): Sql =>
  sql`substringUTF8(arrayFilter(t -> t != '', ${fieldTexts(field, reading)})[1], 1, ${u64(NAME)})`;

function actorOf(reading: Reading): Sql {
  const texts = joinSql(
    ACTING.map((field) => fieldTexts(field, reading)),
    ', ',
  );
  return sql`substringUTF8(arrayFilter(t -> t != '', arrayConcat(${texts}))[1], 1, ${u64(NAME)})`;
}

function merged(windows: readonly (readonly TouchedRow[])[]): Pick<Touched, 'total' | 'by' | 'more'> {
  const byKey = Map.groupBy(windows.flat(), ({ key }) => key);
  return {
    total: windows.reduce((sum, [first]) => sum + Number(first?.total ?? 0), 0),
    by: [...byKey.values()].map(joined).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    more: windows.some((rows) => Number(rows[0]?.names ?? 0) > rows.length),
  };
}

function joined(rows: readonly TouchedRow[]): Toucher {
  return joinTouchers(
    rows.map(({ name, count, first, last, actions, times }) => ({
      name,
      count: Number(count),
      first: Number(first),
      last: Number(last),
      actions: actions.map((action, i) => ({ action, count: Number(times[i] ?? 0) })),
    })),
  );
}

/** The same one under several names, or in several stretches of time: under the first name. */
export function joinTouchers(all: readonly Toucher[]): Toucher {
  const actions = new Map<string, number>();
  for (const { action, count } of all.flatMap((each) => each.actions)) actions.set(action, (actions.get(action) ?? 0) + count);
  return {
    name: all[0]?.name ?? '',
    count: all.reduce((sum, { count }) => sum + count, 0),
    first: all.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
    last: all.reduce((most, { last }) => Math.max(most, last), Number.NEGATIVE_INFINITY),
    actions: [...actions].map(([action, count]) => ({ action, count })).sort((a, b) => b.count - a.count || (a.action < b.action ? -1 : 1)),
  };
}
