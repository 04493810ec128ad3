import { type Sql, sql } from '../../../store/sql.ts';
import { type Lane, rowsOf } from './lane.ts';

/**
 * `temporal` without a number: the moments `p` at which one of the legs is there and all others were within the timespan; `start` is the
 * time of that which is longest ago. Of what was there before `from`, only the last of each leg matters.
 */
export function together(lanes: readonly Lane[]): Sql {
  const rows = rowsOf(lanes, { columns: sql`ref`, where: sql`has(legs[i], ref)` });
  const last = sql`SELECT i, ref, if(t < froms[i], froms[i] - 1, t) AS u, max(t) AS latest FROM ${rows} GROUP BY i, ref, u`;
  const moments = sql`SELECT i, u, groupArray(ref) AS refs, groupArray(latest) AS times FROM (${last}) GROUP BY i, u`;
  const seen = sql`SELECT i, u, maxMap(refs, times) OVER (PARTITION BY i ORDER BY u ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS seen
    FROM (${moments})`;
  return sql`SELECT i, u AS p, arrayMin(tupleElement(seen, 2)) AS start FROM (${seen})
    WHERE u >= froms[i] AND length(tupleElement(seen, 1)) = length(legs[i]) AND start >= p - spans[i]`;
}
