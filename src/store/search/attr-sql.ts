import { type Sql, sql, str } from '../sql.ts';
import type { ValueTest } from './value-test.ts';

/**
 * The column `attrs` in conditions. A value there is text as it is, unless `shape` lists its path: then it is JSON text (a number, a boolean,
 * null, an array, an empty object).
 */
export const isJson = (field: string): Sql => sql`position(concat('\n', shape, '\n'), ${str(`\n${field}\n`)}) > 0`;

export const attr = (field: string): Sql => sql`attrs[${str(field)}]`;

/** Each element of a value as raw JSON; a value that is no array is its own only element. */
export const rawElements = (field: string): Sql =>
  sql`if(startsWith(${attr(field)}, '['), JSONExtractArrayRaw(${attr(field)}), [${attr(field)}])`;

/** The same texts as `textsOf` in field-values.ts. */
function texts(field: string): Sql {
  const elements = sql`arrayFilter(e -> NOT (e = 'null' OR startsWith(e, '[') OR startsWith(e, '{')), ${rawElements(field)})`;
  return sql`arrayMap(e -> if(startsWith(e, '"'), JSONExtractString(e), replaceOne(e, 'e+', 'e')), ${elements})`;
}

/** Does `attrs` hold the field, other than as null, an empty array, or an array of nothing but null? */
export function attrExists(field: string): Sql {
  const someThere = sql`arrayExists(e -> e != 'null', ${rawElements(field)})`;
  return sql`(mapContains(attrs, ${str(field)}) AND (NOT ${isJson(field)} OR ${someThere}))`;
}

/** A test on the field's value in `attrs`, or on any element of it. */
export function attrTest(field: string, test: ValueTest): Sql {
  const ofJson = sql`arrayExists(v -> ${test.sql(sql`v`)}, ${texts(field)})`;
  // What the map has not is read as the empty text. The engine reads the keys once more to ask whether it is there.
  const ofText = test.test('') ? sql`mapContains(attrs, ${str(field)}) AND ${test.sql(attr(field))}` : test.sql(attr(field));
  return sql`if(${isJson(field)}, ${ofJson}, ${ofText})`;
}

/** The texts of the field's value in `attrs`, `Array(String)`. */
export const attrTexts = (field: string): Sql =>
  sql`if(${isJson(field)}, ${texts(field)}, if(mapContains(attrs, ${str(field)}), [${attr(field)}], []))`;
