import { COLUMNS, type Column } from '../../store/columns.ts';
import { addressText, attr, columnExists, isJson, named, type Reading, rawElements } from '../../store/event-sql.ts';
import { type Sql, sql, str, u64 } from '../../store/sql.ts';
import { RECEIVED } from '../sigma/tree.ts';
import { all, any, FALSE, list, type TextTest, TRUE } from './values.ts';

/** Where a field's value is in a stored event, as conditions. The twin of a path's reader in stream/event-view.ts. */
export interface FieldSql {
  /** There is a value, be it null or empty. */
  readonly there: Sql;
  /** The test is true of one of the value's texts. */
  readonly some: (test: TextTest) => Sql;
  /** The value's texts, `Array(String)`. */
  readonly texts: Sql;
  /** The value is null, or an array with a null in it. */
  readonly isNull: Sql;
  /** The event has fields below this path. */
  readonly below: Sql;
  /**
   * Rows of which the other conditions may say something wrong: values in arrays of maps or of arrays, numbers that an array spells in its own
   * way, texts that are not well-formed.
   */
  readonly odd: Sql;
  /** Its IP column, where the value can be nowhere else. */
  readonly address?: Sql;
}

export function fieldSql(path: string, reading: Reading): FieldSql {
  const own = OWN[path];
  if (Object.hasOwn(OWN, path) && own !== undefined) return { ...oneText(own), odd: path === 'event.original' ? INVALID : FALSE };
  const element = /^(.+)\[(\d{1,4})\]$/.exec(path);
  if (element) return elementSql(path, element[1] ?? '', Number(element[2]), reading);
  const column = COLUMNS.find(({ field }) => field === path);
  const parts = [...(column ? [columnPart(column)] : []), ...(column === undefined || reading === 'anywhere' ? [attrPart(path)] : [])];
  const alone = parts.length === 1;
  return {
    there: any(parts.map(({ there }) => there)),
    some: (test) => any(parts.map(({ some }) => some(test))),
    texts: alone && parts[0] ? parts[0].texts : sql`arrayConcat(${list(parts.map(({ texts }) => texts))})`,
    isNull: any(parts.map(({ isNull }) => isNull)),
    below: below(path),
    odd: any([...parts.map(({ odd }) => odd), ...parentsOdd(path, reading)]),
    ...(alone && column?.type === 'ip' && { address: named(column) }),
  };
}

/** Bytes that are no text: the stream reads each as U+FFFD, the engine takes them as they are. */
export const INVALID: Sql = sql`NOT isValidUTF8(raw)`;

const OWN: Readonly<Record<string, Sql>> = {
  '@timestamp': sql`concat(replaceOne(toString(ts), ' ', 'T'), 'Z')`,
  'event.original': sql`raw`,
  'earshot.source': sql`toString(source)`,
  [RECEIVED]: sql`toString(toUnixTimestamp64Milli(ingested))`,
};

const oneText = (text: Sql): Omit<FieldSql, 'odd'> => ({
  there: TRUE,
  some: (test) => test(text),
  texts: sql`[${text}]`,
  isNull: FALSE,
  below: FALSE,
});

type Part = Omit<FieldSql, 'below' | 'address'>;

function columnPart(column: Column): Part {
  const name = named(column);
  const there = columnExists(column);
  if (column.type === 'words')
    return {
      there,
      some: (test) => sql`arrayExists(w -> ${test(sql`w`)}, ${name})`,
      texts: sql`arrayMap(w -> toString(w), ${name})`,
      isNull: FALSE,
      odd: FALSE,
    };
  const text = column.type === 'ip' ? addressText(name) : column.type.startsWith('u') ? sql`toString(${name})` : name;
  return {
    there,
    some: (test) => all([there, test(text)]),
    texts: sql`if(${there}, [toString(${text})], [])`,
    isNull: FALSE,
    // The engine prints an IPv6 address with few leading bits as if it held an IPv4 address.
    odd: column.type === 'ip' ? sql`(${name} BETWEEN toIPv6('::0.1.0.0') AND toIPv6('::ffff:ffff'))` : FALSE,
  };
}

