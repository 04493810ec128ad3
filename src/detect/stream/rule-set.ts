import { atOnce, type Steps } from '../../lib/steps.ts';
import type { RuleHit, RuleInfo } from '../../model/detection.ts';
import type { ListProbes } from '../../model/enrichment.ts';
import type { Logsource, Route } from '../sigma/logsource.ts';
import type { Rule } from '../sigma/rule.ts';
import type { Leaf } from '../sigma/tree.ts';
import type { Budget } from './budget.ts';
import { EventView, Slots } from './event-view.ts';
import { explain } from './explain.ts';
import type { Judged } from './judged.ts';
import { Lane } from './lane.ts';
import { listProbesOf } from './list-probes.ts';
import { type Ask, compileTree, Predicates } from './predicates.ts';
import { rarityOf } from './rarity.ts';
import { type Routed, Router, routeHolds } from './router.ts';
import { RuleCosts } from './rule-cost.ts';
import { type Sign, type Witness, witnessOf } from './witness.ts';

export interface RuleSetOptions {
  /** Told of a rule that threw, or of the index (no rule): a bug of Earshot. The event and the other rules go on. */
  readonly onError?: (rule: RuleInfo | undefined, error: unknown) => void;
  /** False asks every rule of the event's log source: what the index is tested against. */
  readonly index?: boolean;
  /** False asks every rule about every event, whatever its log source. */
  readonly routing?: boolean;
  /** Which events a log source means, where they do not say it as Earshot's do; undefined: none. */
  readonly routeOf?: (logsource: Logsource) => Route | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  /** How much work an event may take; what would take more is left open. Absent: as much as it takes. */
  readonly budget?: Budget;
}

/** What rules say of an event. */
export interface Judgment {
  /** The rules that are true of it, in the order of the rules, each with what made it true. */
  readonly hits: readonly RuleHit[];
  /** Ids of the rules that were left open: they, or the event, cost too much. */
  readonly deferred: readonly string[];
}

interface Compiled {
  readonly rule: Rule;
  readonly ask: Ask;
  readonly witness: Witness;
}

/** What a set is made of. */
interface Made {
  readonly slots: Slots;
  readonly predicates: Predicates;
  readonly compiled: readonly Compiled[];
}

export const compileRules = (rules: readonly Rule[], options: RuleSetOptions = {}): RuleSet => atOnce(RuleSet.compile(rules, options));

/**
 * The same in steps, for a thread that has other work. What `before` has met, the new set is ready for: else the first event of each kind
 * would wait for its index.
 */
export function* compileInSteps(rules: readonly Rule[], options: RuleSetOptions, before?: RuleSet): Steps<RuleSet> {
  const set = yield* RuleSet.compile(rules, options);
  for (const event of before?.met ?? []) yield* set.prepare(event);
  return set;
}

/** Rules made ready for the stream. Not for two events at a time: it keeps the event in view. */
export class RuleSet {
  readonly rules: readonly Rule[];
  readonly costs: RuleCosts;
  /** What is to be found out of each event before it is judged. */
  readonly probes: ListProbes;
  readonly #options: RuleSetOptions;
  readonly #predicates: Predicates;
  readonly #view: EventView;
  readonly #compiled: readonly Compiled[];
  readonly #router: Router<number, Lane>;
  readonly #candidates: number[] = [];
  /** Of the event at hand. */
  #deferred: string[] = [];
  /** 1: this rule is left open, whatever the event. */
  readonly #aside: Uint8Array;
  #anyAside = false;
  readonly #info: ReadonlyMap<string, RuleInfo>;

  private constructor(rules: readonly Rule[], options: RuleSetOptions, made: Made) {
    this.rules = rules;
    this.probes = listProbesOf(rules);
    this.#options = options;
    this.#predicates = made.predicates;
    this.#view = new EventView(made.slots, options.budget);
    this.#aside = new Uint8Array(rules.length);
    this.#compiled = made.compiled;
    this.#router = this.#route();
    this.#info = new Map(rules.map((rule) => [rule.id, rule]));
    this.costs = new RuleCosts(rules.length, options.now ?? (() => performance.now()));
  }

  static *compile(rules: readonly Rule[], options: RuleSetOptions): Steps<RuleSet> {
    const slots = new Slots();
    const predicates = new Predicates(slots);
    const rarity = yield* rarityOf(rules, slots);
    const compiled: Compiled[] = [];
    for (const rule of rules) {
      const witness = options.index === false ? undefined : distinct(witnessOf(rule.tree, slots, rarity));
      compiled.push({ rule, ask: compileTree(rule.tree, predicates), witness });
      yield;
    }
    return new RuleSet(rules, options, { slots, predicates, compiled });
  }

  /** One event of each kind that was judged: as far as its kind goes. */
  get met(): readonly Routed[] {
    return this.#router.met;
  }

  /** Makes the index for events of this kind. */
  prepare(event: Routed): Steps<void> {
    return this.#router.prepare(event, (numbers) => this.#lane(numbers));
  }

