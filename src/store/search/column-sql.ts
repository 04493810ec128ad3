import type { Column } from '../columns.ts';
import { f64, type Sql, sql, str } from '../sql.ts';
import { addressParam, type ValueTest, withinSql } from './value-test.ts';

/** The column's name as a statement: a name from our own table of columns, never one that a user typed. */
export const named = (column: Column): Sql => ({ text: column.column, params: {} });

/** Is the 0 of a number column a value, and not its default? */
const isZero = ({ field }: Column): Sql => sql`position(concat('\n', zeros, '\n'), ${str(`\n${field}\n`)}) > 0`;

/** Does the typed column hold a value? Its default means: not here. */
export function columnExists(column: Column, name: Sql = named(column)): Sql {
  switch (column.type) {
    case 'words':
      return sql`notEmpty(${name})`;
    case 'word':
    case 'text':
      return sql`${name} != ''`;
    case 'ip':
      return sql`${name} != toIPv6('::')`;
    case 'u8':
    case 'u16':
    case 'u32':
      return sql`(${name} != 0 OR ${isZero(column)})`;
  }
}

/** A test on the typed column's value, as directly as its type allows. */
export function columnTest(column: Column, test: ValueTest): Sql {
  const name = named(column);
  switch (column.type) {
    case 'words':
      return sql`arrayExists(v -> ${test.sql(sql`v`)}, ${name})`;
    case 'word':
    case 'text':
      return test.test('') ? sql`(${columnExists(column)} AND ${test.sql(name)})` : test.sql(name);
    case 'ip':
      return ipTest(column, test);
    case 'u8':
    case 'u16':
    case 'u32':
      return sql`(${test.test('0') ? columnExists(column) : sql`${name} != 0`} AND ${test.numbers ? withinSql(name, test.numbers, f64) : test.sql(sql`toString(${name})`)})`;
  }
}

function ipTest(column: Column, test: ValueTest): Sql {
  const name = named(column);
  if (test.addresses === undefined) {
    return sql`(${columnExists(column)} AND ${test.sql(addressText(name))})`;
  }
  if (test.addresses.first > test.addresses.last) return sql`0`;
  return sql`(${columnExists(column)} AND ${name} BETWEEN ${addressParam(test.addresses.first)} AND ${addressParam(test.addresses.last)})`;
}

/** IPv4 is kept as IPv6 and shown as itself. */
export const addressText = (name: Sql): Sql => sql`replaceRegexpOne(toString(${name}), '^::ffff:([0-9]+[.])', '\\\\1')`;

/** The texts of a value of the typed column, `Array(String)`; `name` is the column, or what stands for it. */
export function columnTexts(column: Column, name: Sql = named(column)): Sql {
  if (column.type === 'words') return sql`arrayMap(w -> toString(w), ${name})`;
  const text = column.type === 'ip' ? addressText(name) : sql`toString(${name})`;
  return sql`if(${columnExists(column, name)}, [${text}], [])`;
}
