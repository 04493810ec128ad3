import { RE2JS } from 're2js';
import { f64, ms, Param, type Sql, sql, str } from '../sql.ts';
import { type AddressRange, parseAddress, parseNetwork, printAddress } from './address.ts';
import { caseForms, foldAscii, isAscii } from './case-fold.ts';
import { hasWildcard, type Leaf, type Pattern, plainText } from './node.ts';
import { EVENT_TIME, eventTime, parseTime } from './time-literal.ts';

/**
 * What a leaf asks of one value, given as text, said twice: for the engine and for here. The two must agree on every text;
 * `test/flow/search-differential.test.ts` holds them to it.
 */
export interface ValueTest {
  readonly test: (text: string) => boolean;
  readonly sql: (text: Sql) => Sql;
  /** The same question to an IPv6 column, to a number column: without a way through text. */
  readonly addresses?: AddressRange;
  readonly numbers?: NumberRange;
}

export interface NumberRange {
  readonly lower?: { readonly value: number; readonly inclusive: boolean };
  readonly upper?: { readonly value: number; readonly inclusive: boolean };
}

/** Builds the test of a leaf that asks for values; `now` is what relative times are reckoned from, in milliseconds. */
export function valueTest(leaf: Extract<Leaf, { type: 'is' | 'network' | 'range' }>, now: number): ValueTest {
  if (leaf.type === 'is') return isTest(leaf.pattern);
  if (leaf.type === 'network') return addressTest(parseNetwork(leaf.cidr) ?? { first: 1n, last: 0n });
  switch (leaf.kind) {
    case 'number':
      return numberTest(ends(leaf, Number));
    case 'ip':
      return addressTest(addressEnds(leaf));
    case 'time':
      return timeTest(timeBounds(leaf, now));
    case 'text':
      return orderTest(leaf);
  }
}

const FALSE: Sql = sql`0`;

function isTest(pattern: Pattern): ValueTest {
  const text = plainText(pattern);
  if (hasWildcard(pattern) || !isAscii(text)) return patternTest(wholePattern(pattern));
  const wanted = foldAscii(text);
  const same: ValueTest = { test: (value) => foldAscii(value) === wanted, sql: (value) => sql`lower(${value}) = ${str(wanted)}` };
  const numbers = exactInteger(text);
  if (numbers !== undefined) return { ...same, numbers };
  const address = parseAddress(text);
  if (address === undefined) return same;
  const range = { first: address, last: address };
  const byAddress = addressTest(range);
  return {
    test: (value) => same.test(value) || byAddress.test(value),
    sql: (value) => sql`(${same.sql(value)} OR ${byAddress.sql(value)})`,
    addresses: range,
  };
}

/** A text that is exactly how an integer prints: then a number column can compare as a number. */
function exactInteger(text: string): NumberRange | undefined {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) return undefined;
  const end = { value: Number(text), inclusive: true };
  return { lower: end, upper: end };
}

/** A test by a regular expression in RE2's syntax, over text with A to Z folded; linear in both places. */
function patternTest(expression: string): ValueTest {
  const compiled = RE2JS.compile(expression);
  return { test: (value) => compiled.test(foldAscii(value)), sql: (value) => sql`match(lower(${value}), ${str(expression)})` };
}

function wholePattern(pattern: Pattern): string {
  const [first] = pattern;
  const last = pattern.at(-1);
  const isRun = (piece: Pattern[number] | undefined): boolean => typeof piece === 'object' && piece.wild === '*';
  const body = pattern.slice(isRun(first) ? 1 : 0, pattern.length > 1 && isRun(last) ? -1 : undefined);
  const inner = body.map((piece) => (typeof piece === 'string' ? literal(piece) : piece.wild === '*' ? '.*' : '.')).join('');
  return `(?s)${isRun(first) ? '' : '^'}${inner}${isRun(last) ? '' : '$'}`;
}

/** A text as RE2 reads it literally, each letter outside ASCII in both its cases. */
export function literal(text: string): string {
  return [...foldAscii(text)]
    .map((char) => {
      if (/^[a-z\d_]$/.test(char)) return char;
      const forms = caseForms(char).map((form) => `\\x{${(form.codePointAt(0) ?? 0).toString(16)}}`);
      return forms.length === 1 ? forms[0] : `[${forms.join('')}]`;
    })
    .join('');
}

type RangeLeaf = Extract<Leaf, { type: 'range' }>;

function ends(leaf: RangeLeaf, read: (text: string) => number): NumberRange {
  return {
    ...(leaf.lower && { lower: { value: read(leaf.lower.text), inclusive: leaf.lower.inclusive } }),
    ...(leaf.upper && { upper: { value: read(leaf.upper.text), inclusive: leaf.upper.inclusive } }),
  };
}

export const within = (value: number, { lower, upper }: NumberRange): boolean =>
  (lower === undefined || value > lower.value || (lower.inclusive && value === lower.value)) &&
  (upper === undefined || value < upper.value || (upper.inclusive && value === upper.value));

