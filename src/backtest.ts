import { groupOf, valueText } from './alert/identity.ts';
import { type EpisodeBounds, OpenEpisodes, type Stretch } from './alert/open-episodes.ts';
import { faultText } from './detect/sigma/fault.ts';
import { type LoadedRules, readRules } from './detect/sigma/load.ts';
import { logsourceText, routeOf } from './detect/sigma/logsource.ts';
import type { Rule } from './detect/sigma/rule.ts';
import { type HitPage, type HitSearch, sqlHits } from './detect/sql-hits.ts';
import { err, ok, type Result } from './lib/result.ts';
import type { Backtest, BacktestFault, BacktestRule, Counted } from './model/backtest.ts';
import type { Event } from './model/event.ts';
import type { EventEngine } from './store/store.ts';

export interface BacktestDeps {
  readonly engine: EventEngine;
  readonly rules: () => Pick<LoadedRules, 'rules'>;
  readonly bounds: () => EpisodeBounds;
  readonly now: () => number;
}

export type BacktestSearch = Pick<HitSearch, 'from' | 'to' | 'only' | 'signal'>;

/** Events beyond that are not looked at: a rule that hits more is not ready, and the answer is the same. */
const MOST_EVENTS = 20_000;
const EXAMPLES = 10;
const TOP = 10;
const DAY_MS = 86_400_000;

/** What a rule would have done in a stretch of the past. Nothing is written. Throws EngineError. */
export async function backtest(deps: BacktestDeps, wanted: BacktestRule, search: BacktestSearch): Promise<Result<Backtest, BacktestFault>> {
  const rule = 'named' in wanted ? ruleNamed(deps.rules().rules, wanted.named) : ruleOfText(wanted.text);
  if (!rule.ok) return rule;
  const tally = new Tally(rule.value);
  let end: Pick<Backtest, 'searchedFrom' | 'stopped'> = { searchedFrom: search.to };
  for await (const page of sqlHits(deps.engine, rule.value, { ...search, limit: MOST_EVENTS }, deps.now)) {
    tally.take(page);
    end = { searchedFrom: page.searchedFrom, ...(page.stopped && { stopped: page.stopped }) };
  }
  const silent = routeOf(rule.value.logsource) === undefined;
  return ok({
    ...tally.result(deps.bounds(), (search.to - end.searchedFrom) / DAY_MS),
    ...end,
    rule: rule.value,
    ...(silent && { silent: `can never fire here: no event of Earshot is of ${logsourceText(rule.value.logsource)}` }),
  });
}

function ruleNamed(rules: readonly Rule[], named: string): Result<Rule, BacktestFault> {
  const rule = rules.find(({ id, name }) => id === named.toLowerCase() || name === named);
  return rule === undefined ? err({ code: 'not_found' }) : ok(rule);
}

function ruleOfText(text: string): Result<Rule, BacktestFault> {
  const { rules, rejected } = readRules('rule.yml', text);
  const [rule] = rules;
  const [fault] = rejected;
  if (fault !== undefined) return err({ code: 'rejected', reason: faultText(fault) });
  if (rule === undefined) return err({ code: 'rejected', reason: 'there is no rule in it' });
  return rules.length === 1
    ? ok(rule)
    : err({ code: 'rejected', reason: `there are ${rules.length} rules in it: one is tested at a time` });
}

/** A hit, as far as alerts are folded by it. */
interface Hit {
  readonly node: number;
  readonly seq: number;
  readonly at: number;
  readonly key: string;
}

/** Counts pages of hits as they come, and keeps little of each. */
class Tally {
  readonly #rule: Rule;
  readonly #hits: Hit[] = [];
  readonly #examples: Event[] = [];
  readonly #users = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  readonly #addresses = new Map<string, number>();
  #judgedAgain = 0;
  #decided = 0;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  take({ events, decided, judgedAgain }: Pick<HitPage, 'events' | 'decided' | 'judgedAgain'>): void {
    this.#decided += decided;
    this.#judgedAgain += judgedAgain;
    for (const event of events) {
      const { node, seq, timestamp: at, fields } = event;
      this.#hits.push({ node, seq, at, key: JSON.stringify(groupOf(fields, this.#rule.groupBy)) });
      if (this.#examples.length < EXAMPLES) this.#examples.push(event);
      count(this.#users, valueText(fields['user.name']));
      count(this.#hosts, valueText(fields['host.name']));
      count(this.#addresses, valueText(fields['source.ip']));
    }
  }

  result(bounds: EpisodeBounds, days: number): Omit<Backtest, 'rule' | 'searchedFrom' | 'stopped' | 'silent'> {
    const opened = openings(this.#hits, bounds);
    const looked = this.#decided + this.#judgedAgain;
    return {
      events: this.#hits.length,
      judgedAgain: this.#judgedAgain,
      exact: looked === 0 ? 1 : this.#decided / looked,
      days: byDay(this.#hits, opened),
      alerts: opened.length,
      alertsPerDay: days > 0 ? opened.length / days : 0,
      users: top(this.#users),
      hosts: top(this.#hosts),
      addresses: top(this.#addresses),
      examples: this.#examples,
    };
  }
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

function byDay(hits: readonly Hit[], opened: readonly number[]): Backtest['days'] {
  const days = new Map<string, { events: number; alerts: number }>();
  const of = (at: number) => {
    const day = new Date(at).toISOString().slice(0, 10);
    const known = days.get(day) ?? { events: 0, alerts: 0 };
    days.set(day, known);
    return known;
  };
  for (const { at } of hits) of(at).events++;
  for (const at of opened) of(at).alerts++;
  return [...days].map(([day, counts]) => ({ day, ...counts })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function count(counts: Map<string, number>, value: string): void {
  if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
}

const top = (counts: ReadonlyMap<string, number>): Counted[] =>
  [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, TOP)
    .map(([value, times]) => ({ value, count: times }));
