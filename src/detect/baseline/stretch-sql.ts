import { Param, type Sql, sql, str } from '../../store/sql.ts';
import type { Heads } from '../correlate/sql/triggers.ts';
import type { Baseline } from '../sigma/baseline.ts';
import { strs } from '../sql/values.ts';

/** The rows of some entities of one baseline, in `[from, to)`. */
export interface Slice {
  readonly baseline: Pick<Baseline, 'measure' | 'refs'>;
  readonly identity: string;
  readonly groupKeys: readonly string[];
  readonly from: number;
  readonly to: number;
}

const int64 = (value: number): Param => new Param('Int64', `${value}`);
const DAY_MS = 86_400_000;
/** What a `Date` can say ends in 2149. */
const LAST_DAY = 65_535;

const array = (type: string, values: Iterable<number | string>): Param => new Param(`Array(${type})`, `[${[...values].join(',')}]`);

/** Rows up to the heads, so that none is looked at while one before it is still on its way. */
export const upTo = (heads: Heads): Sql =>
  sql`seq <= transform(node, ${array('UInt16', [0, ...heads.keys()])}, ${array('UInt64', [0, ...heads.values()])}, toUInt64(0))`;

/** Rows are filed by their day of receipt, and nothing is received before it happens; but clocks go fast. */
function since(from: number): Sql {
  const day = Math.min(Math.max(Math.floor(from / DAY_MS) - 1, 0), LAST_DAY);
  return sql`t >= ${int64(from)} AND day >= toDate(${new Param('UInt16', `${day}`)})`;
}

/** The rows of one baseline in `[from, to)`. */
export const timesOf = (identity: string, from: number, to: number): Sql =>
  sql`counter = ${str(identity)} AND ${since(from)} AND t < ${int64(to)}`;

export const rowsOf = ({ identity, groupKeys, from, to }: Slice, heads: Heads): Sql =>
  sql`${timesOf(identity, from, to)} AND group_key IN (SELECT arrayJoin(${strs(groupKeys)})) AND ${upTo(heads)}`;

export interface StretchRow {
  readonly group_key: string;
  readonly start: string;
  readonly value: number;
  readonly first: string;
}

/** The value of each stretch, for each entity. `starts`: of the stretches, ascending, from that of `from` on. */
export function stretchValues(slice: Slice, starts: readonly number[], heads: Heads): Sql {
  const stretch = sql`roundDown(t, ${array('Int64', starts)})`;
  if (slice.baseline.measure !== 'sum' || slice.baseline.refs.length === 1)
    return sql`SELECT group_key, ${stretch} AS start, toFloat64(${aggregate(slice.baseline)}) AS value, min(t) AS first
      FROM earshot.hits WHERE ${rowsOf(slice, heads)} GROUP BY group_key, start`;
  // An event that several rules hit counts once, with the first rule's number.
  return sql`SELECT group_key, start, sum(x) AS value, min(at) AS first
    FROM (SELECT group_key, ${stretch} AS start, argMin(number_value, ref) AS x, min(t) AS at
      FROM earshot.hits WHERE ${rowsOf(slice, heads)} GROUP BY group_key, start, node, seq) GROUP BY group_key, start`;
}

function aggregate({ measure }: Slice['baseline']): Sql {
  if (measure === 'sum') return sql`sum(number_value)`;
  return measure === 'distinct' ? sql`uniqExact(text_value)` : sql`uniqExact(node, seq)`;
}

export interface NewsRow {
  readonly group_key: string;
  readonly first: string;
  readonly value: string;
  readonly news: readonly string[];
}

/** So many of the new values are told. */
const TOLD = 10;

/** For each entity, its first moment, and the values that are there from `start` on and not before. */
export const newValues = (slice: Slice, start: number, heads: Heads): Sql =>
  sql`SELECT group_key, min(at) AS first, countIf(at >= ${int64(start)}) AS value,
      arrayMap(x -> x.2, arraySlice(arraySort(groupArrayIf((at, text_value), at >= ${int64(start)})), 1, ${new Param('UInt8', `${TOLD}`)})) AS news
    FROM (SELECT group_key, text_value, min(t) AS at FROM earshot.hits WHERE ${rowsOf(slice, heads)} GROUP BY group_key, text_value)
    GROUP BY group_key`;

/** The first moment of anybody in `[from, to)`; 0 rows where there is none. */
export const firstOfAll = (identity: string, from: number, to: number, heads: Heads): Sql =>
  sql`SELECT min(t) AS first FROM earshot.hits WHERE ${timesOf(identity, from, to)} AND ${upTo(heads)} HAVING count() > 0`;
