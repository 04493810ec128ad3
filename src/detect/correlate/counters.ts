import { baselineCounter, historyMs } from '../baseline/counter.ts';
import type { LoadedRules } from '../sigma/load.ts';
import type { HitCounter } from './counter.ts';
import { counterOf } from './hit-plan.ts';
import { baselineIdentity, identitiesOf } from './identity.ts';

/** A counter with what it asks of the past. */
export interface LoadedCounter extends HitCounter {
  /** Id of the correlation or baseline. */
  readonly ruleId: string;
  /** How far back its rows must go for its windows, in milliseconds; late events not reckoned in. */
  readonly historyMs: number;
}

/** All that has rows in the table of hits. */
export function countersOf(loaded: Pick<LoadedRules, 'rules' | 'correlations' | 'baselines'>): readonly LoadedCounter[] {
  const identities = identitiesOf(loaded);
  const rules = new Map(loaded.rules.map((rule) => [rule.id, rule]));
  return [
    ...loaded.correlations.map((correlation) => ({
      ...counterOf(correlation, identities.get(correlation.id) ?? correlation.id),
      ruleId: correlation.id,
      historyMs: 2 * correlation.timespanMs,
    })),
    ...loaded.baselines.map((baseline) => ({
      ...baselineCounter(baseline, baselineIdentity(baseline, rules)),
      ruleId: baseline.id,
      historyMs: historyMs(baseline),
    })),
  ];
}
