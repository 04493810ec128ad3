import { EVENTS_TABLE } from '../columns.ts';
import { type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { QUERY_SETTINGS } from './compile-sql.ts';
import { fieldTexts } from './field-texts.ts';
import type { QueryNode } from './node.ts';
import { between } from './position.ts';
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

const table: Sql = { text: EVENTS_TABLE, params: {} };

interface ValueRow {
  readonly value: string;
  readonly count: string;
  readonly distinct: string;
  readonly all: string;
}

/** The most frequent values of a field. Throws EngineError. */
export async function topValues(engine: EventEngine, search: TopSearch, now: () => number): Promise<TopValues> {
  const { from, to } = clampRange(search);
  const where = sql`${between(from, to)} AND ${searchCondition(search.query, now())}`;
  const texts = fieldTexts(search.field);
  const values = sql`SELECT value, count() AS count, count() OVER () AS distinct, sum(count()) OVER () AS all
    FROM (SELECT arrayJoin(arrayDistinct(${texts})) AS value FROM ${table} WHERE ${where})
    GROUP BY value ORDER BY count DESC, value LIMIT ${u64(search.size)} SETTINGS ${QUERY_SETTINGS}`;
  const totals = sql`SELECT count() AS total, countIf(empty(${texts})) AS missing FROM ${table} WHERE ${where} SETTINGS ${QUERY_SETTINGS}`;
  const bounds = boundsWithin(REQUEST_TIMEOUT_MS, 0, Math.max(search.size, 1), search.signal);
  const [rows, [sums]] = await Promise.all([
    engine.query<ValueRow>(values, bounds),
    engine.query<{ readonly total: string; readonly missing: string }>(totals, bounds),
  ]);
  const shown = rows.map(({ value, count }) => ({ value, count: Number(count) }));
  const [first] = rows;
  return {
    total: Number(sums?.total ?? 0),
    missing: Number(sums?.missing ?? 0),
    values: shown,
    distinct: Number(first?.distinct ?? 0),
    others: Number(first?.all ?? 0) - shown.reduce((sum, { count }) => sum + count, 0),
  };
}
