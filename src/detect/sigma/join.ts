import type { Baseline } from './baseline.ts';
import type { BaselineDocument } from './baseline-document.ts';
import type { Correlation } from './correlation.ts';
import type { CorrelationDocument } from './correlation-document.ts';
import type { Faults } from './fault.ts';
import { coversRule, type Filter, isFor, narrow } from './filter.ts';
import { joinBaselines } from './join-baselines.ts';
import { type Countable, joinCorrelations } from './join-correlations.ts';
import { type Named, Names } from './reference.ts';
import { readRelated } from './related.ts';
import type { Rule } from './rule.ts';
import type { Silence } from './silence-document.ts';
import { isMap, type Node } from './yaml-document.ts';

/** One document of a file. */
export type SigmaDocument = (
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'correlation'; readonly correlation: CorrelationDocument }
  | { readonly kind: 'baseline'; readonly baseline: BaselineDocument }
  | { readonly kind: 'silence'; readonly silence: Silence }
  /** `names`: by which others refer to it. */
  | { readonly kind: 'rejected'; readonly names: readonly string[] }
) & { readonly node: Node | undefined; readonly faults: Faults };

export interface Joined {
  readonly rules: readonly Rule[];
  readonly correlations: readonly Correlation[];
  readonly baselines: readonly Baseline[];
  readonly silences: readonly Silence[];
}

/**
 * Joins documents with those they refer to, in whatever file these are. What cannot be joined is a fault of its file. `known`: rules that
 * are no document of these, and that correlations may count; a document with the id of one stands in its place.
 */
export function joinDocuments(all: readonly SigmaDocument[], known: readonly Rule[] = []): Joined {
  const kept = withoutTwins(all);
  const rejected = all.flatMap((each) => (each.kind === 'rejected' ? each.names : []));
  const rules = kept.flatMap((each) => (each.kind === 'rule' ? [each.rule] : []));
  const filters = kept.flatMap((each) => (each.kind === 'filter' ? [each.filter] : []));
  const documents = kept.flatMap((each) => (each.kind === 'correlation' ? [each.correlation] : []));
  const baselines = kept.flatMap((each) => (each.kind === 'baseline' ? [each.baseline] : []));
  const own = new Set([...rules, ...documents].map(({ id }) => id));
  const countables = [
    ...[...rules, ...known.filter(({ id }) => !own.has(id))].map((rule) => ({ ...named(rule), kind: 'rule' as const, rule })),
    ...documents.map((document) => ({ ...named(document), kind: 'correlation' as const, document })),
  ];
  const names = new Names<Countable & Named>(countables, rejected, othersOf(kept));
  lintObsolete(kept);
  const filtersOf = filtersByRule(filters, rules, names);
  return {
    rules: rules.map((rule) => narrow(rule, filtersOf.get(rule.id) ?? [])),
    correlations: joinCorrelations(documents, names),
    baselines: joinBaselines(baselines, names),
    silences: kept.flatMap((each) => (each.kind === 'silence' ? [each.silence] : [])),
  };
}

/** What nothing can count or narrow: a reference to one is told so. */
function othersOf(documents: readonly SigmaDocument[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const note = ({ id, name, sigmaName }: Omit<Named, 'file'>, what: string) => {
    for (const key of [id, name, ...(sigmaName === undefined ? [] : [sigmaName])]) found.set(key, what);
  };
  for (const document of documents) {
    if (document.kind === 'baseline') note(document.baseline, 'a baseline');
    if (document.kind === 'silence') note(document.silence, 'a silence');
  }
  return found;
}

const named = ({ id, name, sigmaName, file }: Named): Named => ({ id, name, sigmaName, file });

/** Ids and names are what alerts and routes hold on to, so they must be unique: the second document is rejected. */
function withoutTwins(all: readonly SigmaDocument[]): readonly SigmaDocument[] {
  const seen = new Map<string, string>();
  return all.filter((document) => {
    const keys = keysOf(document);
    const taken = keys.find((key) => seen.has(key));
    if (taken !== undefined) document.faults.add(document.node, `the ${taken} is also that of ${seen.get(taken)}`);
    else for (const key of keys) seen.set(key, document.faults.file);
    return taken === undefined;
  });
}

function keysOf(document: SigmaDocument): readonly string[] {
  if (document.kind === 'rejected') return [];
  if (document.kind === 'filter') return [`id \`${document.filter.info.id}\``];
  const { id, name } = infoOf(document);
  return [`id \`${id}\``, `name \`${name}\``];
}

function infoOf(document: Exclude<SigmaDocument, { kind: 'rejected' | 'filter' }>): { readonly id: string; readonly name: string } {
  if (document.kind === 'rule') return document.rule;
  if (document.kind === 'silence') return document.silence;
  return document.kind === 'correlation' ? document.correlation : document.baseline;
}

/** What a filter may name. */
type FilterNames = Names<Named & ({ readonly kind: 'rule'; readonly rule: Rule } | { readonly kind: 'correlation' })>;

/** The filters of each rule, by its id, in the order of the filters. A filter that names a rule that is not there is rejected whole. */
export function filtersByRule(filters: readonly Filter[], rules: readonly Rule[], names: FilterNames): ReadonlyMap<string, Filter[]> {
  const found = new Map<string, Filter[]>();
  for (const filter of filters) {
    const narrowed = filter.rules === 'any' ? rules.filter((rule) => coversRule(filter, rule)) : namedRules(filter, names);
    if (narrowed?.length === 0) filter.faults.lint(filter.node, 'the filter holds for no rule: none is for its log source');
    for (const { id } of narrowed ?? []) found.set(id, [...(found.get(id) ?? []), filter]);
  }
  return found;
}

function namedRules(filter: Filter, names: FilterNames): readonly Rule[] | undefined {
  if (filter.rules === 'any') return undefined;
  const before = filter.faults.found.length;
  const rules = filter.rules.flatMap((reference) => {
    const found = names.find(reference, filter.faults);
    if (found?.kind === 'correlation')
      filter.faults.add(reference.node, `\`${reference.text}\` is a correlation: a filter holds for rules, so name those that it counts`);
    return found?.kind === 'rule' && isFor(filter, found.rule, reference) ? [found.rule] : [];
  });
  return filter.faults.found.length > before ? undefined : rules;
}

/** A rule that takes the place of another fires beside it where both are there: everything would be told twice. */
function lintObsolete(all: readonly SigmaDocument[]): void {
  const names = new Map(all.flatMap((each) => (each.kind === 'rule' ? [[each.rule.id, each.rule.name]] : [])));
  for (const { kind, node, faults } of all) {
    if (kind !== 'rule' || !isMap(node)) continue;
    for (const { id, type, node: at } of readRelated(node, faults.aside())) {
      const name = names.get(id);
      if (type === 'obsolete' && name !== undefined)
        faults.lint(at, `the rule takes the place of \`${name}\`, which is there too: both run, so leave that one out`);
    }
  }
}
