import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Level } from '../../model/severity.ts';
import { faultText } from '../sigma/fault.ts';
import { readRules } from '../sigma/load.ts';
import type { Logsource } from '../sigma/logsource.ts';
import { type Expression, isAll, type Scalar } from './expression.ts';

/** Attributes of all documents alike, in the order in which they are written. */
interface Head {
  readonly title: string;
  readonly id: string;
  readonly name: string;
  readonly status: 'experimental';
  readonly description?: string;
  readonly references?: readonly string[];
  readonly tags?: readonly string[];
}

export interface EventRule extends Head {
  readonly taxonomy: 'ecs';
  readonly logsource: Logsource;
  readonly detection: Readonly<Record<string, unknown>>;
  readonly level: Level;
  readonly earshot?: { readonly group_by?: readonly string[]; readonly next_steps?: readonly string[] };
}

/** As Sigma's specification of correlation rules writes it. */
export interface CorrelationRule extends Head {
  readonly taxonomy: 'ecs';
  readonly correlation: {
    readonly type: 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered';
    /** Names of rules. */
    readonly rules: readonly string[];
    readonly 'group-by'?: readonly string[];
    readonly timespan: string;
    readonly aliases?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly condition?: Readonly<Record<string, number | string | readonly string[]>> | string;
  };
  readonly level: Level;
  /** Whether the rules that it counts also alert alone. */
  readonly generate?: boolean;
  readonly earshot?: { readonly next_steps: readonly string[] };
}

/** Compares with what was there before: docs/guides/baselines.md. */
export interface BaselineRule extends Head {
  readonly taxonomy: 'ecs';
  readonly baseline: {
    /** Names of rules. */
    readonly rules: readonly string[];
    readonly 'group-by'?: readonly string[];
    readonly new?: readonly string[];
    readonly against?: 'previous';
    readonly factor?: number;
    readonly or_equal?: boolean;
    readonly least?: number;
    readonly least_norm?: number;
    readonly since?: 'anybody';
    readonly every: string;
    readonly history: string;
    readonly least_history: string;
  };
  readonly level: Level;
}

/** Tells of what does not speak any more: docs/guides/silence.md. */
export interface SilenceRule extends Head {
  readonly taxonomy: 'ecs';
  readonly logsource: Logsource;
  readonly detection?: Readonly<Record<string, unknown>>;
  readonly silence: { readonly of: 'all' | readonly string[]; readonly expect: string; readonly times?: number };
  readonly level: Level;
}

export type RuleDocument = EventRule | CorrelationRule | BaselineRule | SilenceRule;

/** Never changes: the ids of everything imported hang on it. */
const NAMESPACE = 'b7f5a1c0-3c0e-5d5b-9a57-6f0d3b7e2a41';

/** A UUID of version 5 (RFC 9562): the same rule gets the same id in every run. */
function stableId(name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `Many failed logins!` as the name of a file. */
export const fileName = (tool: string, text: string): string =>
  `${tool}_${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')}`.slice(0, 70);

const MAX_TITLE = 256;

/** What rules and correlations have in common. `origin` is the rule's name in its tool: the id is made of it. */
export function head(
  tool: string,
  rule: { origin: string; name: string; title: string; description?: string; references?: readonly string[]; tags?: readonly string[] },
): Head {
  const { description, references = [], tags = [] } = rule;
  return {
    title: rule.title.replace(/\s+/g, ' ').trim().slice(0, MAX_TITLE) || rule.name,
    id: stableId(`${tool}/${rule.origin}`),
    name: rule.name,
    status: 'experimental',
    ...(description !== undefined && description.trim() !== '' && { description: description.trim() }),
    ...(references.length > 0 && { references }),
    ...(tags.length > 0 && { tags }),
  };
}

/** As YAML of ours, documents apart by `---`. */
export const yamlOf = (documents: readonly RuleDocument[]): string =>
  documents.map((document) => stringify(document, { version: '1.2', lineWidth: 140, aliasDuplicateObjects: false })).join('---\n');

/** Why our own reader would not take documents of one file: regular expressions that RE2 does not have, for one. */
export function refusalOf(...documents: readonly RuleDocument[]): string | undefined {
  const { rejected } = readRules(`${documents[0]?.name}.yml`, yamlOf(documents));
  const [first] = rejected;
  return first === undefined ? undefined : faultText(first).replace(/^[^:]*:\d+:\d+: /, '');
}

/** The `detection` of a rule: selections, and a condition over them. */
export function detectionOf(expression: Expression): Readonly<Record<string, unknown>> {
  const selections = new Map<string, unknown>();
  const condition = isAll(expression) ? place(EVERY_EVENT, selections, 'selection') : place(expression, selections, 'selection');
  return { ...Object.fromEntries(selections), condition };
}

/** Every event has a raw message. */
const EVERY_EVENT: Expression = { kind: 'item', key: '', values: ['*'] };

/** Writes an expression's selections, and returns the condition that stands for it. */
function place(expression: Expression, selections: Map<string, unknown>, stem: string): string {
  if (expression.kind === 'item') return select(new Map([[expression.key, expression.values]]), selections, stem);
  if (expression.kind === 'not') {
    const { child } = expression;
    const inner = place(child, selections, 'filter');
    return child.kind === 'item' || child.kind === 'not' || /^\w+$/.test(inner) ? `not ${inner}` : `not (${inner})`;
  }
  if (expression.kind === 'or') {
    return expression.children.map((child) => grouped(place(child, selections, stem))).join(' or ');
  }
  return placeAll(expression.children, selections, stem);
}

/** Items with different fields stand together in one selection. */
function placeAll(children: readonly Expression[], selections: Map<string, unknown>, stem: string): string {
  const together = new Map<string, readonly Scalar[]>();
  const rest: Expression[] = [];
  for (const child of children) {
    if (child.kind === 'item' && child.key !== '' && !together.has(child.key)) together.set(child.key, child.values);
    else rest.push(child);
  }
  const parts = together.size > 0 ? [select(together, selections, stem)] : [];
  parts.push(...rest.map((child) => grouped(place(child, selections, stem))));
  return parts.join(' and ');
}

const grouped = (condition: string): string => (/^(not )?\w+$/.test(condition) ? condition : `(${condition})`);

function select(items: ReadonlyMap<string, readonly Scalar[]>, selections: Map<string, unknown>, stem: string): string {
  const keywords = items.get('');
  const base = keywords === undefined ? stem : 'keywords';
  const taken = [...selections.keys()].filter((name) => name === base || new RegExp(`^${base}_\\d+$`).test(name)).length;
  const name = taken === 0 ? base : `${base}_${taken + 1}`;
  const value = keywords ?? Object.fromEntries([...items].map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
  selections.set(name, value);
  return name;
}
