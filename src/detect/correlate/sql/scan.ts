import { type Sql, sql } from '../../../store/sql.ts';
import type { Correlation } from '../../sigma/correlation.ts';
import { alternativesOf } from '../temporal.ts';
import { type Lane, rowsOf } from './lane.ts';

/** What is in the windows of a lane, as far as it tells whether to look closer. */
export interface Scanned {
  /** Lane, from 1. */
  readonly i: number;
  /** Rows in all of its windows. */
  readonly n: string;
  readonly refs: readonly number[];
  /** Of the rows between `from` and `to`. */
  readonly first: string;
  readonly last: string;
  readonly negative: 0 | 1;
}

/** {@link Scanned} of the lanes that have a row between `from` and `to`. Most groups have far too few for anything to hold. */
export function scan(lanes: readonly Lane[], where: Sql = sql`1`): Sql {
  const rows = rowsOf(lanes, { columns: sql`ref, number_value`, where });
  return sql`SELECT i, count() AS n, groupUniqArray(ref) AS refs, minIf(t, t >= froms[i]) AS first, max(t) AS last, min(number_value) < 0 AS negative
    FROM ${rows} GROUP BY i HAVING countIf(t >= froms[i]) > 0`;
}

/** The same of lanes that have very many rows, of which only the fresh ones are read: all else may be there. */
export const scanFresh = (lanes: readonly Lane[]): Sql => scan(lanes, sql`t >= froms[i]`);

/** Which of the lanes have a number below zero in their windows: their sums may fall. */
export const below = (lanes: readonly Lane[]): Sql =>
  sql`SELECT DISTINCT i FROM ${rowsOf(lanes, { columns: sql`number_value`, where: sql`number_value < 0` })}`;

/** What of a lane is left to look at closer, by its alternatives; nothing where it can hold nowhere. */
export function closer(lane: Lane, { n, refs, first, last }: Scanned): Lane[] {
  const { correlation } = lane;
  const { type, bounds } = correlation;
  const narrow = { ...lane, from: Number(first), to: Number(last) };
  if (isTemporal(correlation) && bounds.length === 0) {
    const seen = new Set(refs);
    return alternativesOf(correlation)
      .filter(({ present }) => present.length > 0 && present.every((ref) => seen.has(ref)))
      .map(({ present, absent }) => ({ ...narrow, legs: present, absent }));
  }
  const most = isTemporal(correlation)
    ? refs.length
    : type === 'event_count' || type === 'value_count'
      ? Number(n)
      : Number.POSITIVE_INFINITY;
  const tooFew = bounds.some(({ op, number }) => (op === 'gt' ? most <= number : (op === 'gte' || op === 'eq') && most < number));
  return tooFew ? [] : [narrow];
}

const isTemporal = ({ type }: Correlation): boolean => type === 'temporal' || type === 'temporal_ordered';
