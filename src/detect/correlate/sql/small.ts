import { type Sql, sql } from '../../../store/sql.ts';
import type { Counted } from '../counted.ts';
import { inTime, judge } from '../evaluate.ts';
import { type Lane, rowsOf } from './lane.ts';
import type { Point } from './percentile.ts';

/** The rows of a lane. */
export interface SmallGroup {
  /** Lane, from 1. */
  readonly i: number;
  readonly rows: readonly (readonly [t: string, ref: number, event: string, text: string, number: number])[];
}

/**
 * The rows of lanes of all types in one statement: of a group with few of them it costs far less to read them than to have the engine plan
 * a statement for each type.
 */
export const smallGroups = (lanes: readonly Lane[]): Sql => {
  const columns = sql`ref, concat(toString(node), ' ', toString(seq), ' ', if(moment = 1, toString(ref), '')) AS event, text_value, number_value`;
  return sql`SELECT i, groupUniqArray((t, ref, event, text_value, number_value)) AS rows
    FROM ${rowsOf(lanes, { columns, after: sql`spans[i]` })} GROUP BY i`;
};

/** The moments of a lane at which it holds, as the evaluator finds them. */
export function smallPoints({ correlation, from, to }: Lane, { i, rows }: SmallGroup): Point[] {
  const events = new Map<string, number>();
  const hits = rows.map(([t, ref, event, value, number]): Counted => {
    const known = events.get(event) ?? events.size;
    events.set(event, known);
    return { at: Number(t), ref, event: known, group: [], value, number };
  });
  const { triggers } = judge(correlation, hits.sort(inTime));
  return triggers.flatMap(({ at, value }) => (at >= from && at <= to ? { i, p: at, v: value } : []));
}
