import { COLUMNS } from '../columns.ts';
import { joinSql, type Sql, sql, u64 } from '../sql.ts';
import type { EventEngine, QueryBounds } from '../store.ts';
import { between } from './position.ts';
import type { Window } from './windows.ts';

/** Where a value of a field that has a column may be: in its column alone, or in `attrs` too. */
export type Reading = 'columns' | 'anywhere';

type Where = (reading: Reading) => Sql;
type Select = (from: Sql, reading: Reading) => Sql;

const READINGS: readonly Reading[] = ['columns', 'anywhere'];
const ALL: Sql = sql`${u64(COLUMNS.length)}`;

/**
 * How the events that meet a condition have to be read. Mostly by columns alone, and a long statement is ready to run sooner without its
 * other half (measured, eight fields: 50 ms against 200). For what is counted at one moment: an event that comes in just then may be left out.
 * Throws EngineError.
 */
export async function readingsOf(engine: EventEngine, where: Where, bounds: QueryBounds): Promise<readonly Reading[]> {
  const others = await engine.query(sql`SELECT 1 FROM ${rowsRead('anywhere', where)} LIMIT 1`, { ...bounds, maxRows: 1 });
  return others.length > 0 ? READINGS : ['columns'];
}

/**
 * Events as a table to select from, `where` they meet a condition. Nearly all have everything of a field with a column in that column, and are
 * read so; the few others are found by one narrow column and read in full. In one condition for both, the engine would read `attrs`
 * of all of them (measured, 10 M rows, a month: 2.2 s against 0.2). `select` is a SELECT from what it is given, which ends with a condition.
 * `rejudged`: a stretch that has all the events, where some may have hits that were found later; as `rejudgedWithin` says.
 */
export function eventsWhere(where: Where, select: Select, rejudged?: Window | undefined, readings: readonly Reading[] = READINGS): Sql {
  const found = union(where, select, readings);
  return rejudged === undefined || !NAMES_HITS.test(found.text) ? found : withRejudged(where, select, rejudged, readings);
}

const union = (where: Where, select: Select, readings: readonly Reading[]): Sql =>
  sql`(${joinSql(
    readings.map((reading) => select(rowsRead(reading, where), reading)),
    ' UNION ALL ',
  )})`;

const rowsRead = (reading: Reading, where: Where): Sql =>
  reading === 'columns'
    ? sql`earshot.events WHERE columns_whole = ${ALL} AND ${where('columns')}`
    : sql`earshot.events PREWHERE columns_whole != ${ALL} WHERE ${where('anywhere')}`;

/** The columns that are different in a row that was judged again. */
const NAMES_HITS = /\b(?:rules|hits|hit_rules)\b/;

/** Of events that were judged again, the row of then is left out, and the row of later taken. A rule has left each of them open. */
function withRejudged(where: Where, select: Select, { from, to }: Window, readings: readonly Reading[]): Sql {
  const again = sql`SELECT node, seq FROM earshot.rejudged WHERE ${between(from, to)}`;
  const stays = sql`NOT (notEmpty(deferred) AND (node, seq) IN (${again}))`;
  const found = union((reading) => sql`${stays} AND ${where(reading)}`, select, readings);
  return sql`(SELECT * FROM ${found} UNION ALL ${select(sql`earshot.rejudged WHERE ${where('anywhere')}`, 'anywhere')})`;
}
