import { type Sql, sql } from '../../../store/sql.ts';
import { countOf, EVENT, eachOnce, type Heads, isFew, isSimple, type Lane, rowsOf } from './lane.ts';

/**
 * How many events, and the sum of their numbers, in each window that ends at an event between `from` and `to`: `i, p, n, s`.
 *
 * Time is cut into pieces a little longer than the timespan, so that a window is the end of one piece and the beginning of the next: a sum
 * from the right and a sum from the left. Nothing is ever subtracted, so a huge number leaves no error behind, and it costs no more than
 * sorting. `rows`: `i, u, n, s`, so many events at a time and their sum; see {@link inOneRow}.
 */
export function addedUp(rows: Sql): Sql {
  const pieces = sql`SELECT i, u, n, s, intDiv(u - froms[i] + spans[i] + 1, spans[i] + 1) AS piece, u >= froms[i] AS wanted FROM (${rows})`;
  // side 0: from the left. side 1: from the right, backwards, for the windows that end in the next piece; each asks where it begins.
  const sides = sql`SELECT i, tupleElement(z, 1) AS side, tupleElement(z, 2) AS piece, tupleElement(z, 3) AS place,
      tupleElement(z, 4) AS asks, tupleElement(z, 5) AS p, tupleElement(z, 6) AS n, tupleElement(z, 7) AS s
    FROM (SELECT i, arrayJoin(arrayConcat(
        [(toUInt8(0), piece, u, wanted, u, n, s), (toUInt8(1), piece + 1, -u, toUInt8(0), u, n, s)],
        if(wanted, [(toUInt8(1), piece, spans[i] - u, toUInt8(1), u, toUInt64(0), toFloat64(0))], []))) AS z
      FROM (${pieces}))`;
  return sql`SELECT i, p, sum(toUInt64(ns)) AS n, sum(ss) AS s
    FROM (SELECT i, p, asks, sum(n) OVER left_to_right AS ns, sum(s) OVER left_to_right AS ss FROM (${sides})
      WINDOW left_to_right AS (PARTITION BY i, side, piece ORDER BY place, asks ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
    WHERE asks GROUP BY i, p`;
}

/** Events that are in every window asked for are one row from the start: of a group with a million of them few are left to sort. */
export const inOneRow = (lanes: readonly Lane[], number: Sql): Sql =>
  sql`SELECT i, if(${STAYS}, froms[i] - 1, t) AS u, count() AS n, sum(x) AS s FROM ${eachOnce(lanes, number)} GROUP BY i, u`;

const STAYS = sql`t < froms[i] AND t >= tos[i] - spans[i]`;

/** The same of events without numbers: those in every window are only counted. */
export function counted(lanes: readonly Lane[], heads: Heads): Sql {
  const stay =
    isFew(lanes) && lanes.every(isSimple)
      ? countOf(lanes, heads, STAYS)
      : sql`(SELECT i, uniqExact(${hasMoments(lanes) ? sql`event, inner` : sql`event`}) AS n
          FROM ${rowsOf(lanes, { columns: sql`${EVENT} AS event, if(moment = 1, ref + 1, 0) AS inner`, where: STAYS })} GROUP BY i)`;
  const moves = eachOnce(lanes, sql`toFloat64(0)`, sql`(t >= froms[i] OR t < tos[i] - spans[i])`);
  return sql`SELECT i, froms[i] - 1 AS u, n, toFloat64(0) AS s FROM ${stay} WHERE n > 0
    UNION ALL SELECT i, t AS u, count() AS n, toFloat64(0) AS s FROM ${moves} GROUP BY i, u`;
}

const hasMoments = (lanes: readonly Lane[]): boolean => lanes.some(({ correlation: { refs } }) => refs.some(({ kind }) => kind !== 'rule'));
