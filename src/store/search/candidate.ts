import { COLUMNS } from '../columns.ts';
import { joinSql, type Sql, sql, str } from '../sql.ts';
import { isJson } from './attr-sql.ts';
import { columnTest } from './column-sql.ts';
import { compileQuery } from './compile-sql.ts';
import { type Leaf, type QueryNode, TIME_FIELDS } from './node.ts';
import { RULE_COLUMNS } from './own-columns.ts';
import { valueTest } from './value-test.ts';

/**
 * The condition of a query as a statement should have it: exact, and before it a cheap one that every match meets. A field with a column
 * may have its value in `attrs` too, which costs several times as much to read; the cheap condition keeps the engine from reading it for
 * rows that cannot match (measured for a rare name, 1 M rows: 135 ms against 340).
 */
export function searchCondition(node: QueryNode, now: number): Sql {
  const exact = compileQuery(node, now);
  const cheap = candidate(node, now);
  return cheap ? sql`${cheap} AND ${exact}` : exact;
}

/** What every match meets, from columns that are cheap to read. Undefined: nothing is known. */
function candidate(node: QueryNode, now: number): Sql | undefined {
  switch (node.type) {
    case 'and': {
      const parts = node.nodes.flatMap((inner) => candidate(inner, now) ?? []);
      return parts.length > 0 ? sql`(${joinSql(parts, ' AND ')})` : undefined;
    }
    case 'or': {
      const parts = node.nodes.flatMap((inner) => candidate(inner, now) ?? []);
      return parts.length === node.nodes.length ? sql`(${joinSql(parts, ' OR ')})` : undefined;
    }
    // What is true of all matches says nothing of all others.
    case 'not':
    case 'all':
      return undefined;
    default:
      return leafCandidate(node, now);
  }
}

function leafCandidate(leaf: Leaf, now: number): Sql | undefined {
  if (leaf.type === 'text') return compileQuery(leaf, now);
  if (leaf.type === 'exists' || TIME_FIELDS.has(leaf.field)) return undefined;
  // Few events have hits: only of those are the hits read, and `attrs` of no other than those that have the field themselves.
  if (Object.hasOwn(RULE_COLUMNS, leaf.field)) return sql`(notEmpty(rules) OR mapContains(attrs, ${str(leaf.field)}))`;
  if (leaf.field === 'earshot.hits') return valueTest(leaf, now).test('0') ? undefined : sql`notEmpty(rules)`;
  const column = COLUMNS.find(({ field, type }) => field === leaf.field && (type === 'word' || type === 'text'));
  const test = valueTest(leaf, now);
  // Of text columns, `attrs` holds but the empty text, and what is no text: `shape` names that.
  return column && !test.test('') ? sql`(${columnTest(column, test)} OR ${isJson(leaf.field)})` : undefined;
}
