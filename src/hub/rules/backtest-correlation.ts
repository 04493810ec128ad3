import { CountedHits } from '../../detect/correlate/collect.ts';
import { evaluate } from '../../detect/correlate/evaluate.ts';
import type { Backtest } from '../../model/backtest.ts';
import type { BacktestDeps, BacktestSearch } from './backtest.ts';
import { collectHits, toldOf } from './backtest-hits.ts';
import type { BacktestTarget } from './backtest-target.ts';

type Target = Extract<BacktestTarget, { kind: 'correlation' }>;

/** What a correlation would have found: the hits of what it counts by SQL over the store, and then the windows over all of them. Throws EngineError. */
export async function backtestCorrelation(
  deps: BacktestDeps,
  { correlation, correlations, rules }: Target,
  search: BacktestSearch,
): Promise<Backtest> {
  const hits = await collectHits(deps, rules, new CountedHits(correlations), search);
  const found = evaluate(correlations, hits.counted.found).filter((each) => each.correlation.id === correlation.id);
  return toldOf(deps, correlation, found, hits, search);
}
