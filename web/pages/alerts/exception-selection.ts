import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';

/** What an exception can be about: a field with the values that the alert has of it. */
export interface Trait {
  readonly field: string;
  readonly values: readonly string[];
  /** The alert is grouped by it: it is what tells this alert from others of its rule. */
  readonly isGroup: boolean;
}

/**
 * The rules that an exception from the alert is made of: an event is excepted from those that found it. What must be absent has found
 * nothing: an exception there would tell of more. Empty where there are none, as of silence.
 */
export function exceptedRules({ rule_id, details }: Pick<AlertDetailJson, 'rule_id' | 'details'>): readonly string[] {
  if (details === undefined) return [rule_id];
  if (details.kind === 'silence') return [];
  if (details.kind === 'baseline') return [...new Set(details.rule_ids)];
  const found = details.rules.filter(({ count }) => count > 0);
  return [...new Set(found.flatMap(({ rule_id: id, counted_rule_ids: behind }) => behind ?? [id]))];
}

const FIELDS: readonly (readonly [field: string, of: (event: Evidence) => string | undefined])[] = [
  ['user.name', (event) => event.user],
  ['user.target.name', (event) => event.target_user],
  ['host.name', (event) => event.host],
  ['source.ip', (event) => event.source_ip],
  ['event.action', (event) => event.action],
];
type Evidence = AlertDetailJson['evidence'][number];

/** Values longer than evidence shows them are cut there, and would except nothing. */
const MOST_VALUE = 255;
const MOST_VALUES = 10;

/** What the alert is grouped by, then what its evidence says, then what the rule matched. Each field once. */
export function traitsOf({ group, evidence }: Pick<AlertDetailJson, 'group' | 'evidence'>): Trait[] {
  const found = new Map<string, Trait>();
  const add = (field: string, all: readonly (string | undefined)[], isGroup: boolean) => {
    const values = [...new Set(all)].filter((value) => value !== undefined && value !== '' && value.length <= MOST_VALUE) as string[];
    if (!found.has(field) && values.length > 0 && values.length <= MOST_VALUES) found.set(field, { field, values, isGroup });
  };
  for (const [field, value] of Object.entries(group)) add(field, [value], true);
  for (const [field, of] of FIELDS) add(field, evidence.map(of), false);
  const matched = Map.groupBy(
    evidence.flatMap(({ matches }) => matches),
    ({ field }) => field,
  );
  for (const [field, matches] of matched)
    if (field !== 'keyword')
      add(
        field,
        matches.map(({ value }) => value),
        false,
      );
  return [...found.values()];
}

/** Sigma takes `*` and `?` for anything: with a backslash before them, they mean themselves. */
const literal = (value: string): string => JSON.stringify(value.replace(/[\\*?]/g, '\\$&'));
const key = (field: string): string => (/^[\w.-]+$/.test(field) ? field : JSON.stringify(field));

/** The selection of an exception: all of these fields have one of these values. */
export function selectionOf(traits: readonly Trait[]): string {
  const lines = traits.flatMap(({ field, values }) =>
    values.length === 1
      ? `  ${key(field)}: ${literal(values[0] ?? '')}`
      : [`  ${key(field)}:`, ...values.map((each) => `    - ${literal(each)}`)],
  );
  return ['known:', ...lines, 'condition: not known', ''].join('\n');
}

/** `user.name is eve and host.name is web01 or web02` */
export const traitsText = (traits: readonly Trait[]): string =>
  traits.map(({ field, values }) => `${field} is ${values.join(' or ')}`).join(' and ');
