import type { RuleHit } from '../../model/detection.ts';
import type { Fields, Value } from '../../model/event.ts';
import { originalText, type RawText } from './text-search.ts';

/** What a query is asked of: an event, or as much of it as is at hand. */
export interface Searchable {
  readonly node: number;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly receivedAt: number;
  readonly source: string;
  readonly fields: Fields;
  readonly raw: Buffer;
  readonly hits: readonly RuleHit[];
}

/** A searchable event with its raw text worked out at most once. */
export interface Subject {
  readonly event: Searchable;
  readonly raw: RawText;
}

/** The texts of a field: of a value, or of each element of an array. Null, objects and arrays in arrays have none. */
export function textsOf(value: Value | undefined): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((element: Value) => scalarText(element));
  // A negative zero alone is kept as such; inside an array JSON makes it 0.
  return Object.is(value, -0) ? ['-0'] : scalarText(value);
}

function scalarText(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [`${value}`];
  // The engine writes an exponent without its plus.
  if (typeof value === 'number') return [`${value}`.replace('e+', 'e')];
  return [];
}

/** A value that counts as there: neither null, nor an empty array, nor one of nothing but null. */
export function isThere(value: Value | undefined): boolean {
  if (value === undefined || value === null) return false;
  return !Array.isArray(value) || value.some((element) => element !== null);
}

/** Fields that every event has outside its `fields`, as texts. Times are compared as times, see predicate.ts. */
export const OWN_FIELDS: Readonly<Record<string, (event: Searchable) => readonly string[]>> = {
  'event.id': (event) => [`${event.node}-${event.seq}`],
  'event.original': (event) => [originalText(event.raw)],
  'earshot.source': (event) => [event.source],
  // How many rules matched.
  'earshot.hits': (event) => [`${event.hits.length}`],
};

/** Fields of the rules that matched; the event may have fields of these names too, and both are searched. */
export const RULE_FIELDS: Readonly<Record<string, (hit: RuleHit) => string>> = {
  'rule.id': (hit) => hit.id,
  'rule.name': (hit) => hit.title,
  'rule.level': (hit) => hit.level,
};
