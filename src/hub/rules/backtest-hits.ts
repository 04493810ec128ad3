import type { CountedHits } from '../../detect/correlate/collect.ts';
import type { Rule } from '../../detect/sigma/rule.ts';
import { judgedOf, sqlHits } from '../../detect/sql-hits.ts';
import type { Backtest } from '../../model/backtest.ts';
import type { RuleInfo } from '../../model/detection.ts';
import { type Event, eventId } from '../../model/event.ts';
import { fetchEvents } from '../../store/event-sql.ts';
import { listsOfToday } from '../look-ups/past-lists.ts';
import type { BacktestDeps, BacktestSearch } from './backtest.ts';
import { byDay, type Names, namesOf, Tally } from './backtest-tally.ts';

/** Hits of one rule beyond that are not looked at. */
const MOST_HITS = 100_000;
const EXAMPLES = 10;
const DAY_MS = 86_400_000;

/** A hit, as far as it is counted and shown. */
interface Seen extends Names {
  readonly node: number;
  readonly seq: number;
  readonly ts: number;
}

/** An alert that would have opened: when, and for which events, by the numbers under which they were counted. */
export interface WouldAlert {
  readonly first: number;
  readonly events: readonly number[];
}

/** What is said of alerts made of several events. */
export async function toldOf(
  deps: BacktestDeps,
  rule: RuleInfo,
  found: readonly WouldAlert[],
  hits: Collected,
  search: BacktestSearch,
): Promise<Backtest> {
  const taken = [...new Set(found.flatMap(({ events }) => events))].flatMap((number) => hits.seen[number] ?? []);
  const newest = taken.toSorted((a, b) => b.ts - a.ts);
  const tally = new Tally();
  for (const names of newest) tally.takeNames(names);
  const { stopped, decided, judgedAgain } = hits;
  const searchedFrom = Math.max(hits.searchedFrom, search.from);
  const days = (search.to - searchedFrom) / DAY_MS;
  return {
    ...tally.result(),
    rule,
    searchedFrom,
    ...(stopped && { stopped }),
    listsOfToday: hits.listsOfToday,
    events: taken.length,
    judgedAgain,
    exact: decided + judgedAgain === 0 ? 1 : decided / (decided + judgedAgain),
    days: byDay(
      taken.map(({ ts }) => ts),
      found.map(({ first }) => first),
    ),
    alerts: found.length,
    alertsPerDay: days > 0 ? found.length / days : 0,
    examples: await fetchEvents(deps.engine, newest.slice(0, EXAMPLES), search, EXAMPLES),
  };
}

export interface Collected extends Pick<Backtest, 'searchedFrom' | 'stopped' | 'judgedAgain' | 'listsOfToday'> {
  readonly counted: CountedHits;
  /** By the number under which an event was counted. */
  readonly seen: readonly Seen[];
  readonly decided: number;
}

/** Counts the hits of some rules, one rule after the other. What one rule could not be searched for, the whole could not. */
export async function collectHits(
  { engine, lists, now }: BacktestDeps,
  rules: readonly Rule[],
  counted: CountedHits,
  search: BacktestSearch,
): Promise<Collected> {
  const seen = new SeenEvents();
  let [searchedFrom, decided, judgedAgain] = [search.from, 0, 0];
  let stopped: Backtest['stopped'];
  for (const rule of rules) {
    let from = search.to;
    for await (const page of sqlHits(engine, lists.forThePast(rule), { ...search, limit: MOST_HITS }, now)) {
      for (const event of page.events) counted.add(judgedOf(event), [{ id: rule.id }], seen.numberOf(event), event.timestamp);
      from = page.searchedFrom;
      decided += page.decided;
      judgedAgain += page.judgedAgain;
      stopped = page.stopped ?? stopped;
    }
    searchedFrom = Math.max(searchedFrom, from);
  }
  const known = listsOfToday(lists, rules, searchedFrom);
  return { counted, seen: seen.all, searchedFrom, ...(stopped && { stopped }), decided, judgedAgain, listsOfToday: known };
}

/** An event that several rules hit is one. */
class SeenEvents {
  readonly all: Seen[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf({ node, seq, timestamp: ts, fields }: Event): number {
    const id = eventId(node, seq);
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.all.push({ node, seq, ts, ...namesOf(fields) }) - 1;
      this.#numbers.set(id, number);
    }
    return number;
  }
}