  /** How many rules the last event was thought to concern, and were asked. */
  get lastCandidates(): number {
    return this.#candidates.length;
  }

  /** What people need to know of a rule, by its id. */
  info(id: string): RuleInfo | undefined {
    return this.#info.get(id);
  }

  /** From the next event on, these rules and no others are left open, whatever the event. */
  setAside(ids: ReadonlySet<string>): void {
    this.rules.forEach(({ id }, number) => {
      this.#aside[number] = ids.has(id) ? 1 : 0;
    });
    this.#anyAside = this.#aside.includes(1);
  }

  /** The rules that are true of the event, in the order of the rules, each with what made it true. Never throws. */
  match(event: Judged): readonly RuleHit[] {
    return this.judge(event).hits;
  }

  /** Never throws. */
  judge(event: Judged): Judgment {
    const hits = this.#hits(event);
    const deferred = this.#deferred;
    if (deferred.length === 0) return hits.length === 0 ? NOTHING : { hits, deferred };
    this.#deferred = [];
    return { hits, deferred };
  }

  #hits(event: Judged): readonly RuleHit[] {
    const candidates = this.#candidates;
    candidates.length = 0;
    this.#view.show(event);
    this.#predicates.forget();
    this.#collect(event, candidates);
    if (candidates.length === 0) return NO_HITS;
    const sampled = this.costs.sample();
    let hits: { number: number; hit: RuleHit }[] | undefined;
    for (const number of candidates) {
      if (this.#aside[number] === 1) continue;
      const hit = sampled ? this.costs.measure(number, () => this.#ask(number)) : this.#ask(number);
      if (hit === undefined) continue;
      hits ??= [];
      hits.push({ number, hit });
    }
    if (this.#anyAside) this.#leaveAside(candidates, sampled);
    return hits === undefined ? NO_HITS : hits.sort((a, b) => a.number - b.number).map(({ hit }) => hit);
  }

  /** What such a rule would cost is still measured, by samples and after all others: what they do must not depend on which event is one. */
  #leaveAside(candidates: readonly number[], sampled: boolean): void {
    for (const number of candidates) {
      if (this.#aside[number] !== 1) continue;
      this.#leaveOpen(number);
      if (sampled) this.costs.measure(number, () => this.#compiled[number]?.ask(this.#view));
    }
  }

  #leaveOpen(number: number): void {
    const { id } = this.rules[number] ?? {};
    if (id !== undefined) this.#deferred.push(id);
  }

  /** Where the index throws, which is a bug, every rule of the event's log source is asked instead: slow is better than silent. */
  #collect(event: Judged, candidates: number[]): void {
    try {
      this.#router.lane(event).candidates(this.#view, candidates);
    } catch (error) {
      this.#options.onError?.(undefined, error);
      candidates.length = 0;
      this.rules.forEach((rule, number) => {
        const route = this.#routeOf(rule);
        if (route !== undefined && routeHolds(route, event)) candidates.push(number);
      });
    }
  }

  /** Undefined: no event is of the rule's log source. */
  #routeOf(rule: Rule): Route | undefined {
    const { routing, routeOf } = this.#options;
    if (routing === false) return [];
    return routeOf === undefined ? rule.route : routeOf(rule.logsource);
  }

  #ask(number: number): RuleHit | undefined {
    const compiled = this.#compiled[number];
    if (compiled === undefined) return undefined;
    const { rule } = compiled;
    const view = this.#view;
    const before = view.leftOpen;
    try {
      const holds = compiled.ask(view);
      const matches = holds && view.leftOpen === before ? explain(rule.tree, view, (leaf: Leaf) => this.#predicates.of(leaf)) : NO_MATCHES;
      // Also where there is no budget left for the explanation.
      if (view.leftOpen !== before) this.#leaveOpen(number);
      if (!holds || view.leftOpen !== before) return undefined;
      return { id: rule.id, version: rule.version, title: rule.title, level: rule.level, matches };
    } catch (error) {
      this.costs.threw(number);
      this.#options.onError?.(rule, error);
      return undefined;
    }
  }

  /** A rule whose log source no event has is in no lane. */
  #route(): Router<number, Lane> {
    const buckets = this.rules.flatMap((rule, number) => {
      const route = this.#routeOf(rule);
      return route === undefined ? [] : [{ route, member: number }];
    });
    return new Router(buckets, (numbers) => atOnce(this.#lane(numbers)));
  }

  #lane(numbers: readonly number[]): Steps<Lane> {
    return Lane.make(numbers.map((number) => ({ number, witness: this.#compiled[number]?.witness })));
  }
}

const NO_HITS: readonly RuleHit[] = [];
const NO_MATCHES: RuleHit['matches'] = [];
const NOTHING: Judgment = { hits: NO_HITS, deferred: [] };

function distinct(witness: Witness): Witness {
  if (witness === undefined) return undefined;
  const seen = new Map<string, Sign>(witness.map((sign) => [JSON.stringify(sign), sign]));
  return [...seen.values()];
}
