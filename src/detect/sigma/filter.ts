import type { RuleFilter } from '../../model/detection.ts';
import { Attributes } from './attributes.ts';
import { readDetection } from './detection.ts';
import type { Faults } from './fault.ts';
import { documentHash } from './head.ts';
import { versionOf } from './identity.ts';
import { type Logsource, logsourceText } from './logsource.ts';
import { type Reference, readReferences } from './reference.ts';
import type { ReadOptions, Rule } from './rule.ts';
import type { TaxonomyName } from './taxonomy.ts';
import { and, type Leaf, or, RECEIVED, type Tree } from './tree.ts';
import { attribute, isMap, isScalar, isSeq, type Node, scalarText, type YAMLMap } from './yaml-document.ts';

/** A filter document, read and checked; not yet joined with the rules it narrows. */
export interface Filter {
  readonly info: RuleFilter;
  readonly document: string;
  readonly logsource: Logsource;
  readonly rules: 'any' | readonly Reference[];
  /** Its condition for rules of a log source: the same name of a field has other paths there. */
  readonly treeFor: (logsource: Logsource) => Tree;
  readonly faults: Faults;
  readonly node: Node;
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readFilter(
  name: string,
  map: YAMLMap,
  faults: Faults,
  { placeholders, mapping, lists, logSources }: ReadOptions,
): Filter | undefined {
  const before = faults.found.length;
  const read = new Attributes(map, faults);
  const logsource = read.logsource();
  const taxonomy = read.taxonomy(mapping) ?? 'sigma';
  const title = read.text('title', true);
  const id = read.id(scalarText(attribute(map, 'name')) ?? name);
  const info = { id, title, file: faults.file, ...readEarshot(read, faults) };
  const node = attribute(map, 'filter');
  if (!isMap(node)) return faults.add(node ?? map, '`filter` is a map with `rules`, search identifiers and a `condition`');
  const rules = readRules(node, faults);
  const treeFor = readFilterTrees(node, faults, { title, taxonomy, logsource: logsource ?? {}, placeholders, lists, logSources });
  if (faults.found.length > before || rules === undefined || logsource === undefined || treeFor === undefined) return undefined;
  if (!hasNot(node)) faults.lint(attribute(node, 'condition'), POLARITY);
  return { info, document: documentHash(map), logsource, rules, treeFor, faults, node };
}

/** What a map of search identifiers and a condition asks for, under the names of fields of each log source. */
export function readFilterTrees(
  node: YAMLMap,
  faults: Faults,
  about: { readonly title: string; readonly taxonomy: TaxonomyName; readonly logsource: Logsource } & Pick<
    ReadOptions,
    'placeholders' | 'lists' | 'logSources'
  >,
): Filter['treeFor'] | undefined {
  const { title, taxonomy, logsource, placeholders, lists, logSources } = about;
  const treeUnder = (of: Logsource, to: Faults) =>
    readDetection(node, { faults: to, placeholders, lists, fieldPaths: logSources.fieldPaths(taxonomy, of) }, 'rules');
  const tree = treeUnder(logsource, faults);
  // Read without a fault once, it has none under other paths.
  return tree && ((of) => labelled(treeUnder(of, faults.aside()) ?? tree, title));
}

function readRules(node: YAMLMap, faults: Faults): Filter['rules'] | undefined {
  const rules = attribute(node, 'rules');
  if (rules === undefined) return faults.add(node, '`filter` needs `rules`: the ids or names of rules, or `any`');
  if (isScalar(rules) && rules.value === 'any') return 'any';
  return readReferences(rules, '`rules`', faults);
}

const POLARITY = 'rules fire only where this condition is true, as in pySigma: to leave out what it describes, write `not` before it';

/** Whether one of its conditions leaves something out. */
export function hasNot(node: YAMLMap): boolean {
  const condition = attribute(node, 'condition');
  const conditions = (isSeq(condition) ? condition.items : [condition]).map((each) => (isScalar(each) ? String(each.value) : ''));
  return conditions.some((text) => /\bnot\b/i.test(text));
}

function readEarshot(read: Attributes, faults: Faults): Pick<RuleFilter, 'reason' | 'author' | 'expiresAt'> {
  const { reason, author, expires } = read.earshot(['reason', 'author', 'expires'] as const);
  const text = (node: Node | undefined, key: string) => {
    const found = scalarText(node);
    if (node !== undefined && found === undefined) faults.add(node, `\`earshot.${key}\` must be text`);
    return found;
  };
  const until = text(expires, 'expires');
  const expiresAt = until === undefined ? undefined : instantOf(until);
  if (expires !== undefined && Number.isNaN(expiresAt)) faults.add(expires, '`earshot.expires` is a day or a time, such as 2026-12-31');
  return { reason: text(reason, 'reason'), author: text(author, 'author'), expiresAt };
}

/** A day begins at midnight UTC; a time without a zone is UTC too, so that a filter ends at the same time everywhere. */
function instantOf(text: string): number {
  const [, day, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  return day === undefined ? Number.NaN : Date.parse(`${day}${time.replace(' ', 'T')}${zone}`);
}

/** In an explanation, a line of a filter says so. */
function labelled(tree: Tree, title: string): Tree {
  if (tree.kind === 'leaf') return { ...tree, label: `filter ${title}: ${tree.label}` };
  if (tree.kind === 'not') return { kind: 'not', child: labelled(tree.child, title) };
  return { kind: tree.kind, children: tree.children.map((child) => labelled(child, title)) };
}

/** All that a filter says of the log source must be what the rule says. */
const covers = (filter: Logsource, rule: Logsource): boolean =>
  (['product', 'category', 'service'] as const).every((key) => filter[key] === undefined || filter[key] === rule[key]);

/** The rule, narrowed by the filters. */
export function narrow(rule: Rule, filters: readonly Filter[]): Rule {
  if (filters.length === 0) return rule;
  return {
    ...rule,
    version: versionOf(rule.version, ...filters.map(({ document }) => document)),
    tree: and([rule.tree, ...filters.map((filter) => untilExpired(filter.treeFor(rule.logsource), filter.info))]),
    filters: [...rule.filters, ...filters.map(({ info }) => info)],
  };
}

/** By the time at which an event was received, so that a replay judges as the first time. */
function untilExpired(tree: Tree, { title, expiresAt }: RuleFilter): Tree {
  if (expiresAt === undefined) return tree;
  const label = `filter ${title}: expired ${new Date(expiresAt).toISOString()}`;
  const expired: Leaf = { kind: 'leaf', fields: [RECEIVED], test: { kind: 'compare', operator: 'gte', number: expiresAt }, label };
  return or([tree, expired]);
}

/** Whether the filter is for the rule that it names; a lint says why not. */
export function isFor(filter: Filter, rule: Rule, { node, text }: Reference): boolean {
  if (covers(filter.logsource, rule.logsource)) return true;
  const theirs = `${logsourceText(filter.logsource)}; \`${text}\` is for ${logsourceText(rule.logsource)}`;
  filter.faults.lint(node, `the filter does not hold for \`${text}\`: it is for ${theirs}`);
  return false;
}

export const coversRule = (filter: Filter, rule: Rule): boolean => covers(filter.logsource, rule.logsource);
