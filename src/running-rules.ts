import type { RuleReport, RunningRule } from './api/deps.ts';
import { correlationWords } from './detect/correlate/words.ts';
import type { Correlation } from './detect/sigma/correlation.ts';
import type { LoadedRules } from './detect/sigma/load.ts';
import type { RuleInfo } from './model/detection.ts';

type Loaded = Pick<LoadedRules, 'rules' | 'correlations'>;

/** Rules as the API lists them, worked out once for each set of rules that runs. */
export function ruleReport(): (loaded: LoadedRules) => RuleReport {
  let kept: { readonly of: LoadedRules; readonly report: RuleReport } | undefined;
  return (loaded) => {
    if (kept?.of !== loaded) kept = { of: loaded, report: { ...loaded, rules: runningRules(loaded) } };
    return kept.report;
  };
}

export function runningRules({ rules, correlations }: Loaded): RunningRule[] {
  const titles = new Map([...rules, ...correlations].map(({ id, title }) => [id, title]));
  const titleOf = (id: string) => titles.get(id) ?? id;
  return [
    ...rules.map((rule) => ({ ...rule, kind: 'rule' as const, counts: [] })),
    ...correlations.map((correlation) => ({
      ...correlation,
      kind: 'correlation' as const,
      filters: [],
      words: correlationWords(correlation, titleOf),
      counts: correlation.refs.map(({ id }) => ({ id, title: titleOf(id) })),
    })),
  ];
}

/**
 * By id: what counts a rule or correlation, and lets it not alert alone (Sigma: `generate` is false unless it is said). What is on trial
 * silences nothing.
 */
export function quietedBy(
  { correlations }: Pick<Loaded, 'correlations'>,
  isOnTrial: (rule: RuleInfo) => boolean,
): ReadonlyMap<string, readonly Correlation[]> {
  const found = new Map<string, Correlation[]>();
  for (const correlation of correlations) {
    if (correlation.generate || isOnTrial(correlation)) continue;
    for (const { id } of correlation.refs) found.set(id, [...(found.get(id) ?? []), correlation]);
  }
  return found;
}
