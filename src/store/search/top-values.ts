import { joinSql, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { type FieldKey, fieldKey } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { between } from './position.ts';
import { eventsWhere } from './reading.ts';
import { clampRange } from './windows.ts';

export interface TopSearch {
  readonly query: QueryNode;
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Any field but `@timestamp` and `event.ingested`: those are for the histogram. */
  readonly field: string;
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
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

/** `kind` 0: all events; 1: those without a value; 2: those with this value. */
interface KindRow {
  readonly place: string;
  readonly kind: number;
  readonly value: string;
  readonly count: string;
  readonly distinct: string;
  readonly all: string;
}

/** The most frequent values of a field. Throws EngineError. */
export async function topValues(engine: EventEngine, { field, ...search }: TopSearch, now: () => number): Promise<TopValues> {
  const [top] = await topOfEach(engine, { ...search, fields: [field] }, now);
  return top ?? assemble([]);
}

/** The most frequent values of each field, in one pass over the events (measured, six fields of 10 M: 0.4 s against 0.7). Throws EngineError. */
export async function topOfEach(
  engine: EventEngine,
  search: Omit<TopSearch, 'field'> & { readonly fields: readonly string[] },
  now: () => number,
): Promise<TopValues[]> {
  const { from, to } = clampRange(search);
  const at = now();
  const fields = [...new Set(search.fields)];
  if (fields.length === 0) return [];
  const grouped = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${searchCondition(search.query, at, reading)}`,
    (rows, reading) =>
      groupedBy(
        fields.map((field) => fieldKey(field, reading)),
        rows,
      ),
  );
  const kinds = sql`arrayConcat([(0, '')], if(empty(texts), [(1, '')], arrayMap(t -> (2, t), arrayDistinct(texts))))`;
  const statement = sql`SELECT place, kind, value, sum(n) AS count, count() OVER (PARTITION BY place, kind) AS distinct,
      sum(sum(n)) OVER (PARTITION BY place, kind) AS all
    FROM (SELECT place, arrayJoin(${kinds}) AS pair, pair.1 AS kind, pair.2 AS value, n FROM ${grouped})
    GROUP BY place, kind, value ORDER BY place, kind, count DESC, value LIMIT ${u64(search.size)} BY place, kind SETTINGS ${QUERY_SETTINGS}`;
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, fields.length * (search.size + 2), search.signal);
  const byPlace = Map.groupBy(await engine.query<KindRow>(statement, bounds), ({ place }) => Number(place));
  return search.fields.map((field) => assemble(byPlace.get(fields.indexOf(field)) ?? []));
}

/** Counts by each of the keys: `place` says by which, and `texts` what its value is. */
function groupedBy(keys: readonly FieldKey[], rows: Sql): Sql {
  const name = (place: number): Sql => ({ text: `k${place}`, params: {} });
  const named = joinSql(
    keys.map(({ key }, place) => sql`${key} AS ${name(place)}`),
    ', ',
  );
  const sets = joinSql(
    keys.map((_, place) => sql`(${name(place)})`),
    ', ',
  );
  const texts = joinSql(
    keys.map((key, place) => sql`place = ${u64(place)}, ${key.texts(name(place))}`),
    ', ',
  );
  const places = joinSql(
    keys.map((_, place) => sql`grouping(${name(place)}) = 0, ${u64(place)}`),
    ', ',
  );
  return sql`SELECT place, multiIf(${texts}, []) AS texts, n
    FROM (SELECT ${named}, multiIf(${places}, 0) AS place, count() AS n FROM ${rows} GROUP BY GROUPING SETS (${sets}))`;
}

function assemble(rows: readonly KindRow[]): TopValues {
  const countOf = (kind: number) => Number(rows.find((row) => row.kind === kind)?.count ?? 0);
  const found = rows.filter(({ kind }) => kind === 2);
  const values = found.map(({ value, count }) => ({ value, count: Number(count) }));
  return {
    total: countOf(0),
    missing: countOf(1),
    values,
    distinct: Number(found[0]?.distinct ?? 0),
    others: Number(found[0]?.all ?? 0) - values.reduce((sum, { count }) => sum + count, 0),
  };
}
