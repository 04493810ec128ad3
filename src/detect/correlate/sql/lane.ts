import { joinSql, Param, type Sql, sql, u64 } from '../../../store/sql.ts';
import type { Bound, Correlation } from '../../sigma/correlation.ts';
import { strs } from '../../sql/values.ts';

/** For each node, the last number up to which everything is in the store: later rows are not looked at, so that no gap is. */
export type Heads = ReadonlyMap<number, number>;

/** One group of one correlation, or of one alternative of it, and where its windows may end. What a statement is about is a list of these. */
export interface Lane {
  /** Lanes of one number are alternatives of one question. */
  readonly question: number;
  readonly correlation: Correlation;
  readonly identity: string;
  readonly groupKey: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly from: number;
  readonly to: number;
  /** Indices of the refs that must be there, ascending; all that are counted, for types that count. */
  readonly legs: readonly number[];
  readonly absent: readonly number[];
  /** Rows, as time and ref, that stand for all before `from`; then it goes alone. Undefined: they are read. */
  readonly before?: readonly (readonly [t: number, ref: number])[];
}

const OPS: readonly Bound['op'][] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];

const numbers = (type: string, values: readonly number[]): Param => new Param(`Array(${type})`, `[${values.join(',')}]`);
const lists = (type: string, values: readonly (readonly number[])[]): Param =>
  new Param(`Array(Array(${type}))`, `[${values.map((each) => `[${each.join(',')}]`).join(',')}]`);

/** The rows of lanes that have {@link Lane.before}, and the others as {@link rowsOf}: `i, t, ref`. */
export function orderedRows(lanes: readonly Lane[], where: Sql): Sql {
  const [lane] = lanes;
  if (lane?.before === undefined) return rowsOf(lanes, { columns: sql`ref`, where });
  const before = new Param('Array(Tuple(Int64, UInt8))', `[${lane.before.map(([t, ref]) => `(${t},${ref})`).join(',')}]`);
  const rows = rowsOf(lanes, { columns: sql`ref`, where: sql`t >= froms[i] AND ${where}` });
  return sql`(SELECT i, t, ref FROM ${rows}
    UNION ALL SELECT toUInt32(1) AS i, tupleElement(z, 1) AS t, tupleElement(z, 2) AS ref FROM (SELECT arrayJoin(${before}) AS z))`;
}

/** What a statement knows of its lanes: arrays, of which `i`, from 1, is the lane. Its first words. */
export function withLanes(lanes: readonly Lane[], heads: Heads): Sql {
  const bounds = lanes.map(({ correlation }) => correlation.bounds);
  return sql`WITH ${strs(lanes.map(({ identity }) => identity))} AS counters, ${strs(lanes.map(({ groupKey }) => groupKey))} AS keys,
    ${numbers(
      'UInt32',
      lanes.map(({ question }) => question),
    )} AS questions,
    ${numbers(
      'Int64',
      lanes.map(({ from }) => from),
    )} AS froms, ${numbers(
      'Int64',
      lanes.map(({ to }) => to),
    )} AS tos,
    ${numbers(
      'Int64',
      lanes.map(({ correlation }) => correlation.timespanMs),
    )} AS spans,
    ${lists(
      'UInt8',
      lanes.map(({ legs }) => legs),
    )} AS legs, ${lists(
      'UInt8',
      lanes.map(({ absent }) => absent),
    )} AS absents,
    ${lists(
      'UInt8',
      bounds.map((each) => each.map(({ op }) => OPS.indexOf(op))),
    )} AS ops,
    ${lists(
      'Float64',
      bounds.map((each) => each.map(({ number }) => number)),
    )} AS numbers,
    ${numbers(
      'Float64',
      lanes.map(({ correlation }) => shareOf(correlation)),
    )} AS shares,
    ${numbers('UInt16', [0, ...heads.keys()])} AS nodes, ${seqs(heads)} AS heads`;
}

/** Which part of the values a percentile is not below. */
export const percentileOf = ({ type, percentile }: Correlation): number => (type === 'value_median' ? 50 : percentile);
const shareOf = (correlation: Correlation): number => percentileOf(correlation) / 100;

/** Moments of inner correlations have node 0 and are always there. */
const seqs = (heads: Heads): Param => new Param('Array(UInt64)', `[${['18446744073709551615', ...heads.values()].join(',')}]`);

/** Whether `v` is within the bounds of the lane `i`. */
export const HOLDS: Sql = sql`arrayAll((op, number) -> multiIf(op = 0, v > number, op = 1, v >= number, op = 2, v < number,
  op = 3, v <= number, op = 4, v = number, v != number), ops[i], numbers[i])`;

/** Lanes of which each is a range of its own. */
export const isFew = (lanes: readonly Lane[]): boolean => lanes.length <= FEW;

/** A lane of a list, as a statement knows it. */
const place = (n: number): Sql => ({ text: `${n + 1}`, params: {} });

