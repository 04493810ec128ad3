import { type Sql, sql } from '../../../store/sql.ts';
import { HOLDS, type Lane, orderedRows } from './lane.ts';

const NEVER = sql`toInt64(-9223372036854775808)`;

/**
 * `temporal_ordered` with a number: the moments `p` at which a chain of so many rules ends, in their order, some perhaps left out. For each
 * rule and length, the latest start of such a chain that ends with the rule. All lanes have as many rules.
 *
 * `known[n]`: the latest start of a chain of n that ends with one of the rules so far, by now. `ended[n]`: of one that ends right now.
 */
export function chainLength(lanes: readonly Lane[]): Sql {
  const count = lanes[0]?.correlation.refs.length ?? 0;
  const text = (n: number): Sql => ({ text: `${n}`, params: {} });
  const none = sql`arrayWithConstant(${text(count)}, ${NEVER})`;
  const later = (a: Sql, b: Sql): Sql => sql`arrayMap((a, b) -> greatest(a, b), ${a}, ${b})`;
  const rows = orderedRows(lanes, sql`1`);
  let chains = sql`SELECT i, t, groupUniqArray(ref) AS refs, ${none} AS known, ${none} AS ended FROM ${rows} GROUP BY i, t`;
  for (let ref = 0; ref < count; ref++) {
    const own = sql`SELECT i, t, refs, known, ended, if(has(refs, ${text(ref)}), arrayPopBack(arrayPushFront(known, t)), ${none}) AS own FROM (${chains})`;
    const best = sql`SELECT i, t, refs, known, ${later(sql`ended`, sql`own`)} AS ended, maxForEach(own) OVER (PARTITION BY i ORDER BY t
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS best FROM (${own})`;
    chains = sql`SELECT i, t, refs, ${later(sql`known`, sql`best`)} AS known, ended FROM (${best})`;
  }
  return sql`SELECT i, t AS p, toFloat64(arrayLastIndex(start -> start >= t - spans[i], ended)) AS v FROM (${chains}) WHERE t >= froms[i] AND ${HOLDS}`;
}
