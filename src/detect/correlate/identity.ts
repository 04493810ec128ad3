import type { Baseline } from '../sigma/baseline.ts';
import { versionOf } from '../sigma/identity.ts';
import type { LoadedRules } from '../sigma/load.ts';
import type { Rule } from '../sigma/rule.ts';

const DIGITS = 12;

/**
 * `<id>@<hash of what decides>` for each correlation, by its id. What decides is its own logic and that of all it counts: not titles,
 * texts, levels, or how a selection is called. Another identity has rows and alerts of its own.
 */
export function identitiesOf({ rules, correlations }: Pick<LoadedRules, 'rules' | 'correlations'>): ReadonlyMap<string, string> {
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const identities = new Map<string, string>();
  // Each comes after those it counts.
  for (const { id, type, refs, groupNames, groupPaths, timespanMs, bounds, fieldPaths, percentile, expression } of correlations) {
    const counted = refs.map((ref) => (ref.kind === 'rule' ? logicOf(ruleOf.get(ref.id)) : identities.get(ref.id)) ?? ref.id);
    const decides = { type, counted, groupNames, groupPaths, timespanMs, bounds, fieldPaths, percentile, expression };
    identities.set(id, identityOf(id, decides));
  }
  return identities;
}

/** `<id>@<hash of what decides>` of a baseline: not its titles, texts or level. */
export function baselineIdentity(baseline: Baseline, rules: ReadonlyMap<string, Rule>): string {
  const { id, measure, groupNames, groupPaths, fieldPaths, every, timeZone, against, factor, margin } = baseline;
  const { historyDays, leastDays, since, weekdays, orEqual, least, leastNorm } = baseline;
  const counted = baseline.refs.map((ref) => logicOf(rules.get(ref.id)) ?? ref.id);
  // Left out where they say nothing: a baseline without them is the one that it was before there were any.
  const bounds = { ...(orEqual && { orEqual }), ...(least > 0 && { least }), ...(leastNorm > 0 && { leastNorm }) };
  const norm = { every, timeZone, against, factor, margin, historyDays, leastDays, since, weekdays, ...bounds };
  return identityOf(id, { measure, counted, groupNames, groupPaths, fieldPaths, norm });
}

const identityOf = (id: string, decides: unknown): string => `${id}@${versionOf(JSON.stringify(decides)).slice(0, DIGITS)}`;

/** A label says where a part of the logic is from. It decides nothing. */
const logicOf = (rule: Rule | undefined): string | undefined =>
  rule && JSON.stringify([rule.id, rule.logsource, rule.tree], (key, value: unknown) => (key === 'label' ? undefined : value));