/** With so few lanes each is read as a range of its own, which costs least where one has very many rows. */
export const FEW = 4;
const DAY_MS = 86_400_000;

export interface Read {
  /** Expressions over the row's columns and `i`, with their names. */
  readonly columns: Sql;
  /** Which rows, beside those of the lane's groups and times. */
  readonly where?: Sql;
  /** Also what is so much later than the last window, by lane. */
  readonly after?: Sql;
}

/** The rows in the windows of the lanes: `i`, `t` and the columns asked for. */
export function rowsOf(lanes: readonly Lane[], { columns, where = sql`1`, after = sql`0` }: Read): Sql {
  const of = (counter: Sql, i: Sql): Sql => sql`${counter} AND t >= froms[${i}] - spans[${i}] AND t <= tos[${i}] + ${on(after, i)}
    AND day >= ${firstDay(lanes)} AND seq <= transform(node, nodes, heads, toUInt64(0)) AND ${on(where, i)}`;
  if (isFew(lanes)) {
    const each = lanes.map((_, n) => {
      const i = place(n);
      return sql`SELECT toUInt32(${i}) AS i, t, ${columns} FROM earshot.hits
        WHERE ${of(sql`counter = counters[${i}] AND group_key = keys[${i}]`, i)}`;
    });
    return sql`(${joinSql(each, ' UNION ALL ')})`;
  }
  return sql`(SELECT i, t, ${columns} FROM earshot.hits
    INNER JOIN (SELECT toUInt32(tupleElement(z, 1)) AS i, tupleElement(z, 2) AS counter, tupleElement(z, 3) AS group_key
      FROM (SELECT arrayJoin(arrayZip(arrayEnumerate(counters), counters, keys)) AS z)) AS asked USING (counter, group_key)
    WHERE ${of(sql`(counter, group_key) IN (SELECT arrayJoin(arrayZip(counters, keys))) AND t >= arrayMin(arrayMap((a, b) -> a - b, froms, spans))`, sql`i`)})`;
}

const on = (after: Sql, i: Sql): Sql => ({ text: after.text.replaceAll('[i]', `[${i.text}]`), params: after.params });

/** Rows are filed by their day of receipt, and nothing is received before it happens; but clocks go fast. */
function firstDay(lanes: readonly Lane[]): Sql {
  const first = Math.min(...lanes.map(({ from, correlation }) => from - correlation.timespanMs)) - DAY_MS;
  // What a Date can say ends in 1970 and in 2149.
  const day = Math.min(Math.max(Math.floor(first / DAY_MS), 0), 65_535);
  return sql`toDate(${new Param('UInt16', `${day}`)})`;
}

/** An event, or a moment, as one number: with two a million rows take twice as long. No hub counts to 2^48, and a moment has no node. */
export const EVENT: Sql = sql`if(moment = 1, seq, bitOr(bitShiftLeft(seq, 16), toUInt64(node)))`;

/** Each row is an event of its own. */
export const isSimple = ({ correlation: { refs } }: Lane): boolean => refs.length === 1 && refs[0]?.kind === 'rule';

/** An event that several rules hit is one event, with the first rule's value; so is a moment that was written twice. */
export function eachOnce(lanes: readonly Lane[], value: Sql, where: Sql = sql`1`): Sql {
  if (lanes.every(isSimple)) return rowsOf(lanes, { columns: sql`${value} AS x`, where });
  const rows = rowsOf(lanes, { columns: sql`${EVENT} AS event, ref, if(moment = 1, ref + 1, 0) AS inner, ${value} AS value`, where });
  return sql`(SELECT i, any(t) AS t, argMin(value, ref) AS x FROM ${rows} GROUP BY i, event, inner)`;
}

/**
 * How many rows of each lane are in a stretch of time: `i, n`. `lanes`: few and simple. The table's index counts them without reading any,
 * and those above the heads, which it must not count, are found by theirs.
 */
export function countOf(lanes: readonly Lane[], heads: Heads, when: Sql): Sql {
  const above = joinSql(
    [
      sql`node NOT IN ${numbers('UInt16', [0, ...heads.keys()])}`,
      ...[...heads].map(([node, seq]) => sql`(node = ${u64(node)} AND seq > ${u64(seq)})`),
    ],
    ' OR ',
  );
  const each = lanes.flatMap((_, n) => {
    const i = place(n);
    const all = sql`earshot.hits WHERE counter = counters[${i}] AND group_key = keys[${i}] AND ${on(when, i)}`;
    return [
      sql`SELECT toUInt32(${i}) AS i, toInt64(count()) AS n FROM ${all}`,
      sql`SELECT toUInt32(${i}) AS i, -toInt64(count()) AS n FROM ${all} AND (${above})`,
    ];
  });
  return sql`(SELECT i, toUInt64(sum(n)) AS n FROM (${joinSql(each, ' UNION ALL ')}) GROUP BY i)`;
}
