import { createHash } from 'node:crypto';
import type { FoundAlerts } from '../../alert/found-alerts.ts';
import { newsText } from '../../detect/baseline/spelling.ts';
import { BaselineTick, type LiveBaseline, type Looked, type Round, type Told } from '../../detect/baseline/tick.ts';
import { foundEvents } from '../../detect/correlate/found-events.ts';
import { baselineIdentity } from '../../detect/correlate/identity.ts';
import { keepCursor, readCursor, writeStride } from '../../detect/correlate/ledger.ts';
import type { LoadedRules } from '../../detect/sigma/load.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { Event } from '../../model/event.ts';
import type { Finding } from '../../model/found.ts';
import type { StoreHead } from '../../pipeline/ingest-contract.ts';
import type { Lease, State, StateTransaction } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Counting } from './counting.ts';

export interface BaseliningDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly found: FoundAlerts;
  readonly counting: Pick<Counting, 'liveCounters'>;
  readonly holder: string;
  loaded(): Pick<LoadedRules, 'rules' | 'baselines'>;
  head(): Promise<StoreHead>;
  readonly telemetry: Telemetry;
}

const EVERY_MS = 3_000;
const LEASE_MS = 30_000;
/** Where this one's cursor is kept, beside those of correlations, and which baselines have begun. */
const PASS = 'baselines';
const BEGUN = 'begun ';

/** Runs baselines in the hub, under a lease: what they find becomes alerts. */
export class Baselining {
  readonly #deps: BaseliningDeps;
  readonly #tick: BaselineTick;
  readonly #rounds: Repeating;
  #lease: Lease | undefined;
  #waits = false;
  #headAt = 0;
  #beganAt = 0;
  /** Milliseconds since the epoch; undefined where there is nothing to look at, or another hub does it. */
  #lookedUpTo: number | undefined;
  /** What is watched, worked out once for each set of rules. */
  #identities: { readonly of: unknown; readonly byId: ReadonlyMap<string, string> } | undefined;

  constructor(deps: BaseliningDeps) {
    this.#deps = deps;
    this.#tick = new BaselineTick({
      engine: deps.engine,
      live: () => this.#live(),
      head: async () => {
        const { node, seq, receivedAt, idle } = await deps.head();
        this.#headAt = idle ? Date.now() : receivedAt;
        return { heads: new Map([[node, seq]]), receivedAt: this.#headAt };
      },
      looked: () => this.#looked(),
      commit: (round) => this.#commit(round),
    });
    this.#rounds = new Repeating(
      EVERY_MS,
      () => this.#run(),
      (error) => this.#tellOnce(error),
    );
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    if (this.#lease !== undefined) await this.#deps.state.leases.release(this.#lease);
  }

  async #run(): Promise<void> {
    if (this.#live().length === 0) this.#lookedUpTo = undefined;
    else this.#lookedUpTo ??= Date.now();
    try {
      if (this.#lookedUpTo !== undefined && this.#deps.engine.up) await this.#lookAtAll();
    } finally {
      this.#tellLag();
    }
  }

  async #lookAtAll(): Promise<void> {
    for (let more = true; more; ) {
      if (!(await this.#hold())) {
        this.#lookedUpTo = undefined;
        return;
      }
      this.#beganAt = Date.now();
      more = await this.#tick.run();
    }
    this.#waits = false;
    this.#lookedUpTo = this.#headAt;
  }

  /** Also while the engine is down: it grows then. */
  #tellLag(): void {
    const lagSecs = this.#lookedUpTo === undefined ? 0 : Math.max(0, (Date.now() - this.#lookedUpTo) / 1_000);
    this.#deps.telemetry.gauge('earshot_baseline_lag_seconds', {}, lagSecs);
  }

  async #looked(): Promise<Looked | undefined> {
    return this.#deps.state.read(async (db) => {
      const cursor = await readCursor(db, PASS);
      const rows = await db.selectFrom('correlation_cursors').select(['pass', 'watermark']).where('pass', 'like', `${BEGUN}%`).execute();
      return cursor && { cursor, begun: new Map(rows.map(({ pass, watermark }) => [pass.slice(BEGUN.length), watermark])) };
    });
  }

  async #hold(): Promise<boolean> {
    const { leases } = this.#deps.state;
    if (this.#lease !== undefined) this.#lease = await leases.renew(this.#lease, LEASE_MS);
    this.#lease ??= await leases.acquire(PASS, this.#deps.holder, LEASE_MS);
    return this.#lease !== undefined;
  }

  #live(): readonly LiveBaseline[] {
    const { counting, loaded } = this.#deps;
    const { rules, baselines } = loaded();
    if (this.#identities?.of !== baselines) {
      const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
      this.#identities = { of: baselines, byId: new Map(baselines.map((each) => [each.id, baselineIdentity(each, ruleOf)])) };
    }
    const { byId } = this.#identities;
    const live = new Map(counting.liveCounters().map((each) => [each.identity, each]));
    return baselines.flatMap((baseline) => {
      const counter = live.get(byId.get(baseline.id) ?? '');
      return counter === undefined ? [] : [{ ...counter, baseline }];
    });
  }

  async #commit(round: Round): Promise<void> {
    const { findings, reviewed, told } = round;
    const { found, engine } = this.#deps;
    if (this.#lease === undefined) throw new Error('another hub looks at baselines now');
    const byPlace = new Map(findings.map((finding, i) => [placeOf(finding), told[i]]));
    const describe = async (merged: readonly Finding[]) => {
      const contents = merged.map((finding) => contentsOf(byPlace.get(placeOf(finding))));
      const events = await foundEvents(engine, contents);
      return contents.map((each) =>
        withEvents(
          each,
          each.eventIds.flatMap((id) => events.get(id) ?? []),
        ),
      );
    };
    const kept = await found.revise(reviewed, findings, describe, (tx) => this.#writeDown(tx, round), this.#lease);
    if (!kept) this.#lease = undefined;
  }

  /** The ledger shows a stretch that was passed over, as it does for correlations. */
  async #writeDown(tx: StateTransaction, { from, to, begun }: Round): Promise<void> {
    const now = Date.now();
    const counters = createHash('sha256')
      .update(JSON.stringify(this.#live().map(({ identity }) => identity)))
      .digest('hex')
      .slice(0, 16);
    const stride = { counters, ticks: 1, slowestMs: now - this.#beganAt, cut: 0, beganAt: this.#beganAt };
    await writeStride(tx, { pass: PASS, from, to, ...stride }, now);
    for (const { identity, liveAt } of begun) await keepCursor(tx, `${BEGUN}${identity}`, { seqs: new Map(), watermark: liveAt }, now);
  }

  /** An engine that is down is down for many rounds. */
  #tellOnce(error: unknown): void {
    if (!this.#waits) this.#deps.telemetry.log('warn', 'baselines wait; it is tried again soon', { error: String(error) });
    this.#waits = true;
  }
}

const placeOf = ({ identity, groupKey, firstTrigger }: Finding): string => `${firstTrigger} ${identity} ${groupKey}`;

function withEvents({ news, fieldNames, details, ...contents }: Told, events: readonly Event[]) {
  const firstSeen = news.length > 0 && { firstSeen: newsText(news, fieldNames, events) };
  return { ...contents, events, details: { ...details, ...firstSeen } };
}

function contentsOf(told: Told | undefined): Told {
  // Stretches are apart: each finding is an alert of its own.
  if (told === undefined) throw new Error('more is described than was found');
  return told;
}
