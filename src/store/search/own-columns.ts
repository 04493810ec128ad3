import { atLeast, LEVELS, type Level } from '../../model/severity.ts';
import { Param, type Sql, sql } from '../sql.ts';
import { ORIGINAL_TEXT } from './text-search.ts';

/** The twin of `OWN_FIELDS` in field-values.ts: fields that every event has outside its `fields`, as text. */
export const OWN_COLUMNS: Readonly<Record<string, Sql>> = {
  'event.id': sql`concat(toString(node), '-', toString(seq))`,
  'event.original': ORIGINAL_TEXT,
  'earshot.source': sql`source`,
  'earshot.hits': sql`toString(length(rules))`,
};

/** The twin of `RULE_FIELDS`: an array with one element for each rule that matched, of the column `hit_rules` or of what stands for it. */
export const RULE_COLUMNS: Readonly<Record<string, (hitRules: Sql) => Sql>> = {
  'rule.id': (hitRules) => sql`arrayMap(h -> h.1, ${hitRulesOf(hitRules)})`,
  'rule.name': (hitRules) => sql`arrayMap(h -> h.3, ${hitRulesOf(hitRules)})`,
  'rule.level': (hitRules) => sql`arrayMap(h -> h.2, ${hitRulesOf(hitRules)})`,
};

export const HAS_HITS: Sql = sql`hit_rules != ''`;

/**
 * Whether a rule of the level or above hit. By the text as our encoder writes it, `[["id","high","title"]]`, which is many times faster than
 * reading it: a comma before and after a whole text is nowhere but around the level.
 */
export function hasHitsFrom(least: Level): Sql {
  if (least === LEVELS[0]) return HAS_HITS;
  const marks = LEVELS.filter((level) => atLeast(level, least)).map((level) => `',"${level}",'`);
  return sql`multiSearchAny(hit_rules, ${new Param('Array(String)', `[${marks.join(',')}]`)})`;
}

/** Id, level and title of each hit, of what the column `hit_rules` holds. */
export const hitRulesOf = (hitRules: Sql): Sql => sql`JSONExtract(${hitRules}, 'Array(Tuple(String, String, String))')`;
