import { type Sql, sql } from '../../../store/sql.ts';
import type { Counted } from '../counted.ts';
import { sweep, ValuePercentile } from '../windows.ts';
import { eachOnce, type Lane, percentileOf } from './lane.ts';

/** What is in the windows of a lane. */
export interface Numbers {
  /** Lane, from 1. */
  readonly i: number;
  /** Those that come or leave between `from` and `to`, by time. */
  readonly times: readonly string[];
  readonly moving: readonly number[];
  /** Of those that are in every window the ones around the percentile, and how many are below and above these. */
  readonly around: readonly number[];
  readonly below: string;
  readonly above: string;
}

/** A moment of a lane, from 1, and the value of its window. */
export interface Point {
  readonly i: number;
  readonly p: number;
  readonly v: number;
}

/** {@link Numbers} of each lane. Whatever comes or leaves, the percentile is among these: of a million numbers few are read. */
export function numbersIn(lanes: readonly Lane[]): Sql {
  const sorted = sql`SELECT i, arraySort(groupArrayIf(x, stays)) AS staying, arraySort(groupArrayIf((t, x), NOT stays)) AS comings,
      toInt64(floor(shares[i] * (toInt64(length(staying)) - 1))) AS place, toInt64(length(comings)) AS slack
    FROM (SELECT i, t, x, t < froms[i] AND t >= tos[i] - spans[i] AS stays FROM ${eachOnce(lanes, sql`number_value`)}) GROUP BY i`;
  return sql`SELECT i, arrayMap(m -> toString(tupleElement(m, 1)), comings) AS times, arrayMap(m -> tupleElement(m, 2), comings) AS moving,
      greatest(place - slack - 1, 0) AS below, arraySlice(staying, below + 1, 2 * slack + 4) AS around,
      toInt64(length(staying)) - below - toInt64(length(around)) AS above FROM (${sorted})`;
}

/** The moments at which the percentile of the window is so. */
export function percentilePoints(lane: Lane, { i, times, moving, around, below, above }: Numbers): Point[] {
  const { from, correlation } = lane;
  const hits = times.map((time, n): Counted => ({ at: Number(time), ref: 0, event: n, group: [], number: moving[n] ?? 0 }));
  const ends = [Number.NEGATIVE_INFINITY, ...around, Number.POSITIVE_INFINITY].map((number) => ({ number }));
  const window = new ValuePercentile(correlation.bounds, percentileOf(correlation), [...hits, ...ends]);
  window.addMany(Number.NEGATIVE_INFINITY, Number(below));
  for (const number of around) window.addMany(number, 1);
  window.addMany(Number.POSITIVE_INFINITY, Number(above));
  const triggers = sweep(hits, correlation.timespanMs, {
    add: (hit) => window.add(hit),
    remove: (hit) => window.remove(hit),
    holds: (at) => at >= from && window.holds(at),
    get value() {
      return window.value;
    },
  });
  return triggers.map(({ at, value }) => ({ i, p: at, v: value }));
}
