import { rejudgedWithin } from '../rejudged.ts';
import { joinSql, ms, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { conditionOf } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldKey } from './field-texts.ts';
import { barsOf, barWidth, type Histogram, type HistogramSearch, MOST_BARS, SERIES } from './histogram.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading, readingsOf } from './reading.ts';
import { clampRange } from './windows.ts';

export interface SummarySearch extends Pick<HistogramSearch, 'query' | 'from' | 'to' | 'signal'> {
  /** Any but `@timestamp` and `event.ingested`: those are for the histogram. At least one, none twice. */
  readonly fields: readonly string[];
  /** How many values of each. */
  readonly size: number;
  /** Absent: nothing is counted over time. */
  readonly bars?: Pick<HistogramSearch, 'by' | 'buckets' | 'intervalMs'> | undefined;
}

/** All counts are exact, of events. An event with several values counts once under each of them. */
export interface TopValues {
  readonly total: number;
  /** Events without a value. */
  readonly missing: number;
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** How many different values there are, and the sum of the counts of those that are not shown. */
  readonly distinct: number;
  readonly others: number;
}

export interface Summary {
  readonly histogram: Histogram | undefined;
  /** In the order of the fields. */
  readonly top: readonly TopValues[];
}

/** `kind` 0: all events; 1: those without a value; 2: those with this value, or with `other` 1 all that are not shown. */
interface CountRow {
  readonly place: string;
  readonly kind: number;
  readonly start: string;
  readonly value: string;
  readonly other: number;
  readonly count: string;
  /** The last place of these values among all, by how frequent they are. */
  readonly last: string;
}

/**
 * The most frequent values of each field, and the bars, in one pass over the events: a condition that is dear, as one that reads the
 * message, is asked once of each event. Throws EngineError.
 */
export async function summary(engine: EventEngine, search: SummarySearch, now: () => number): Promise<Summary> {
  const { fields, size, bars, signal } = search;
  const { from, to } = clampRange(search);
  const width = bars && barWidth(Math.max(to - from, 1), bars.intervalMs, bars.buckets);
  const condition = conditionOf(search.query, now());
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, fields.length * (size + 3) + (bars ? (MOST_BARS + 1) * (SERIES + 1) : 0), signal);
  const where = (reading: Reading) => sql`${between(from, to)} AND ${condition(reading)}`;
  const grouped = eventsWhere(
    where,
    (rows, reading) => groupedBy(fields, width === undefined ? undefined : { width, by: bars?.by }, rows, reading),
    rejudgedWithin(engine, { from, to }),
    await readingsOf(engine, where, bounds),
  );
  const found = Map.groupBy(await engine.query<CountRow>(ranked(grouped, fields.length, size), bounds), ({ place }) => Number(place));
  return {
    histogram: width === undefined ? undefined : barsOf(found.get(fields.length) ?? [], from, to, width, bars?.by !== undefined),
    top: fields.map((_, place) => topOf(found.get(place) ?? [])),
  };
}

/** Counts by each of the fields, and by bar: `place` says by which, the bars' is the last, and `texts` what its value is. */
function groupedBy(
  fields: readonly string[],
  bars: { readonly width: number; readonly by: string | undefined } | undefined,
  rows: Sql,
  reading: Reading,
): Sql {
  const by = bars?.by;
  // What the bars are counted by may be one of the fields: the same expression under two names would be one key in both sets.
  const keys = [...new Set(by === undefined ? fields : [...fields, by])].map((field, place) => ({
    ...fieldKey(field, reading),
    field,
    name: { text: `k${place}`, params: {} },
  }));
  const own = keys.slice(0, fields.length);
  const byKey = keys.find(({ field }) => field === by);
  const start = bars && sql`intDiv(toUnixTimestamp64Milli(ts), ${ms(bars.width)}) * ${ms(bars.width)}`;
  const last = u64(fields.length);
  const named = joinSql([...keys.map(({ key, name }) => sql`${key} AS ${name}`), ...(start ? [sql`${start} AS start`] : [])], ', ');
  const sets = joinSql(
    [...own.map(({ name }) => sql`(${name})`), ...(start ? [byKey ? sql`(start, ${byKey.name})` : sql`(start)`] : [])],
    ', ',
  );
  const places = joinSql(
    [...(start ? [sql`grouping(start) = 0, ${last}`] : []), ...own.map(({ name }, place) => sql`grouping(${name}) = 0, ${u64(place)}`)],
    ', ',
  );
  const texts = joinSql(
    [
      ...own.map(({ texts: textsOf, name }, place) => sql`place = ${u64(place)}, ${textsOf(name)}`),
      ...(byKey ? [sql`place = ${last}, ${byKey.texts(byKey.name)}`] : []),
    ],
    ', ',
  );
  return sql`SELECT place, ${start ? sql`start` : sql`toInt64(0) AS start`}, multiIf(${texts}, []) AS texts, n
    FROM (SELECT ${named}, multiIf(${places}, ${last}) AS place, count() AS n FROM ${rows} GROUP BY GROUPING SETS (${sets}))`;
}

/** In a bar, an event counts under its first value; without one, under the empty text. */
function ranked(grouped: Sql, barsPlace: number, size: number): Sql {
  const last = u64(barsPlace);
  const kinds = sql`multiIf(place = ${last}, [(2, if(empty(texts), '', texts[1]))], arrayConcat([(0, '')],
    if(empty(texts), [(1, '')], arrayMap(t -> (2, t), arrayDistinct(texts)))))`;
  const counted = sql`SELECT place, start, pair.1 AS kind, pair.2 AS text, sum(n) AS m
    FROM (SELECT place, start, arrayJoin(${kinds}) AS pair, n FROM ${grouped}) GROUP BY place, start, kind, text`;
  return sql`SELECT place, kind, start, rank > if(place = ${last}, ${u64(SERIES)}, ${u64(size)}) AS other, if(other, '', text) AS value,
      sum(m) AS count, max(rank) AS last
    FROM (SELECT *, dense_rank() OVER (PARTITION BY place, kind ORDER BY sums DESC, text) AS rank
      FROM (SELECT *, sum(m) OVER (PARTITION BY place, kind, text) AS sums FROM (${counted})))
    GROUP BY place, kind, start, other, value ORDER BY place, kind, start, other, count DESC, value SETTINGS ${QUERY_SETTINGS}`;
}

function topOf(rows: readonly CountRow[]): TopValues {
  const countOf = (kind: number) => Number(rows.find((row) => row.kind === kind)?.count ?? 0);
  const found = rows.filter(({ kind }) => kind === 2);
  const values = found.filter(({ other }) => other === 0).map(({ value, count }) => ({ value, count: Number(count) }));
  const rest = found.find(({ other }) => other === 1);
  return {
    total: countOf(0),
    missing: countOf(1),
    values,
    distinct: rest === undefined ? values.length : Number(rest.last),
    others: Number(rest?.count ?? 0),
  };
}