function attrPart(path: string): Part {
  const json = isJson(path);
  const value = attr(path);
  const there = sql`mapContains(attrs, ${str(path)})`;
  const texts = textsOf(sql`if(startsWith(${value}, '['), ${rawElements(path)}, [${value}])`);
  return {
    there,
    some: (test) => sql`if(${json}, arrayExists(e -> ${test(sql`e`)}, ${texts}), ${all([there, test(value)])})`,
    texts: sql`multiIf(${json}, ${texts}, ${there}, [${value}], [])`,
    isNull: sql`(${json} AND (${value} = 'null' OR (startsWith(${value}, '[') AND has(${rawElements(path)}, 'null'))))`,
    odd: sql`(${json} AND (startsWith(${value}, '"') OR (startsWith(${value}, '[') AND ${oddArray(path)})))`,
  };
}

/** Of elements as JSON, the texts by which they are compared: those of null, maps and arrays are none. */
const textsOf = (elements: Sql): Sql =>
  sql`arrayMap(e -> multiIf(startsWith(e, '"'), JSONExtractString(e), e = '-0', '0', e), arrayFilter(e -> NOT (e = 'null' OR startsWith(e, '[') OR startsWith(e, '{')), ${elements}))`;

const PLAIN_ELEMENT = '^("|null$|true$|false$|-?[1-9][0-9]{0,14}$|0$)';

const oddArray = (path: string): Sql =>
  sql`(position(${attr(path)}, '\\\\ud') > 0 OR arrayExists(e -> NOT match(e, ${str(PLAIN_ELEMENT)}), ${rawElements(path)}))`;

/** A path also leads into the maps of an array: where a parent is an array, only the stream can say. */
function parentsOdd(path: string, reading: Reading): Sql[] {
  const words = path.split('.');
  const parents = words.slice(1).map((_, i) => words.slice(0, i + 1).join('.'));
  return parents
    .filter((parent) => reading === 'anywhere' || COLUMNS.every(({ field }) => field !== parent))
    .map((parent) => sql`(${isJson(parent)} AND startsWith(${attr(parent)}, '['))`);
}

function below(path: string): Sql {
  const columns = COLUMNS.filter(({ field }) => field.startsWith(`${path}.`));
  return any([...columns.map((column) => columnExists(column)), sql`arrayExists(k -> startsWith(k, ${str(`${path}.`)}), mapKeys(attrs))`]);
}

/** `path[n]`: an element of an array, counted from 0. */
function elementSql(path: string, base: string, index: number, reading: Reading): FieldSql {
  const array = fieldSql(base, reading);
  const column = COLUMNS.find(({ field }) => field === base);
  if (Object.hasOwn(OWN, base) || /\[\d{1,4}\]$/.test(base)) return { ...NOTHING, odd: TRUE };
  const parts = [
    ...(column?.type === 'words' ? [elementOf(named(column), index, TRUE)] : []),
    ...(column === undefined || reading === 'anywhere'
      ? [jsonElement(rawElements(base), index, all([isJson(base), sql`startsWith(${attr(base)}, '[')`]))]
      : []),
  ];
  return {
    there: any(parts.map(({ there }) => there)),
    some: (test) => any(parts.map(({ some }) => some(test))),
    texts: sql`arrayConcat(${list([sql`emptyArrayString()`, ...parts.map(({ texts }) => texts)])})`,
    isNull: any(parts.map(({ isNull }) => isNull)),
    below: below(path),
    odd: array.odd,
  };
}

const NOTHING: Omit<FieldSql, 'odd'> = { there: FALSE, some: () => FALSE, texts: sql`emptyArrayString()`, isNull: FALSE, below: FALSE };

function elementOf(array: Sql, index: number, when: Sql): Omit<Part, 'odd'> {
  const there = all([when, sql`length(${array}) > ${u64(index)}`]);
  const element = sql`${array}[${u64(index + 1)}]`;
  return { there, some: (test) => all([there, test(element)]), texts: sql`if(${there}, [toString(${element})], [])`, isNull: FALSE };
}

function jsonElement(array: Sql, index: number, when: Sql): Omit<Part, 'odd'> {
  const there = all([when, sql`length(${array}) > ${u64(index)}`]);
  const texts = textsOf(sql`arraySlice(${array}, ${u64(index + 1)}, 1)`);
  return {
    there,
    some: (test) => all([there, sql`arrayExists(e -> ${test(sql`e`)}, ${texts})`]),
    texts: sql`if(${there}, ${texts}, [])`,
    isNull: all([there, sql`${array}[${u64(index + 1)}] = 'null'`]),
  };
}
