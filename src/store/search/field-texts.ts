import { COLUMNS, type Column } from '../columns.ts';
import { joinSql, type Sql, sql } from '../sql.ts';
import { attrTexts } from './attr-sql.ts';
import { columnTexts } from './column-sql.ts';
import { OWN_COLUMNS, RULE_COLUMNS } from './own-columns.ts';

/** The texts of a field in a row, `Array(String)`: one for a value, one for each element of an array. */
export function fieldTexts(field: string): Sql {
  const own = Object.hasOwn(OWN_COLUMNS, field) ? OWN_COLUMNS[field] : undefined;
  if (own) return sql`[toString(${own})]`;
  const ofRule = Object.hasOwn(RULE_COLUMNS, field) ? RULE_COLUMNS[field] : undefined;
  const column: Column | undefined = COLUMNS.find((candidate) => candidate.field === field);
  const parts = [
    ...(ofRule ? [sql`arrayMap(r -> toString(r), ${ofRule})`] : []),
    ...(column ? [columnTexts(column)] : []),
    attrTexts(field),
  ];
  return parts.length === 1 ? attrTexts(field) : sql`arrayConcat(${joinSql(parts, ', ')})`;
}
