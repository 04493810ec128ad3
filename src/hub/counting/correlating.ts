import { randomUUID } from 'node:crypto';
import type { Describe, FoundAlerts } from '../../alert/found-alerts.ts';
import { foundEvents } from '../../detect/correlate/found-events.ts';
import type { Moment } from '../../detect/correlate/moments.ts';
import { describe } from '../../detect/correlate/sql/describe.ts';
import { type CorrelationHealth, CorrelationTick } from '../../detect/correlate/tick.ts';
import type { LiveCounter } from '../../detect/correlate/watched.ts';
import { conditionWords, fieldWords } from '../../detect/correlate/words.ts';
import type { Correlation } from '../../detect/sigma/correlation.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { AlertDetails, CorrelationLeg, Finding } from '../../model/found.ts';
import type { StoreHead } from '../../pipeline/ingest-contract.ts';
import type { Settings } from '../../settings.ts';
import { encodeHits } from '../../store/hit-rows.ts';
import type { State } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import type { Counting } from './counting.ts';

export interface CorrelatingDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly findings: FoundAlerts;
  readonly counting: Pick<Counting, 'live'>;
  readonly ruleBook: Pick<RuleBook, 'info'>;
  readonly holder: string;
  settings(): Pick<Settings, 'correlations'>;
  /** How far the store is, with nothing left open. */
  head(): Promise<StoreHead>;
  readonly telemetry: Telemetry;
}

const TICK_MS = 1_000;

/** Runs correlations in the hub: what they find becomes alerts. */
export class Correlating {
  readonly #deps: CorrelatingDeps;
  readonly #tick: CorrelationTick;
  readonly #rounds: Repeating;
  /** By identity; what was found is described by what has found it, whatever is loaded meanwhile. */
  readonly #known = new Map<string, LiveCounter>();
  #heads: ReadonlyMap<number, number> = new Map();
  #waits = false;

  constructor(deps: CorrelatingDeps) {
    this.#deps = deps;
    const { engine, state, telemetry, findings, holder } = deps;
    this.#tick = new CorrelationTick({
      engine,
      state,
      telemetry,
      now: Date.now,
      holder,
      live: () => this.#live(),
      head: () => this.#head(),
      bounds: () => {
        const { late_secs: late, wait_secs: wait } = deps.settings().correlations;
        return { lateMs: late * 1_000, waitMs: wait * 1_000 };
      },
      commit: (found, within, lease) => findings.revise(found.reviewed, found.findings, this.#describe, within, lease),
      announced: (stretches) => findings.announced(stretches),
      insert: (moments) => this.#insert(moments),
      leave: (looked, within, lease) => findings.leave(looked, within, lease),
    });
    this.#rounds = new Repeating(
      TICK_MS,
      async () => {
        await this.#tick.run();
        await this.#tick.rest();
        this.#waits = false;
      },
      (error) => this.#tellOnce(error),
    );
  }

  get health(): CorrelationHealth {
    return this.#tick.health;
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#tick.stop();
  }

  /** An engine that is down is down for many ticks. */
  #tellOnce(error: unknown): void {
    if (!this.#waits) this.#deps.telemetry.log('warn', 'correlations wait; it is tried again each second', { error: String(error) });
    this.#waits = true;
  }

  #live(): readonly LiveCounter[] {
    const live = this.#deps.counting.live();
    for (const counter of live) this.#known.set(counter.identity, counter);
    return live;
  }

  async #head() {
    const head = await this.#deps.head();
    this.#heads = new Map([[head.node, Math.max(head.seq, this.#heads.get(head.node) ?? 0)]]);
    return head;
  }

  readonly #describe: Describe = async (findings) => {
    const { engine } = this.#deps;
    const inner = new Map([...this.#known.values()].map((counter) => [counter.correlation.id, counter]));
    const asked = findings.map((finding) => ({
      ...finding,
      ...this.#counterOf(finding),
      first: finding.firstTrigger,
      last: finding.lastTrigger,
    }));
    const contents = await describe(engine, asked, { inner }, this.#heads);
    const events = await foundEvents(engine, contents);
    return contents.map(({ firstAt, lastAt, count, eventIds, legs, value }, i) => {
      const { correlation } = asked[i] ?? {};
      if (correlation === undefined) throw new Error('more was described than was asked');
      const details: AlertDetails = {
        kind: 'correlation',
        type: correlation.type,
        timespanMs: correlation.timespanMs,
        ...(correlation.fieldPaths.length > 0 && { fields: fieldWords(correlation) }),
        condition: conditionWords(correlation, this.#titleOf),
        ...(value !== undefined && { value }),
        legs: correlation.refs.map((ref, i) => this.#legOf(ref, legs[i] ?? 0, inner)),
      };
      return { firstAt, lastAt, count, eventIds, details, events: eventIds.flatMap((id) => events.get(id) ?? []) };
    });
  };

  #legOf({ id, kind }: Correlation['refs'][number], count: number, inner: ReadonlyMap<string, LiveCounter>): CorrelationLeg {
    const leg = { ruleId: id, title: this.#titleOf(id), count };
    return kind === 'rule' ? leg : { ...leg, countedRuleIds: rulesBehind(id, inner) };
  }

  #counterOf({ identity }: Finding): LiveCounter {
    const counter = this.#known.get(identity);
    if (counter === undefined) throw new Error(`nothing was ever live as ${identity}`);
    return counter;
  }

  readonly #titleOf = (id: string): string => this.#deps.ruleBook.info(id)?.title ?? id;

  /** A name of its own for each block: those that are there already are left out before. */
  async #insert(moments: readonly Moment[]): Promise<void> {
    const receivedAt = Date.now();
    const rows = moments.map((moment) => ({ ...moment, receivedAt }));
    const late = { lateMs: Number.POSITIVE_INFINITY, tooLateMs: Number.POSITIVE_INFINITY };
    await this.#deps.engine.insert(encodeHits({ rows, name: `moments-${randomUUID()}`, receivedAt, late, moments: true }));
  }
}

/** The rules that a correlation counts, by way of those that it counts too. */
function rulesBehind(id: string, known: ReadonlyMap<string, LiveCounter>): string[] {
  const refs = known.get(id)?.correlation.refs ?? [];
  return [...new Set(refs.flatMap((ref) => (ref.kind === 'rule' ? [ref.id] : rulesBehind(ref.id, known))))];
}
