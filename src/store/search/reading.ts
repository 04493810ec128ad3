import { COLUMNS } from '../columns.ts';
import { type Sql, sql, u64 } from '../sql.ts';
import { between } from './position.ts';
import type { Window } from './windows.ts';

/** Where a value of a field that has a column may be: in its column alone, or in `attrs` too. */
export type Reading = 'columns' | 'anywhere';

/**
 * Events as a table to select from, `where` they meet a condition. Nearly all have everything of a field with a column in that column, and are
 * read so; the few others are found by one narrow column and read in full. In one condition for both, the engine would read `attrs`
 * of all of them (measured, 10 M rows, a month: 2.2 s against 0.2). `select` is a SELECT from what it is given, which ends with a condition.
 * `rejudged`: a stretch that has all the events, where some may have hits that were found later; as `rejudgedWithin` says.
 */
export function eventsWhere(
  where: (reading: Reading) => Sql,
  select: (from: Sql, reading: Reading) => Sql,
  rejudged?: Window | undefined,
): Sql {
  const found = union(where, select);
  return rejudged === undefined || !NAMES_HITS.test(found.text) ? found : withRejudged(where, select, rejudged);
}

function union(where: (reading: Reading) => Sql, select: (from: Sql, reading: Reading) => Sql): Sql {
  const all = u64(COLUMNS.length);
  const whole = sql`earshot.events WHERE columns_whole = ${all} AND ${where('columns')}`;
  const others = sql`earshot.events PREWHERE columns_whole != ${all} WHERE ${where('anywhere')}`;
  return sql`(${select(whole, 'columns')} UNION ALL ${select(others, 'anywhere')})`;
}

/** The columns that are different in a row that was judged again. */
const NAMES_HITS = /\b(?:rules|hits|hit_rules)\b/;

/** Of events that were judged again, the row of then is left out, and the row of later taken. A rule has left each of them open. */
function withRejudged(where: (reading: Reading) => Sql, select: (from: Sql, reading: Reading) => Sql, { from, to }: Window): Sql {
  const again = sql`SELECT node, seq FROM earshot.rejudged WHERE ${between(from, to)}`;
  const stays = sql`NOT (notEmpty(deferred) AND (node, seq) IN (${again}))`;
  const found = union((reading) => sql`${stays} AND ${where(reading)}`, select);
  return sql`(SELECT * FROM ${found} UNION ALL ${select(sql`earshot.rejudged WHERE ${where('anywhere')}`, 'anywhere')})`;
}
