import { COLUMNS } from '../columns.ts';
import { joinSql, type Sql, sql } from '../sql.ts';
import { isJson } from './attr-sql.ts';
import { columnTest } from './column-sql.ts';
import { compileQuery } from './compile-sql.ts';
import { type Leaf, type QueryNode, TIME_FIELDS } from './node.ts';
import { HAS_HITS, RULE_COLUMNS } from './own-columns.ts';
import type { Reading } from './reading.ts';
import { valueTest } from './value-test.ts';

/**
 * The condition of a query as a statement should have it: exact, and where `attrs` must be read, before it a cheap one that every match
 * meets. It keeps the engine from reading `attrs` of rows that cannot match (measured for a rare name, 1 M rows: 135 ms against 340).
 */
export function searchCondition(node: QueryNode, now: number, reading: Reading): Sql {
  const exact = compileQuery(node, now, reading);
  if (reading === 'columns') return exact;
  const cheap = candidate(node, now);
  return cheap ? sql`${cheap} AND ${exact}` : exact;
}

export const conditionOf =
  (node: QueryNode, now: number) =>
  (reading: Reading): Sql =>
    searchCondition(node, now, reading);

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
  if (leaf.type === 'text') return compileQuery(leaf, now, 'anywhere');
  if (leaf.type === 'exists' || TIME_FIELDS.has(leaf.field)) return undefined;
  if (leaf.field === 'earshot.hits') return valueTest(leaf, now).test('0') ? undefined : HAS_HITS;
  const column = COLUMNS.find(({ field, type }) => field === leaf.field && (type === 'word' || type === 'text'));
  const test = valueTest(leaf, now);
  // Of text columns, `attrs` holds but the empty text, and what is no text: `shape` names that.
  if (column === undefined || test.test('')) return undefined;
  const ofRule = Object.hasOwn(RULE_COLUMNS, leaf.field) ? sql`${HAS_HITS} OR` : sql``;
  return sql`(${ofRule} ${columnTest(column, test)} OR ${isJson(leaf.field)})`;
}
