import type { Alerting } from './alert/alerting.ts';
import { countersOf } from './detect/correlate/counters.ts';
import { HitPlan } from './detect/correlate/hit-plan.ts';
import { keepCursor, readCursor } from './detect/correlate/ledger.ts';
import { type Deferred, deferredIn, judgeDeferred, type LateJudgment } from './detect/deferred.ts';
import type { LoadedRules } from './detect/sigma/load.ts';
import { judgedOf } from './detect/sql-hits.ts';
import { Repeating } from './lib/repeating.ts';
import type { DetectedHit } from './model/detected.ts';
import { eventId } from './model/event.ts';
import type { HitRow } from './model/hit-row.ts';
import type { StoreHead } from './pipeline/ingest-contract.ts';
import { keepRejudged } from './store/keep-rejudged.ts';
import { HeldLease } from './store/state/held-lease.ts';
import type { Lease, State } from './store/state/state.ts';
import type { EventEngine } from './store/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface SideLaneDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly alerting: Pick<Alerting, 'commitLater'>;
  readonly node: number;
  loaded(): Pick<LoadedRules, 'rules' | 'correlations' | 'baselines'>;
  /** How far the store is. */
  head(): Promise<StoreHead>;
  /** Stores what correlations count of these hits, and leaves out what is there. */
  insert(rows: readonly HitRow[], name: string): Promise<void>;
  lateAfterMs(): number;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

const EVERY_MS = 1_000;
const LEASE_MS = 60_000;
/** Events that are judged at once. */
const BATCH = 500;
/** Where nothing was left open, the cursor is written down this seldom: what lies between is looked through again after a restart. */
const KEEP_EVERY = 100_000;

/**
 * Judges what cost the stream too much: events that a rule has left open, by SQL over the store, a little later. What is found leads to
 * alerts, is counted by correlations, and is among the event's hits, as if it had been found at once.
 */
export class SideLane {
  readonly #deps: SideLaneDeps;
  readonly #rounds: Repeating;
  readonly #stopping = new AbortController();
  /** The last event up to which nothing is open; undefined until it is known. */
  #done: number | undefined;
  #kept = 0;
  readonly #lease: HeldLease;
  #plan: { readonly of: unknown; readonly plan: HitPlan } | undefined;
  #waits = false;

  constructor(deps: SideLaneDeps) {
    this.#deps = deps;
    const { state, node, now } = deps;
    this.#lease = new HeldLease(state.leases, { name: this.#name, holder: `hub-${node}`, ttlMs: LEASE_MS, now });
    this.#rounds = new Repeating(
      EVERY_MS,
      () => this.#round(),
      (error) => this.#tellOnce(error),
    );
  }

  /** Resolves when it has looked for the first time. */
  async start(): Promise<void> {
    await this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rounds.stop();
    await this.#lease.release();
  }

  /** How far the store is with nothing left open: who counts hits must not look further. */
  async head(): Promise<StoreHead> {
    const head = await this.#deps.head();
    const [first] = await this.#open(head, 1);
    if (first === undefined) return head;
    return { ...head, seq: first.seq - 1, receivedAt: Math.min(head.receivedAt, first.receivedAt), idle: false };
  }

  /** The first events that are open. */
  async #open(head: StoreHead, limit: number): Promise<Deferred[]> {
    const { engine, telemetry, now } = this.#deps;
    const after = await this.#cursor();
    if (head.seq <= after) return [];
    const open = await deferredIn(engine, { node: head.node, after, upTo: head.seq }, limit);
    const [first] = open;
    if (first === undefined) this.#done = Math.max(head.seq, this.#done ?? 0);
    telemetry.gauge('earshot_side_lane_lag_seconds', {}, first === undefined ? 0 : Math.max(0, now() - first.receivedAt) / 1000);
    return open;
  }

  async #cursor(): Promise<number> {
    if (this.#done === undefined) {
      const { state, node } = this.#deps;
      this.#kept = (await state.read((db) => readCursor(db, this.#name)))?.seqs.get(node) ?? 0;
      this.#done ??= this.#kept;
    }
    return this.#done;
  }

  /** Of the lease and of the cursor: each hub looks after what it has taken in. */
  get #name(): string {
    return `side_lane_${this.#deps.node}`;
  }

  async #round(): Promise<void> {
    if (!this.#deps.engine.up) return;
    const head = await this.#deps.head();
    for (;;) {
      const open = await this.#open(head, BATCH);
      if (this.#stopping.signal.aborted) return;
      const done = await this.#cursor();
      const to = open.length < BATCH ? Math.max(head.seq, done) : (open.at(-1)?.seq ?? done);
      if (open.length === 0 && to - this.#kept < KEEP_EVERY) break;
      const lease = await this.#lease.hold();
      if (lease === undefined || !(await this.#judge(open, to, lease))) return;
      if (open.length < BATCH) break;
    }
    this.#waits = false;
  }

  async #judge(open: readonly Deferred[], to: number, lease: Lease): Promise<boolean> {
    const { engine, alerting, loaded, insert, telemetry, node, now } = this.#deps;
    const judged = await judgeDeferred(engine, open, loaded().rules, this.#stopping.signal);
    const plan = this.#hitPlan();
    const rows = judged.flatMap(({ event, hits }) => plan.rows(judgedOf(event), hits, event));
    if (rows.length > 0) await insert(rows, this.#name);
    const found = judged.filter(({ hits }) => hits.length > 0).map(({ event: { seq, timestamp }, hits }) => ({ seq, timestamp, hits }));
    await keepRejudged(engine, node, found);
    const hits = judged.flatMap((each) => this.#detected(each));
    const cursor = { seqs: new Map([[node, to]]), watermark: 0 };
    if (!(await alerting.commitLater(hits, (tx) => keepCursor(tx, this.#name, cursor, now()), lease))) {
      this.#lease.lost();
      return false;
    }
    for (const { hit } of hits) telemetry.count('earshot_rule_hits_total', { rule: hit.id });
    this.#kept = to;
    this.#done = Math.max(to, this.#done ?? 0);
    return true;
  }

  #detected({ event, hits }: LateJudgment): DetectedHit[] {
    const { node, seq, timestamp, receivedAt, source, fields, raw } = event;
    const late = receivedAt - timestamp > this.#deps.lateAfterMs();
    return hits.map((hit) => ({ eventId: eventId(node, seq), node, seq, timestamp, receivedAt, source, fields, raw, hit, late }));
  }

  #hitPlan(): HitPlan {
    const loaded = this.#deps.loaded();
    if (this.#plan?.of !== loaded) {
      const onUngrouped = (rule: string) => this.#deps.telemetry.count('earshot_ungrouped_hits_total', { rule });
      this.#plan = { of: loaded, plan: new HitPlan(countersOf(loaded), onUngrouped) };
    }
    return this.#plan.plan;
  }

  /** An engine that is down is down for many rounds. */
  #tellOnce(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    if (!this.#waits) this.#deps.telemetry.log('warn', 'the side lane waits; it is tried again each second', { error: String(error) });
    this.#waits = true;
  }
}
