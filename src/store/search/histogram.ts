import { rejudgedWithin } from '../rejudged.ts';
import { ms, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldKey } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';
import { clampRange, type Window } from './windows.ts';

export interface HistogramSearch {
  readonly query: QueryNode;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Width of a bar in milliseconds; absent: the least round width that gives at most `buckets` bars. */
  readonly intervalMs?: number | undefined;
  readonly buckets?: number | undefined;
  /** Counts by the values of this field; those beyond the most frequent are together under `others`. */
  readonly by?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Histogram {
  readonly intervalMs: number;
  readonly total: number;
  /** Every bar of the range, empty ones too. `start` is a multiple of the width since the epoch. */
  readonly bars: readonly Bar[];
}

export interface Bar {
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly count: number;
  /** Only with `by`. An event counts under its first value; without one, under the empty text. */
  readonly values?: Readonly<Record<string, number>>;
  readonly others?: number;
}

export const MOST_BARS = 1000;
const BARS = 60;
/** So many values have a color of their own. */
export const SERIES = 10;
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const ROUND = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365, 3650].map((n) => n * DAY),
];

/** The width of the bars: as asked for, unless that would be more than {@link MOST_BARS}. */
export function barWidth(span: number, intervalMs: number | undefined, buckets = BARS): number {
  const most = Math.min(buckets, MOST_BARS);
  if (intervalMs !== undefined && span / intervalMs <= MOST_BARS - 1) return intervalMs;
  // One bar more than the span holds, because the first and the last may be cut.
  return ROUND.find((width) => Math.ceil(span / width) + 1 <= Math.max(most, 2)) ?? Math.ceil(span / Math.max(most - 1, 1));
}

/** Counts events over time. Throws EngineError. */
export async function histogram(engine: EventEngine, search: HistogramSearch, now: () => number): Promise<Histogram> {
  const range = clampRange(search);
  const width = barWidth(Math.max(range.to - range.from, 1), search.intervalMs, search.buckets);
  const at = now();
  const where = (reading: Reading) => sql`${between(range.from, range.to)} AND ${searchCondition(search.query, at, reading)}`;
  const bar = sql`intDiv(toUnixTimestamp64Milli(ts), ${ms(width)}) * ${ms(width)} AS start`;
  const rejudged = rejudgedWithin(engine, range);
  const statement = search.by === undefined ? plain(bar, where, rejudged) : byValue(bar, where, search.by, rejudged);
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, (MOST_BARS + 1) * (SERIES + 1), search.signal);
  return barsOf(await engine.query<CountRow>(statement, bounds), range.from, range.to, width, search.by !== undefined);
}

type Where = (reading: Reading) => Sql;

function plain(bar: Sql, where: Where, rejudged: Window | undefined): Sql {
  const counted = eventsWhere(where, (from) => sql`SELECT ${bar}, count() AS n FROM ${from} GROUP BY start`, rejudged);
  return sql`SELECT start, '' AS value, 0 AS other, sum(n) AS count FROM ${counted} GROUP BY start ORDER BY start SETTINGS ${QUERY_SETTINGS}`;
}

function byValue(bar: Sql, where: Where, field: string, rejudged: Window | undefined): Sql {
  const keyed = eventsWhere(
    where,
    (from, reading) => {
      const { key, texts } = fieldKey(field, reading);
      return sql`SELECT start, ${texts(sql`field`)} AS texts, n FROM (SELECT ${bar}, ${key} AS field, count() AS n FROM ${from} GROUP BY start, field)`;
    },
    rejudged,
  );
  const counted = sql`SELECT start, if(empty(texts), '', texts[1]) AS value, sum(n) AS m FROM ${keyed} GROUP BY start, value`;
  const ranked = sql`SELECT start, value, m, dense_rank() OVER (ORDER BY sums DESC, value) > ${u64(SERIES)} AS other
    FROM (SELECT start, value, m, sum(m) OVER (PARTITION BY value) AS sums FROM (${counted}))`;
  return sql`SELECT start, if(other, '', value) AS value, other, sum(m) AS count FROM (${ranked}) GROUP BY start, value, other
    ORDER BY start SETTINGS ${QUERY_SETTINGS}`;
}

interface CountRow {
  readonly start: string;
  readonly value: string;
  readonly other: number;
  readonly count: string;
}

/** Every bar of the range, from what was counted. */
export function barsOf(rows: readonly CountRow[], from: number, to: number, width: number, byField: boolean): Histogram {
  const byStart = Map.groupBy(rows, (row) => Number(row.start));
  const bars: Bar[] = [];
  for (let start = Math.floor(from / width) * width; start < to; start += width) {
    const found = byStart.get(start) ?? [];
    const count = found.reduce((sum, row) => sum + Number(row.count), 0);
    const known = found.filter((row) => row.other === 0);
    const shown = known.reduce((sum, row) => sum + Number(row.count), 0);
    const values = Object.fromEntries(known.map((row) => [row.value, Number(row.count)]));
    bars.push(byField ? { start, count, values, others: count - shown } : { start, count });
  }
  return { intervalMs: width, total: bars.reduce((sum, { count }) => sum + count, 0), bars };
}
