import type { RuleInfo } from '../../model/detection.ts';
import { Attributes } from './attributes.ts';
import type { Faults } from './fault.ts';
import { type Head, readCare, readHead } from './head.ts';
import type { LogSources } from './log-sources.ts';
import { type Reference, readReferences } from './reference.ts';
import type { ReadOptions } from './rule.ts';
import type { TaxonomyName } from './taxonomy.ts';
import { attribute, entries, isMap, isScalar, type Node, scalarText, type YAMLMap } from './yaml-document.ts';

/** A name in `group-by` that stands for another field in each rule. */
export interface Alias {
  readonly name: string;
  readonly node: Node;
  readonly fields: readonly { readonly rule: Reference; readonly field: string }[];
}

/** What documents have in common that count hits of rules: correlations and baselines. What they refer to is not known yet. */
export interface CountingDocument extends RuleInfo, Omit<Head, 'document'> {
  readonly file: string;
  readonly line: number;
  readonly node: YAMLMap;
  readonly faults: Faults;
  readonly taxonomy: TaxonomyName | undefined;
  /** Where fields of the rules are. */
  readonly logSources: LogSources;
  readonly rules: readonly Reference[];
  readonly groups: readonly Reference[];
  readonly aliases: readonly Alias[];
  readonly generate: boolean;
}

/** `node`: the part that says what is counted. `name`: Earshot's name of the document. Where something is wrong, `faults` has it. */
export function readCounting(name: string, map: YAMLMap, node: YAMLMap, faults: Faults, options: ReadOptions): CountingDocument {
  const read = new Attributes(map, faults);
  const { document: version, ...head } = readHead(read, name, map, faults);
  const taxonomy = read.taxonomy(options.mapping);
  const care = readCare(read.earshot(['next_steps', 'maturity'] as const), faults);
  const rulesNode = attribute(node, 'rules');
  if (rulesNode === undefined) faults.add(node, '`rules` is missing: what is counted');
  const rules = rulesNode === undefined ? [] : (readReferences(rulesNode, '`rules`', faults) ?? []);
  const groups = readGroups(node, faults);
  const aliases = readAliases(node, groups, faults);
  const generate = readGenerate(map, node, faults);
  const { line } = faults.place(map);
  const { logSources } = options;
  return {
    ...head,
    ...care,
    version,
    taxonomy,
    logSources,
    groupBy: groups.map(({ text }) => text),
    file: faults.file,
    line,
    node,
    faults,
    rules,
    groups,
    aliases,
    generate,
  };
}

function readGroups(map: YAMLMap, faults: Faults): readonly Reference[] {
  const node = attribute(map, 'group-by');
  return node === undefined ? [] : (readReferences(node, '`group-by`', faults) ?? []);
}

/** The specification has it beside `correlation`, pySigma in it. */
function readGenerate(map: YAMLMap, counting: YAMLMap, faults: Faults): boolean {
  const values = [attribute(map, 'generate'), attribute(counting, 'generate')].filter((node) => node !== undefined);
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
