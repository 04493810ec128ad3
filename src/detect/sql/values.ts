import { Param, type Sql, sql, str } from '../../store/sql.ts';

/** A condition on one text. */
export type TextTest = (text: Sql) => Sql;

export const TRUE: Sql = sql`1`;
export const FALSE: Sql = sql`0`;

/** A list of texts as one parameter, so that a rule of a thousand values is not a statement of a thousand conditions. */
export function strs(values: readonly string[]): Param | Sql {
  // The text form of an array has no escape for it, and a statement is read up to it.
  if (values.some((value) => value.includes('\0'))) return sql`[${list(values.map((value) => sql`${str(value)}`))}]`;
  return new Param('Array(String)', `[${values.map((value) => `'${value.replace(/[\\']/g, '\\$&')}'`).join(',')}]`);
}

/** Statements with a separator between them; nothing for none. */
export const list = (parts: readonly Sql[], separator: ', ' | ' AND ' | ' OR ' = ', '): Sql => {
  const params: Record<string, string> = {};
  const texts = parts.map((part) =>
    part.text.replace(/\{(p\d+):([^}]+)\}/g, (_, name: string, type: string) => {
      const own = `p${Object.keys(params).length}`;
      params[own] = part.params[name] ?? '';
      return `{${own}:${type}}`;
    }),
  );
  return { text: texts.join(separator), params };
};

export function all(parts: readonly Sql[]): Sql {
  if (parts.some((part) => part === FALSE)) return FALSE;
  const open = parts.filter((part) => part !== TRUE);
  const [only] = open;
  if (only === undefined) return TRUE;
  return open.length === 1 ? only : sql`(${list(open, ' AND ')})`;
}

export function any(parts: readonly Sql[]): Sql {
  if (parts.some((part) => part === TRUE)) return TRUE;
  const open = parts.filter((part) => part !== FALSE);
  const [only] = open;
  if (only === undefined) return FALSE;
  return open.length === 1 ? only : sql`(${list(open, ' OR ')})`;
}

export const no = (part: Sql): Sql => (part === TRUE ? FALSE : part === FALSE ? TRUE : sql`NOT ${part}`);
