import type { LoadedRules } from '../sigma/load.ts';
import type { HitCounter } from './counter.ts';
import { counterOf } from './hit-plan.ts';
import { identitiesOf } from './identity.ts';

/** A counter with what it asks of the past. */
export interface LoadedCounter extends HitCounter {
  /** Id of the correlation or baseline. */
  readonly ruleId: string;
  /** How far back its rows must go for its windows, in milliseconds; late events not reckoned in. */
  readonly historyMs: number;
}

/** All that has rows in the table of hits. */
export function countersOf(loaded: Pick<LoadedRules, 'rules' | 'correlations'>): readonly LoadedCounter[] {
  const identities = identitiesOf(loaded);
  return loaded.correlations.map((correlation) => ({
    ...counterOf(correlation, identities.get(correlation.id) ?? correlation.id),
    ruleId: correlation.id,
    historyMs: 2 * correlation.timespanMs,
  }));
}
