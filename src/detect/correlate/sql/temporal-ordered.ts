import { type Sql, sql } from '../../../store/sql.ts';
import { type Lane, orderedRows } from './lane.ts';

const NEVER = sql`toInt64(-9223372036854775808)`;

/**
 * `temporal_ordered` without a number: the moments `p` of the last leg with all others before it, in their order, within the timespan;
 * `start` is the latest possible time of the first one. For each leg, the latest start of a chain that ends with it: a maximum over what the
 * leg before has. Legs of one moment are in either order. All lanes have as many legs.
 */
export function inOrder(lanes: readonly Lane[]): Sql {
  const count = lanes[0]?.legs.length ?? 0;
  const rows = orderedRows(lanes, sql`has(legs[i], ref)`);
  let chains = sql`SELECT i, t, groupUniqArray(ref) AS refs, t AS start FROM ${rows} GROUP BY i, t`;
  for (let leg = 1; leg <= count; leg++) {
    const place: Sql = { text: `${leg}`, params: {} };
    chains = sql`SELECT i, t, refs, max(if(has(refs, legs[i][${place}]), start, ${NEVER})) OVER (PARTITION BY i ORDER BY t
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS start FROM (${chains})`;
  }
  return sql`SELECT i, t AS p, start FROM (${chains}) WHERE t >= froms[i] AND has(refs, legs[i][-1]) AND start >= t - spans[i]`;
}