/** `column` against the ends of a range, which are parameters made by `param`. */
export function withinSql(column: Sql, { lower, upper }: NumberRange, param: (value: number) => Param | Sql): Sql {
  const least = lower && (lower.inclusive ? sql`${column} >= ${param(lower.value)}` : sql`${column} > ${param(lower.value)}`);
  const most = upper && (upper.inclusive ? sql`${column} <= ${param(upper.value)}` : sql`${column} < ${param(upper.value)}`);
  if (least && most) return sql`(${least} AND ${most})`;
  return least ?? most ?? sql`1`;
}

/** What counts as a number inside an event: a JSON number, or a text that could be one. */
const EVENT_NUMBER = '^-?[0-9]{1,40}(?:\\.[0-9]{1,40})?(?:e[+-]?[0-9]{1,3})?$';
const EVENT_NUMBER_PATTERN = new RegExp(EVENT_NUMBER);

function numberTest(numbers: NumberRange): ValueTest {
  return {
    test: (value) => EVENT_NUMBER_PATTERN.test(value) && Number.isFinite(Number(value)) && within(Number(value), numbers),
    sql: (value) => sql`(match(${value}, ${str(EVENT_NUMBER)}) AND ifNull(${withinSql(sql`toFloat64OrNull(${value})`, numbers, f64)}, 0))`,
    numbers,
  };
}

export const addressParam = (address: bigint): Param => new Param('IPv6', printAddress(address));

function addressTest(range: AddressRange): ValueTest {
  if (range.first > range.last) return { test: () => false, sql: () => FALSE, addresses: range };
  return {
    test: (value) => {
      const address = parseAddress(value);
      return address !== undefined && address >= range.first && address <= range.last;
    },
    sql: (value) => sql`ifNull(toIPv6OrNull(${value}) BETWEEN ${addressParam(range.first)} AND ${addressParam(range.last)}, 0)`,
    addresses: range,
  };
}

/** An end that is open goes to the end of its family: `[192.0.2.1 TO *]` holds no IPv6 address. */
function addressEnds({ lower, upper }: RangeLeaf): AddressRange {
  const [low, high] = [lower && parseAddress(lower.text), upper && parseAddress(upper.text)];
  const v4 = (low ?? high ?? 0n) >> 32n === 0xffffn;
  const least = v4 ? 0xffff_0000_0000n : 0n;
  const most = v4 ? 0xffff_ffff_ffffn : (1n << 128n) - 1n;
  return {
    first: low === undefined ? least : low + (lower?.inclusive ? 0n : 1n),
    last: high === undefined ? most : high - (upper?.inclusive ? 0n : 1n),
  };
}

/** The ends of a time range as milliseconds, both inclusive: a day as an upper end means its last millisecond. */
export function timeBounds({ lower, upper }: RangeLeaf, now: number): NumberRange {
  const [from, to] = [lower && parseTime(lower.text, now), upper && parseTime(upper.text, now)];
  return {
    ...(lower && from && { lower: { value: lower.inclusive ? from.first : from.last + 1, inclusive: true } }),
    ...(upper && to && { upper: { value: upper.inclusive ? to.last : to.first - 1, inclusive: true } }),
  };
}

function timeTest(bounds: NumberRange): ValueTest {
  const parsed = (value: Sql): Sql => sql`toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(${value}, 3, 'UTC'))`;
  return {
    test: (value) => {
      const at = eventTime(value);
      return at !== undefined && within(at, bounds);
    },
    sql: (value) =>
      sql`(match(${value}, ${str(EVENT_TIME)}) AND ${value} >= '1970-01-02' AND ifNull(${withinSql(parsed(value), bounds, ms)}, 0))`,
  };
}

/** Texts in the order of their UTF-8 bytes, A to Z folded. */
function orderTest({ lower, upper }: RangeLeaf): ValueTest {
  const low = lower && { bytes: Buffer.from(foldAscii(lower.text)), text: foldAscii(lower.text), inclusive: lower.inclusive };
  const high = upper && { bytes: Buffer.from(foldAscii(upper.text)), text: foldAscii(upper.text), inclusive: upper.inclusive };
  return {
    test: (value) => {
      const bytes = Buffer.from(foldAscii(value));
      const above = low === undefined ? 1 : bytes.compare(low.bytes);
      const below = high === undefined ? -1 : bytes.compare(high.bytes);
      return (above > 0 || (above === 0 && low?.inclusive === true)) && (below < 0 || (below === 0 && high?.inclusive === true));
    },
    sql: (value) => {
      const least = low && (low.inclusive ? sql`lower(${value}) >= ${str(low.text)}` : sql`lower(${value}) > ${str(low.text)}`);
      const most = high && (high.inclusive ? sql`lower(${value}) <= ${str(high.text)}` : sql`lower(${value}) < ${str(high.text)}`);
      return least && most ? sql`(${least} AND ${most})` : (least ?? most ?? sql`1`);
    },
  };
}
