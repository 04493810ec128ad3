import { Calendar } from '../../detect/baseline/calendar.ts';
import { evaluateBaselines } from '../../detect/baseline/evaluate.ts';
import { CountedHits } from '../../detect/correlate/collect.ts';
import type { Backtest } from '../../model/backtest.ts';
import type { BacktestDeps, BacktestSearch } from './backtest.ts';
import { collectHits, toldOf } from './backtest-hits.ts';
import type { BacktestTarget } from './backtest-target.ts';

type Target = Extract<BacktestTarget, { kind: 'baseline' }>;

/** What a baseline would have told of: each stretch that ends after `search.from`, with the history before it. Throws EngineError. */
export async function backtestBaseline(deps: BacktestDeps, { baseline, rules }: Target, search: BacktestSearch): Promise<Backtest> {
  const calendar = new Calendar(baseline.every, baseline.timeZone);
  const first = calendar.startOf(search.from);
  const from = Math.max(calendar.before(first, baseline.historyDays), 0);
  const hits = await collectHits(deps, rules, new CountedHits([], [baseline]), { ...search, from });
  const found = evaluateBaselines([baseline], hits.counted.found).filter(({ start }) => start >= first);
  return toldOf(deps, baseline, found, hits, search);
}
