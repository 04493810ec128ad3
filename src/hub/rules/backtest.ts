import { groupOf } from '../../alert/identity.ts';
import { type EpisodeBounds, OpenEpisodes, type Stretch } from '../../alert/open-episodes.ts';
import type { LoadOptions } from '../../detect/sigma/load.ts';
import { logsourceText } from '../../detect/sigma/logsource.ts';
import type { Rule } from '../../detect/sigma/rule.ts';
import { type HitSearch, sqlHits } from '../../detect/sql-hits.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { Backtest, BacktestFault, BacktestRule } from '../../model/backtest.ts';
import type { EventEngine } from '../../store/store.ts';
import { listsOfToday, type PastLists } from '../look-ups/past-lists.ts';
import { backtestBaseline } from './backtest-baseline.ts';
import { backtestCorrelation } from './backtest-correlation.ts';
import { byDay, Tally } from './backtest-tally.ts';
import { backtestTarget, type RunningRules } from './backtest-target.ts';

export interface BacktestDeps {
  readonly engine: EventEngine;
  readonly rules: () => RunningRules;
  /** What a rule that is given as text is read with. */
  readonly options: () => LoadOptions;
  readonly lists: PastLists;
  readonly bounds: () => EpisodeBounds;
  readonly now: () => number;
}

export type BacktestSearch = Pick<HitSearch, 'from' | 'to' | 'only' | 'signal'>;

/** Events beyond that are not looked at: a rule that hits more is not ready, and the answer is the same. */
const MOST_EVENTS = 20_000;
const DAY_MS = 86_400_000;

/** What a rule, a correlation or a baseline would have done in a stretch of the past. Nothing is written. Throws EngineError. */
export async function backtest(deps: BacktestDeps, wanted: BacktestRule, search: BacktestSearch): Promise<Result<Backtest, BacktestFault>> {
  const target = backtestTarget(wanted, deps.rules(), deps.options());
  if (!target.ok) return target;
  const { value } = target;
  if (value.kind === 'rule') return ok(await backtestRule(deps, value.rule, search));
  return ok(await (value.kind === 'correlation' ? backtestCorrelation(deps, value, search) : backtestBaseline(deps, value, search)));
}

async function backtestRule(deps: BacktestDeps, rule: Rule, search: BacktestSearch): Promise<Backtest> {
  const tally = new Tally();
  const hits: Hit[] = [];
  let [decided, judgedAgain] = [0, 0];
  let end: Pick<Backtest, 'searchedFrom' | 'stopped'> = { searchedFrom: search.to };
  for await (const page of sqlHits(deps.engine, deps.lists.forThePast(rule), { ...search, limit: MOST_EVENTS }, deps.now)) {
    for (const event of page.events) {
      const { node, seq, timestamp: at, fields } = event;
      hits.push({ node, seq, at, key: JSON.stringify(groupOf(fields, rule.groupBy)) });
      tally.take(event);
    }
    decided += page.decided;
    judgedAgain += page.judgedAgain;
    end = { searchedFrom: page.searchedFrom, ...(page.stopped && { stopped: page.stopped }) };
  }
  const opened = openings(hits, deps.bounds());
  const days = (search.to - end.searchedFrom) / DAY_MS;
  const silent = rule.route === undefined;
  return {
    ...tally.result(),
    ...end,
    rule,
    ...(silent && { silent: `can never fire here: no event of Earshot is of ${logsourceText(rule.logsource)}` }),
    events: hits.length,
    listsOfToday: listsOfToday(deps.lists, [rule], end.searchedFrom),
    judgedAgain,
    exact: decided + judgedAgain === 0 ? 1 : decided / (decided + judgedAgain),
    days: byDay(
      hits.map(({ at }) => at),
      opened,
    ),
    alerts: opened.length,
    alertsPerDay: days > 0 ? opened.length / days : 0,
  };
}

/** A hit, as far as alerts are folded by it. */
interface Hit {
  readonly node: number;
  readonly seq: number;
  readonly at: number;
  readonly key: string;
}

/** When alerts would have opened: hits are folded as alerting folds them, in the order in which they came in. */
function openings(hits: readonly Hit[], bounds: EpisodeBounds): number[] {
  const episodes = new OpenEpisodes<Stretch>(bounds);
  const opened: number[] = [];
  for (const { key, at } of hits.toSorted((a, b) => a.node - b.node || a.seq - b.seq)) {
    const known = episodes.join(key, at);
    if (known) episodes.extend(key, known, at);
    else {
      episodes.file(key, { id: `${opened.length}`, first_at: at, last_at: at });
      opened.push(at);
    }
  }
  return opened;
}
