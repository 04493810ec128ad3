import { COLUMNS, type Column } from '../columns.ts';
import { joinSql, type Sql, sql } from '../sql.ts';
import { attrTexts } from './attr-sql.ts';
import { columnExists, columnTexts, named } from './column-sql.ts';
import { HAS_HITS, OWN_COLUMNS, RULE_COLUMNS } from './own-columns.ts';
import type { Reading } from './reading.ts';

/** What to group rows by so that rows of a group have the same texts, and the texts of such a group, `Array(String)`. */
export interface FieldKey {
  readonly key: Sql;
  readonly texts: (key: Sql) => Sql;
}

/** A field as a key: its column as it is where that holds all, because words are grouped several times faster than arrays of them. */
export function fieldKey(field: string, reading: Reading): FieldKey {
  const column = COLUMNS.find((candidate) => candidate.field === field);
  if (column === undefined || reading === 'anywhere') return { key: fieldTexts(field, reading), texts: (key) => key };
  const ofRule = ruleColumn(field);
  return ofRule ? ruleKey(ofRule, named(column)) : columnKey(column);
}

/**
 * A word for what an event has in both places. Mostly it has a value in one of them, and that is the word: `hit_rules`, which begins with a bracket,
 * or the word of its own. Else it is made of both: a line feed, `hit_rules`, which has none in it, a line feed, and the word of its own. Making
 * words costs several times what grouping by them does, so it is asked first what most events are.
 */
function ruleKey(ofRule: (hitRules: Sql) => Sql, own: Sql): FieldKey {
  const both = sql`toLowCardinality(concat('\n', hit_rules, '\n', ${own}))`;
  return {
    key: sql`multiIf(${own} = '', hit_rules, NOT ${HAS_HITS} AND NOT startsWith(${own}, '\n') AND NOT startsWith(${own}, '['), ${own}, ${both})`,
    texts: (key) => {
      const end = sql`position(${key}, '\n', 2)`;
      const listed = ofRule(sql`if(startsWith(${key}, '['), ${key}, substring(${key}, 2, ${end} - 2))`);
      const its = sql`multiIf(startsWith(${key}, '\n'), substring(${key}, ${end} + 1), startsWith(${key}, '['), '', ${key})`;
      return sql`arrayConcat(${listed}, if(${its} = '', [], [${its}]))`;
    },
  };
}

function columnKey(column: Column): FieldKey {
  const name = named(column);
  switch (column.type) {
    case 'u8':
    case 'u16':
    case 'u32':
      return { key: sql`if(${columnExists(column)}, toInt64(${name}), -1)`, texts: (key) => sql`if(${key} < 0, [], [toString(${key})])` };
    default:
      return { key: name, texts: (key) => columnTexts(column, key) };
  }
}

/** The texts of a field in a row, `Array(String)`: one for a value, one for each element of an array. */
export function fieldTexts(field: string, reading: Reading): Sql {
  const own = Object.hasOwn(OWN_COLUMNS, field) ? OWN_COLUMNS[field] : undefined;
  if (own) return sql`[toString(${own})]`;
  const ofRule = ruleColumn(field);
  const column = COLUMNS.find((candidate) => candidate.field === field);
  const parts = [
    ...(ofRule ? [sql`if(${HAS_HITS}, ${ofRule(sql`hit_rules`)}, [])`] : []),
    ...(column ? [columnTexts(column)] : []),
    ...(column === undefined || reading === 'anywhere' ? [attrTexts(field)] : []),
  ];
  const [first] = parts;
  return parts.length === 1 && first ? first : sql`arrayConcat(${joinSql(parts, ', ')})`;
}

const ruleColumn = (field: string): ((hitRules: Sql) => Sql) | undefined =>
  Object.hasOwn(RULE_COLUMNS, field) ? RULE_COLUMNS[field] : undefined;
