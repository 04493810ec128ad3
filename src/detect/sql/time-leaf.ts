import { type Sql, sql, str } from '../../store/sql.ts';
import type { Test, TimePart } from '../sigma/tree.ts';
import { compareSql, NUMBER } from './compare-leaf.ts';
import type { Scope } from './scope.ts';
import { FALSE, type TextTest } from './values.ts';

const DATE = '^[0-9]{4}-[0-9]{2}-[0-9]{2}';
const MINUTE = `${DATE}[T ][0-9]{2}:[0-9]{2}`;

/** Where a part is in a text of ISO 8601, as written there. */
const PLACES: Readonly<Record<Exclude<TimePart, 'week'>, { readonly form: string; readonly text: (text: Sql) => Sql }>> = {
  year: { form: DATE, text: (text) => sql`substring(${text}, 1, 4)` },
  month: { form: DATE, text: (text) => sql`substring(${text}, 6, 2)` },
  day: { form: DATE, text: (text) => sql`substring(${text}, 9, 2)` },
  hour: { form: MINUTE, text: (text) => sql`substring(${text}, 12, 2)` },
  minute: { form: MINUTE, text: (text) => sql`substring(${text}, 15, 2)` },
};

/** A part of a date. That of a number, and the week of a text, are the stream's to say. */
export function timeLeaf(test: Test & { readonly kind: 'time' }, paths: readonly string[], scope: Scope): Sql {
  const { part, operator, number } = test;
  for (const path of paths) if (path !== '@timestamp') scope.addOdd(scope.field(path).some((text) => strange(text, part)));
  if (part === 'week')
    return scope.first(paths, (_, path) => (path === '@timestamp' ? compareSql(sql`toISOWeek(ts, 'UTC')`, operator, number) : FALSE));
  const { form, text: place } = PLACES[part];
  const holds: TextTest = (text) =>
    sql`(match(${text}, ${str(form)}) AND ifNull(${compareSql(sql`toUInt32OrNull(${place(text)})`, operator, number)}, 0))`;
  return scope.some(paths, holds);
}

const strange = (text: Sql, part: TimePart): Sql =>
  part === 'week' ? sql`match(${text}, ${str(`${DATE}|${NUMBER}`)})` : sql`match(${text}, ${str(NUMBER)})`;
