import { type Sql, sql } from '../../../store/sql.ts';
import { HOLDS } from './lane.ts';

/**
 * The moments `p` at which so many different `x` are in the window. Each comes at an event and leaves a timespan later, unless it is there
 * again by then: one pass over comings and goings, whatever the timespan. Of what was there before `from`, only the last of each matters,
 * and what is still there at `to` only comes.
 */
export function distinctIn(rows: Sql): Sql {
  const never = sql`toInt64(9223372036854775807)`;
  const times = sql`SELECT i, x, countIf(t < froms[i]) > 0 AS before, maxIf(t, t < froms[i]) AS latest,
      arraySort(groupUniqArrayIf(t, t >= froms[i])) AS comes, before AND latest >= tos[i] - spans[i] AS stays FROM ${rows} GROUP BY i, x`;
  const seen = sql`SELECT i, comes, stays, if(before, arrayPushFront(comes, froms[i] - 1), comes) AS us,
      if(before, arrayPushFront(comes, latest), comes) AS lasts FROM (${times})`;
  const steps = sql`SELECT i, tupleElement(z, 1) AS p, sum(tupleElement(z, 2)) AS step, max(tupleElement(z, 3)) AS wanted
    FROM (SELECT i, arrayJoin(arrayConcat(arrayMap((u, n) -> (u, toInt64(n = 1 OR NOT stays), u >= froms[i]), us, arrayEnumerate(us)),
        if(stays, [], arrayMap((latest, again) -> (least(latest + spans[i] + 1, again), toInt64(-1), toUInt8(0)),
          lasts, arrayPushBack(arrayPopFront(us), ${never}))))) AS z FROM (${seen}))
    GROUP BY i, p`;
  return sql`SELECT i, p, v FROM (SELECT i, p, wanted, toFloat64(sum(step)
      OVER (PARTITION BY i ORDER BY p ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS v FROM (${steps}))
    WHERE wanted AND ${HOLDS}`;
}
