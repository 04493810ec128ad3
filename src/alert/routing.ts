import type { ConfigFault } from '../config/fault.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { DetectedHit } from '../model/detected.ts';
import { namesRule, type RuleInfo } from '../model/detection.ts';
import { atLeast } from '../model/severity.ts';
import type { AlertRow } from '../store/state/state.ts';
import { valueText } from './identity.ts';
import type { Route } from './settings.ts';

/** Compiles a search into a test of one event. */
export type CompileRouteQuery = (text: string) => Result<(hit: DetectedHit) => boolean, { readonly message: string }>;

export interface Router {
  /** Every notifier that may be told. */
  readonly notifiers: readonly string[];
  /** Those that are told who is new in an alert, in the thread of its message. */
  readonly following: readonly string[];
  /** Names of the notifiers that are not to hear of this alert now. Absent: nothing is muted. */
  readonly muted?: (alert: Pick<AlertRow, 'rule_id' | 'group_values'>) => ReadonlySet<string>;
  /** Names of the notifiers that are to hear of this hit. */
  targets(hit: DetectedHit, rule: RuleInfo): readonly string[];
}

type Condition = (hit: DetectedHit, rule: RuleInfo) => boolean;

/** Compiles the routes. Faults name the setting, such as `routes[0].to[1]`. */
export function createRouter(
  routes: readonly Route[],
  notifiers: readonly string[],
  compileQuery: CompileRouteQuery,
  following: readonly string[] = [],
): Result<Router, readonly ConfigFault[]> {
  const faults: ConfigFault[] = [];
  const compiled = routes.map((route, i) => {
    const to = route.to ?? notifiers;
    to.forEach((name, j) => {
      if (!notifiers.includes(name)) faults.push({ path: `routes[${i}].to[${j}]`, message: unknownNotifier(name, notifiers) });
    });
    const conditions = conditionsOf(route.when, compileQuery, (message) => faults.push({ path: `routes[${i}].when.query`, message }));
    return { to, matches: (hit: DetectedHit, rule: RuleInfo) => conditions.every((condition) => condition(hit, rule)) };
  });
  if (faults.length > 0) return err(faults);
  return ok({
    notifiers,
    following,
    targets: (hit, rule) => {
      const named = new Set(compiled.filter(({ matches }) => matches(hit, rule)).flatMap(({ to }) => to));
      return notifiers.filter((name) => named.has(name));
    },
  });
}

function conditionsOf(when: Route['when'], compileQuery: CompileRouteQuery, fault: (message: string) => void): Condition[] {
  const conditions: Condition[] = [];
  const { rules, products, least_level: least, query } = when;
  if (least !== undefined) conditions.push(({ hit }) => atLeast(hit.level, least));
  if (rules !== undefined) conditions.push((_, rule) => rules.some((pattern) => namesRule(pattern, rule)));
  if (products !== undefined) {
    const wanted = new Set(products.map((product) => product.toLowerCase()));
    conditions.push(({ fields }) => PRODUCT.some((field) => wanted.has(valueText(fields[field]).toLowerCase())));
  }
  if (query !== undefined) {
    const predicate = compileQuery(query);
    if (predicate.ok) conditions.push((hit) => predicate.value(hit));
    else fault(predicate.error.message);
  }
  return conditions;
}

const PRODUCT = ['observer.product', 'event.module', 'event.dataset'] as const;

const unknownNotifier = (name: string, notifiers: readonly string[]): string =>
  `there is no notifier "${name}"; ${notifiers.length === 0 ? 'none is configured' : `known: ${notifiers.join(', ')}`}`;
