import { type Sql, sql } from '../sql.ts';
import { ORIGINAL_TEXT } from './text-search.ts';

/** The twin of `OWN_FIELDS` in field-values.ts: fields that every event has outside its `fields`, as text. */
export const OWN_COLUMNS: Readonly<Record<string, Sql>> = {
  'event.id': sql`concat(toString(node), '-', toString(seq))`,
  'event.original': ORIGINAL_TEXT,
  'earshot.source': sql`source`,
  'earshot.hits': sql`toString(length(rules))`,
};

/** The twin of `RULE_FIELDS`: an array with one element for each rule that matched. */
export const RULE_COLUMNS: Readonly<Record<string, Sql>> = {
  'rule.id': sql`rules`,
  'rule.name': sql`arrayMap(h -> JSONExtractString(h, 'title'), JSONExtractArrayRaw(hits))`,
  'rule.level': sql`arrayMap(h -> JSONExtractString(h, 'level'), JSONExtractArrayRaw(hits))`,
};
