import { type Sql, sql } from '../../../store/sql.ts';
import { HOLDS } from './lane.ts';

/**
 * The moments `p` at which so many different `x` are in the window. Each comes at an event and leaves a timespan later, unless it is there
 * again by then: one pass over comings and goings, whatever the timespan. Of what was there before `from`, only the last of each matters.
 */
export function distinctIn(rows: Sql): Sql {
  const never = sql`toInt64(9223372036854775807)`;
  const seen = sql`SELECT i, x, if(t < froms[i], froms[i] - 1, t) AS u, max(t) AS latest FROM ${rows} GROUP BY i, x, u`;
  const stays = sql`SELECT i, u, latest + spans[i] + 1 AS leaves, leadInFrame(u, 1, ${never})
      OVER (PARTITION BY i, x ORDER BY u ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS again FROM (${seen})`;
  const steps = sql`SELECT i, tupleElement(z, 1) AS p, sum(tupleElement(z, 2)) AS step, max(tupleElement(z, 3)) AS wanted
    FROM (SELECT i, arrayJoin([(u, toInt64(1), u >= froms[i]), (least(leaves, again), toInt64(-1), toUInt8(0))]) AS z FROM (${stays}))
    GROUP BY i, p`;
  return sql`SELECT i, p, v FROM (SELECT i, p, wanted, toFloat64(sum(step)
      OVER (PARTITION BY i ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS v FROM (${steps}))
    WHERE wanted AND ${HOLDS}`;
}
