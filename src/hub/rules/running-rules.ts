import type { RuleReport, RunningRule } from '../../api/deps.ts';
import { baselineWords } from '../../detect/baseline/words.ts';
import { correlationWords } from '../../detect/correlate/words.ts';
import type { Baseline } from '../../detect/sigma/baseline.ts';
import type { Correlation } from '../../detect/sigma/correlation.ts';
import type { LoadedRules } from '../../detect/sigma/load.ts';
import { silenceWords } from '../../detect/silence/words.ts';
import type { RuleInfo } from '../../model/detection.ts';

type Loaded = Pick<LoadedRules, 'rules' | 'correlations' | 'baselines' | 'silences'>;

/** Rules as the API lists them, worked out once for each set of rules that runs. */
export function ruleReport(): (loaded: LoadedRules) => RuleReport {
  let kept: { readonly of: LoadedRules; readonly report: RuleReport } | undefined;
  return (loaded) => {
    if (kept?.of !== loaded) kept = { of: loaded, report: { ...loaded, rules: runningRules(loaded) } };
    return kept.report;
  };
}

export function runningRules({ rules, correlations, baselines, silences }: Loaded): RunningRule[] {
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
    ...baselines.map((baseline) => ({
      ...baseline,
      kind: 'baseline' as const,
      filters: [],
      words: baselineWords(baseline, titleOf),
      counts: baseline.refs.map(({ id }) => ({ id, title: titleOf(id) })),
    })),
    ...silences.map((silence) => ({
      ...silence,
      kind: 'silence' as const,
      filters: [],
      words: silenceWords(silence),
      counts: [],
    })),
  ];
}

/**
 * By id: what counts a rule or correlation, and lets it not alert alone (Sigma: `generate` is false unless it is said). What is on trial
 * silences nothing but what is informational: that is there to be counted.
 */
export function quietedBy(
  { rules, correlations, baselines }: Pick<Loaded, 'rules' | 'correlations' | 'baselines'>,
  isOnTrial: (rule: RuleInfo) => boolean,
): ReadonlyMap<string, readonly (Correlation | Baseline)[]> {
  const found = new Map<string, (Correlation | Baseline)[]>();
  const informational = new Set(rules.filter(({ level }) => level === 'informational').map(({ id }) => id));
  for (const correlation of [...correlations, ...baselines]) {
    if (correlation.generate) continue;
    const onTrial = isOnTrial(correlation);
    for (const { id } of correlation.refs) if (!onTrial || informational.has(id)) found.set(id, [...(found.get(id) ?? []), correlation]);
  }
  return found;
}
