import { type Sql, sql } from '../../../store/sql.ts';
import { type Lane, rowsOf } from './lane.ts';

/**
 * Of the moments `i, p, start` those without what must be absent. Without an order that may be in no window that holds the parts:
 * `[p - timespan, start + timespan]`. With one, in none after the first part: `(start, start + timespan]`.
 */
export function withoutAbsent(lanes: readonly Lane[], moments: Sql, ordered: boolean): Sql {
  const since = ordered ? sql`start + 1` : sql`p - spans[i]`;
  const rows = rowsOf(lanes, { columns: sql`ref`, where: sql`has(absents[i], ref)`, after: sql`spans[i]` });
  return sql`SELECT i, p FROM (
    SELECT l.i AS i, l.p AS p, max(r.there AND r.t <= l.until) AS broken
    FROM (SELECT i, p, start + spans[i] AS until, ${since} AS since, arrayJoin(absents[i]) AS ref FROM (${moments})) AS l
    ASOF LEFT JOIN (SELECT i, ref, t, toUInt8(1) AS there FROM ${rows}) AS r ON l.i = r.i AND l.ref = r.ref AND l.since <= r.t
    GROUP BY i, p) WHERE NOT broken`;
}
