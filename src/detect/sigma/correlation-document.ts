import type { RuleInfo } from '../../model/detection.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import { Attributes } from './attributes.ts';
import type { CorrelationType } from './correlation.ts';
import { type ConditionPart, readConditionPart } from './correlation-condition.ts';
import type { Faults } from './fault.ts';
import { type Reference, readReferences } from './reference.ts';
import { documentHash, STATUSES, UNSUPPORTED } from './rule.ts';
import type { TaxonomyName } from './taxonomy.ts';
import { parseTimespan } from './timespan.ts';
import { attribute, entries, isMap, isScalar, type Node, scalarText, textList, type YAMLMap } from './yaml-document.ts';

const TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const satisfies readonly CorrelationType[];

const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];

/** A name in `group-by` that stands for another field in each rule. */
export interface Alias {
  readonly name: string;
  readonly node: Node;
  readonly fields: readonly { readonly rule: Reference; readonly field: string }[];
}

/** A correlation document, read and checked by itself; what it refers to is not known yet. */
export interface CorrelationDocument extends RuleInfo, ConditionPart {
  readonly sigmaName: string | undefined;
  readonly file: string;
  readonly line: number;
  readonly node: Node;
  readonly faults: Faults;
  readonly taxonomy: TaxonomyName | undefined;
  readonly type: CorrelationType;
  readonly rules: readonly Reference[];
  readonly groups: readonly Reference[];
  readonly aliases: readonly Alias[];
  readonly timespanMs: number;
  readonly generate: boolean;
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readCorrelation(name: string, map: YAMLMap, faults: Faults, mapping?: 'none'): CorrelationDocument | undefined {
  const before = faults.found.length;
  const head = readHead(name, map, faults, mapping);
  const node = attribute(map, 'correlation');
  if (!isMap(node)) return faults.add(node ?? map, '`correlation` is a map with `type`, `rules` and `timespan`');
  for (const { key, keyNode } of entries(node, faults))
    if (!KEYS.includes(key)) faults.add(keyNode, `\`correlation.${key}\` is not known: there are ${KEYS.join(', ')}`);
  const type = new Attributes(node, faults).oneOf('type', TYPES);
  if (type === undefined && !node.has('type')) faults.add(node, `\`type\` is missing: one of ${TYPES.join(', ')}`);
  const rulesNode = attribute(node, 'rules');
  const rules =
    rulesNode === undefined ? faults.add(node, '`rules` is missing: what is counted') : readReferences(rulesNode, '`rules`', faults);
  const groups = readGroups(node, faults);
  const aliases = readAliases(node, groups, faults);
  const timespanMs = readTimespan(node, faults);
  const generate = readGenerate(map, node, faults);
  const condition = type === undefined ? undefined : readConditionPart(attribute(node, 'condition'), type, node, faults);
  if (faults.found.length > before || type === undefined || rules === undefined || condition === undefined) return undefined;
  const { line } = faults.place(map);
  const groupBy = groups.map(({ text }) => text);
  return { ...head, ...condition, groupBy, file: faults.file, line, node, faults, type, rules, groups, aliases, timespanMs, generate };
}

function readHead(name: string, map: YAMLMap, faults: Faults, mapping: 'none' | undefined) {
  const read = new Attributes(map, faults);
  const sigmaName = read.text('name', false) || undefined;
  if (read.oneOf('status', STATUSES) === 'unsupported') faults.add(attribute(map, 'status'), UNSUPPORTED);
  const { next_steps: nextSteps } = read.earshot(['next_steps'] as const);
  return {
    id: read.id(sigmaName ?? name),
    version: documentHash(map),
    name,
    sigmaName,
    title: read.text('title', true),
    level: read.oneOf<Level>('level', LEVELS) ?? 'medium',
    description: read.text('description', false),
    tags: read.list('tags'),
    falsepositives: read.list('falsepositives'),
    taxonomy: read.taxonomy(mapping),
    nextSteps: nextSteps === undefined ? [] : (textList(nextSteps, faults, '`earshot.next_steps`') ?? []),
  };
}

function readGroups(map: YAMLMap, faults: Faults): readonly Reference[] {
  const node = attribute(map, 'group-by');
  return node === undefined ? [] : (readReferences(node, '`group-by`', faults) ?? []);
}

function readTimespan(map: YAMLMap, faults: Faults): number {
  const node = attribute(map, 'timespan');
  const span = parseTimespan(scalarText(node) ?? '');
  if (!span.ok) faults.add(node ?? map, node === undefined ? `\`timespan\` is missing: ${span.error}` : span.error);
  return span.ok ? span.value : 0;
}

/** The specification has it beside `correlation`, pySigma in it. */
function readGenerate(map: YAMLMap, correlation: YAMLMap, faults: Faults): boolean {
  const values = [attribute(map, 'generate'), attribute(correlation, 'generate')].filter((node) => node !== undefined);
  const [first, second] = values.map((node) => {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    faults.add(node, '`generate` is true or false');
    return false;
  });
  if (second !== undefined && second !== first) faults.add(values[1], '`generate` is there twice, and says two things');
  return first ?? false;
}

function readAliases(map: YAMLMap, groups: readonly Reference[], faults: Faults): readonly Alias[] {
  const node = attribute(map, 'aliases');
  if (node === undefined) return [];
  if (!isMap(node)) {
    faults.add(node, '`aliases` is a map: for each name, the field that it stands for in each rule');
    return [];
  }
  return entries(node, faults).map(({ key, keyNode, value }) => {
    if (!groups.some(({ text }) => text === key))
      faults.lint(keyNode, `the alias \`${key}\` is not in \`group-by\`: it changes nothing there`);
    if (!isMap(value)) faults.add(value ?? keyNode, `the alias \`${key}\` is a map: the field that it stands for in each rule`);
    return { name: key, node: keyNode, fields: isMap(value) ? readAlias(value, faults) : [] };
  });
}

function readAlias(map: YAMLMap, faults: Faults): Alias['fields'] {
  return entries(map, faults).flatMap(({ key, keyNode, value }) => {
    const field = scalarText(value);
    if (field !== undefined && field !== '') return [{ rule: { text: key, node: keyNode }, field }];
    faults.add(value ?? keyNode, 'an alias stands for the name of a field');
    return [];
  });
}
