import { joinSql, ms, type Sql, sql, u64 } from '../../../store/sql.ts';
import type { Query } from './ask.ts';
import { type Lane, rowsOf } from './lane.ts';

/** So many rules at most: each order of them that is left is asked for. */
const MOST = 6;

export const canStandFor = ({ legs, correlation: { bounds, refs } }: Lane): boolean => (bounds.length > 0 ? refs : legs).length <= MOST;

/**
 * The rows before `from` that chains of rules in their order can still need, each chain as late as it can begin: the last hit of each
 * rule, the last one of each earlier rule up to then, and so on. Of a million rows these are a few. Throws EngineError.
 */
export async function latestBefore(lane: Lane, query: Query): Promise<[t: number, ref: number][]> {
  const { correlation, legs, from } = lane;
  const isCounted = correlation.bounds.length > 0;
  const order = isCounted ? correlation.refs.map((_, ref) => ref) : legs;
  const found = new Map<string, [t: number, ref: number]>();
  let wanted: [until: number, place: number][] = order.map((_, place) => [from - 1, place]);
  for (const asked = new Set<string>(); wanted.length > 0; ) {
    const parts = wanted.map(([until, at]) => last(lane, order[at] ?? 0, until, at));
    const rows = await query<{ readonly place: number; readonly t: string }>([lane], joinSql(parts, ' UNION ALL '));
    wanted = [];
    for (const { place, t } of rows) {
      found.set(`${t} ${place}`, [Number(t), order[place] ?? 0]);
      for (let before = isCounted ? 0 : place - 1; before >= 0 && before < place; before++) {
        if (asked.has(`${t} ${before}`)) continue;
        asked.add(`${t} ${before}`);
        wanted.push([Number(t), before]);
      }
    }
  }
  return [...found.values()];
}

const last = (lane: Lane, ref: number, until: number, place: number): Sql =>
  sql`SELECT * FROM (SELECT toUInt8(${u64(place)}) AS place, t
    FROM ${rowsOf([lane], { columns: sql`ref`, where: sql`ref = ${u64(ref)} AND t <= ${ms(until)}` })} ORDER BY t DESC LIMIT 1)`;
