import type { HeldException, RuleException } from '../../model/rule-care.ts';
import type { Faults } from './fault.ts';
import { type Filter, hasNot, narrow, readFilterTrees } from './filter.ts';
import { versionOf } from './identity.ts';
import { filtersByRule } from './join.ts';
import type { LoadedRules } from './load.ts';
import { SHIPPED_LOG_SOURCES } from './log-sources.ts';
import { type Named, Names } from './reference.ts';
import type { ReadOptions, Rule } from './rule.ts';
import { attribute, canonicalJson, parseYaml, type YAMLMap } from './yaml-document.ts';

/** Where a fault of an exception is said to be: lines and columns are those of its selection. */
const PLACE = 'exception';

/** What the selections of exceptions are read with. */
export type ExceptionReading = Partial<Pick<ReadOptions, 'placeholders' | 'lists' | 'logSources'>>;

export interface Excepted {
  readonly loaded: LoadedRules;
  readonly held: readonly HeldException[];
}

/** The rules with the hub's own exceptions in them. An exception that cannot be honored is rejected whole, and says why. */
export function withExceptions(loaded: LoadedRules, exceptions: readonly RuleException[], reading: ExceptionReading): Excepted {
  if (exceptions.length === 0) return { loaded, held: [] };
  const read = exceptions.map((exception) => ({ exception, ...readException(exception, reading) }));
  const names = new Names([...loaded.rules.map(namedRule), ...loaded.correlations.map(namedCorrelation)], []);
  const filters = read.flatMap(({ filter }) => filter ?? []);
  const filtersOf = filtersByRule(filters, loaded.rules, names);
  const rules = loaded.rules.map((rule) => narrow(rule, filtersOf.get(rule.id) ?? []));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const held = read.map(({ exception, filter, faults }) => ({
    exception,
    rules: rules.flatMap(({ id }) => (filter !== undefined && filtersOf.get(id)?.includes(filter) ? [id] : [])),
    faults: faults.found,
  }));
  return {
    loaded: {
      ...loaded,
      rules,
      silent: loaded.silent.map(({ rule, reason }) => ({ rule: byId.get(rule.id) ?? rule, reason })),
      rejected: [...loaded.rejected, ...held.flatMap(({ faults }) => faults)],
    },
    held,
  };
}

const namedRule = (rule: Rule) => ({ ...named(rule), kind: 'rule' as const, rule });
const namedCorrelation = (correlation: LoadedRules['correlations'][number]) => ({
  ...named({ ...correlation, sigmaName: undefined }),
  kind: 'correlation' as const,
});
const named = ({ id, name, sigmaName, file }: Named): Named => ({ id, name, sigmaName, file });

/** The exception as a filter of every log source. Undefined: `faults` says why, with places in its selection. */
export function readException(
  exception: RuleException,
  { placeholders = new Map(), lists, logSources = SHIPPED_LOG_SOURCES }: ExceptionReading,
): { readonly filter: Filter | undefined; readonly faults: Faults } {
  const { documents, faults } = parseYaml(`${PLACE} ${exception.id}`, exception.selection);
  const [map, second] = documents;
  if (documents.length > 1) faults.add(second, 'an exception is one document');
  return { filter: map && filterOf(exception, map, faults, { placeholders, lists, logSources }), faults };
}

function filterOf(
  exception: RuleException,
  map: YAMLMap,
  faults: Faults,
  reading: Pick<ReadOptions, 'placeholders' | 'lists' | 'logSources'>,
): Filter | undefined {
  const { id, rules, reason, author, expiresAt } = exception;
  const title = `exception of ${author}`;
  const node = attribute(map, 'rules');
  if (node !== undefined) faults.add(node, '`rules` is no part of the selection: which rules are meant is said beside it');
  const treeFor = readFilterTrees(map, faults, { title, taxonomy: 'sigma', logsource: {}, ...reading });
  if (treeFor !== undefined && !hasNot(map))
    faults.add(
      attribute(map, 'condition'),
      'the rules would fire only where this is true: to leave out what it describes, write `not` before it',
    );
  if (treeFor === undefined || faults.found.length > 0) return undefined;
  return {
    info: { id, title, file: faults.file, reason, author, expiresAt },
    document: versionOf(canonicalJson(map), JSON.stringify([rules, expiresAt])),
    logsource: {},
    rules: rules === 'any' ? 'any' : rules.map((text) => ({ text, node: map })),
    treeFor,
    faults,
    node: map,
  };
}

/** What is wrong in a selection, a line each. */
export const placesText = ({ found }: Faults): string =>
  found.map(({ line, column, reason }) => `line ${line}, column ${column}: ${reason}`).join('\n');
