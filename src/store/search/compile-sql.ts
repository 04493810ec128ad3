import { COLUMNS } from '../columns.ts';
import { joinSql, ms, type Sql, sql, str } from '../sql.ts';
import { attrExists, attrTest } from './attr-sql.ts';
import { columnExists, columnTest } from './column-sql.ts';
import { hitPattern, isRuleField } from './hit-pattern.ts';
import { type Leaf, type QueryNode, TIME_FIELDS } from './node.ts';
import { HAS_HITS, OWN_COLUMNS, RULE_COLUMNS } from './own-columns.ts';
import type { Reading } from './reading.ts';
import { textSearch } from './text-search.ts';
import { timeBounds, type ValueTest, valueTest, withinSql } from './value-test.ts';

/**
 * Settings that a statement with a compiled query needs: RapidJSON reads integers beyond 64 bits, of which simdjson loses the whole array;
 * and numbers in text are read to the last bit.
 */
export const QUERY_SETTINGS: Sql = sql`allow_simdjson = 0, precise_float_parsing = 1`;

/** Compiles a query to a condition on the event table, 0 or 1 and never NULL. Values and field names are parameters, never text. */
export function compileQuery(node: QueryNode, now: number, reading: Reading): Sql {
  switch (node.type) {
    case 'all':
      return sql`1`;
    case 'and':
    case 'or':
      return sql`(${joinSql(
        node.nodes.map((inner) => compileQuery(inner, now, reading)),
        node.type === 'and' ? ' AND ' : ' OR ',
      )})`;
    case 'not':
      return sql`NOT ${compileQuery(node.node, now, reading)}`;
    default:
      return compileLeaf(node, now, reading);
  }
}

function compileLeaf(leaf: Leaf, now: number, reading: Reading): Sql {
  if (leaf.type === 'text') return textSearch(leaf.pattern).sql;
  if (TIME_FIELDS.has(leaf.field)) return compileTime(leaf, now);
  const own = Object.hasOwn(OWN_COLUMNS, leaf.field) ? OWN_COLUMNS[leaf.field] : undefined;
  const ofRule = Object.hasOwn(RULE_COLUMNS, leaf.field) ? RULE_COLUMNS[leaf.field] : undefined;
  const column = COLUMNS.find((candidate) => candidate.field === leaf.field);
  const inAttrs = column === undefined || reading === 'anywhere';
  if (leaf.type === 'exists') {
    if (own) return sql`1`;
    const parts = [...(ofRule ? [HAS_HITS] : []), ...(column ? [columnExists(column)] : []), ...(inAttrs ? [attrExists(leaf.field)] : [])];
    return sql`(${joinSql(parts, ' OR ')})`;
  }
  const test = valueTest(leaf, now);
  if (own) return sql`(${test.sql(own)})`;
  const parts = [
    ...(ofRule ? [hitTest(leaf, ofRule, test)] : []),
    ...(column ? [columnTest(column, test)] : []),
    ...(inAttrs ? [attrTest(leaf.field, test)] : []),
  ];
  return sql`(${joinSql(parts, ' OR ')})`;
}

/** Whether a hit has such a value. Most are asked for as text: that is a test of the word that stands for the hits. */
function hitTest(leaf: Leaf, ofRule: (hitRules: Sql) => Sql, test: ValueTest): Sql {
  if (leaf.type === 'is' && isRuleField(leaf.field) && test.addresses === undefined)
    return sql`match(lower(hit_rules), ${str(hitPattern(leaf.field, leaf.pattern))})`;
  return sql`(${HAS_HITS} AND arrayExists(v -> ${test.sql(sql`v`)}, ${ofRule(sql`hit_rules`)}))`;
}

function compileTime(leaf: Leaf, now: number): Sql {
  if (leaf.type !== 'range') return leaf.type === 'exists' ? sql`1` : sql`0`;
  const column = leaf.field === '@timestamp' ? sql`ts` : sql`ingested`;
  return withinSql(column, timeBounds(leaf, now), (at) => sql`fromUnixTimestamp64Milli(${ms(at)})`);
}
