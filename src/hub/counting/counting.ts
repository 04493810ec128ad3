import { backFill, TooMuch } from '../../detect/correlate/back-fill.ts';
import { countersOf, type LoadedCounter } from '../../detect/correlate/counters.ts';
import type { Correlation } from '../../detect/sigma/correlation.ts';
import type { LoadedRules } from '../../detect/sigma/load.ts';
import type { Rule } from '../../detect/sigma/rule.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { HitRow } from '../../model/hit-row.ts';
import type { CountedFrom, StoreHead } from '../../pipeline/ingest-contract.ts';
import type { Settings } from '../../settings.ts';
import type { Window } from '../../store/event-sql.ts';
import { insertHits } from '../../store/insert-hits.ts';
import { sql } from '../../store/sql.ts';
import { type CounterRow, type CounterStore, createCounterStore } from '../../store/state/counters.ts';
import type { Lease, State } from '../../store/state/state.ts';
import type { EventEngine, QueryBounds } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

/** A counter whose rows are all there: those of the past, and those of each event that is in the store. */
export interface LiveCounter {
  readonly identity: string;
  /** When it was loaded first; milliseconds since the epoch. */
  readonly beganAt: number;
  /** Milliseconds since the epoch. */
  readonly liveAt: number;
}

/** A correlation whose rows are all there. */
export interface LiveCorrelation extends LiveCounter {
  readonly correlation: Correlation;
}

export interface CountingDeps {
  readonly state: State;
  readonly engine: EventEngine;
  readonly settings: () => Settings;
  /** A rule as it is to be asked about events of the past. */
  readonly forThePast: (rule: Rule) => Rule;
  readonly head: () => Promise<StoreHead>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

type Loaded = Pick<LoadedRules, 'rules' | 'correlations' | 'baselines'>;

const LOOK_MS = 1_000;
const LEASE_MS = 600_000;
const DAY_MS = 86_400_000;
/** The longest stretch that is filled at once, where there was nothing before it; and the shortest, where an engine is at its end. */
const STRETCH_MS = { first: DAY_MS, most: 32 * DAY_MS, least: 60_000 };
const OLDEST_BOUNDS: QueryBounds = { timeoutMs: 30_000, maxMemoryBytes: 100 * 1024 ** 2, maxRows: 1, lane: 'system' };
/** Of events whose clock is ahead; as far as the engine holds times. */
const END_OF_TIME = 0xffff_ffff * 1000 + 1;

/**
 * Which counters have rows, and brings new ones live: what the judge thread writes from a block on, the past is filled up to. One hub of
 * several does it, under a lease, and goes on where another has ended.
 */
export class Counting {
  readonly #deps: CountingDeps;
  readonly #store: CounterStore;
  readonly #looking: Repeating;
  readonly #stopping = new AbortController();
  #loaded: Loaded = { rules: [], correlations: [], baselines: [] };
  #counters: ReadonlyMap<string, LoadedCounter> = new Map();
  #rows: readonly CounterRow[] = [];
  /** What is not written down yet. */
  readonly #starts: CountedFrom[] = [];
  #stretchMs: number = STRETCH_MS.first;

  constructor(deps: CountingDeps) {
    this.#deps = deps;
    this.#store = createCounterStore(deps.state, deps.now);
    this.#looking = new Repeating(
      LOOK_MS,
      () => this.#look(),
      (error) => {
        if (!this.#stopping.signal.aborted)
          deps.telemetry.log('warn', 'the past could not be counted yet; it is tried again', { error: String(error) });
      },
    );
  }

  /** These rules are loaded. To be called before anything judges by them. */
  async load(loaded: Loaded): Promise<void> {
    const counters = countersOf(loaded);
    await this.#store.load(counters);
    this.#loaded = loaded;
    this.#counters = new Map(counters.map((counter) => [counter.identity, counter]));
    this.#rows = await this.#store.list();
  }

  /** From this seq on, events of the node have the rows of these counters when they are judged. */
  countFrom(from: CountedFrom): void {
    this.#starts.push(from);
  }

  start(): void {
    void this.#looking.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking.stop();
  }

  /** Those that are live, in the order in which they were loaded: each correlation after those it counts. */
  live(): readonly LiveCorrelation[] {
    const live = new Map(this.liveCounters().map((counter) => [this.#counters.get(counter.identity)?.ruleId, counter]));
    return this.#loaded.correlations.flatMap((correlation) => {
      const counter = live.get(correlation.id);
      return counter === undefined ? [] : [{ ...counter, correlation }];
    });
  }

  /** Also those that are no correlations. */
  liveCounters(): readonly LiveCounter[] {
    return this.#rows.flatMap(({ identity, phase, began_at: beganAt, live_at: liveAt }) =>
      phase === 'live' && liveAt !== null && this.#counters.has(identity) ? [{ identity, beganAt, liveAt }] : [],
    );
  }

  /** How long rows must be kept for what is loaded, in milliseconds. */
  get neededMs(): number {
    return this.#reach([...this.#counters.values()]);
  }

  #reach(counters: readonly LoadedCounter[]): number {
    const { late_after_hours: lateHours } = this.#deps.settings().rules;
    return counters.reduce((most, { historyMs }) => Math.max(most, historyMs), 0) + lateHours * 3_600_000;
  }

  async #look(): Promise<void> {
    await this.#keepStarts();
    this.#tellFilling();
    if (!this.#rows.some(this.#fillable)) return;
    const { state, settings } = this.#deps;
    const lease = await state.leases.acquire('counters', `hub-${settings().node}`, LEASE_MS);
    if (lease === undefined) return;
    try {
      for (let batch = await this.#nextBatch(); batch !== undefined; batch = await this.#nextBatch()) {
        if (this.#stopping.signal.aborted || !(await this.#fill(batch, lease))) return;
        if ((await state.leases.renew(lease, LEASE_MS)) === undefined) return;
      }
    } finally {
      await state.leases.release(lease);
    }
  }

  async #keepStarts(): Promise<void> {
    for (let from = this.#starts[0]; from !== undefined; from = this.#starts[0]) {
      await this.#store.countFrom(from.identities, from.node, from.seq);
      this.#starts.shift();
      this.#rows = await this.#store.list();
    }
  }

  #tellFilling(): void {
    const filling = this.#rows.filter(({ identity, phase }) => phase === 'filling' && this.#counters.has(identity));
    this.#deps.telemetry.gauge('earshot_counters_filling', {}, filling.length);
  }

  readonly #fillable = ({ identity, phase, from_seqs }: CounterRow): boolean => {
    if (phase !== 'filling' || !this.#counters.has(identity)) return false;
    return seqsOf(from_seqs)[this.#deps.settings().node] !== undefined || this.#hasNoRules(identity);
  };

  /** It counts correlations only. */
  #hasNoRules(identity: string): boolean {
    return this.#counters.get(identity)?.refs.every((ref) => ref === undefined) ?? false;
  }

  /** Counters that are equally far: the hits of a rule that several of them count are searched for once. */
  async #nextBatch(): Promise<readonly CounterRow[] | undefined> {
    this.#rows = await this.#store.list();
    const [first, ...others] = this.#rows.filter(this.#fillable);
    if (first === undefined) return undefined;
    const { node, seq } = await this.#deps.head();
    const from = seqsOf(first.from_seqs)[node];
    // Blocks before that one are still on their way into the store.
    if (from !== undefined && seq < from - 1) return undefined;
    return [first, ...others.filter((row) => row.from_seqs === first.from_seqs && row.filled_to === first.filled_to)];
  }

  /** One stretch of the past. False: not now. */
  async #fill(batch: readonly CounterRow[], lease: Lease): Promise<boolean> {
    const [first] = batch;
    if (first === undefined) return false;
    const counters = batch.flatMap(({ identity }) => this.#counters.get(identity) ?? []);
    const start = Math.max(first.began_at - this.#reach(counters), await this.#oldestHour());
    const to = first.filled_to ?? END_OF_TIME;
    const from = Math.max(0, start, Math.min(to, first.began_at) - this.#stretchMs);
    const identities = batch.map(({ identity }) => identity);
    const nothing = identities.every((identity) => this.#hasNoRules(identity));
    if (!nothing && from < to && !(await this.#search(first, counters, { from, to }))) return true;
    const live = nothing || from <= Math.max(0, start);
    const kept = await this.#store.filled(lease, identities, from, live);
    this.#rows = await this.#store.list();
    this.#tellFilling();
    if (kept && live) this.#deps.telemetry.log('info', 'what correlations count is complete', { counters: identities.length });
    return kept;
  }

  /** Nothing in the store is older; milliseconds since the epoch. The table is sorted by hours, so that the first of each part is enough. */
  async #oldestHour(): Promise<number> {
    const oldest = sql`SELECT toUnixTimestamp(toStartOfHour(ts)) AS hour FROM earshot.events ORDER BY toStartOfHour(ts) LIMIT 1`;
    const [row] = await this.#deps.engine.query<{ hour: number }>(oldest, OLDEST_BOUNDS);
    return row === undefined ? END_OF_TIME : Number(row.hour) * 1_000;
  }

  /** False: a shorter stretch is to be tried. */
  async #search({ from_seqs }: CounterRow, counters: readonly LoadedCounter[], window: Window): Promise<boolean> {
    const { engine, now } = this.#deps;
    const insert = (rows: readonly HitRow[], name: string) => this.insert(rows, name);
    const rules = this.#loaded.rules.map(this.#deps.forThePast);
    try {
      const found = await backFill(
        { engine, counters, rules, before: seqsOf(from_seqs), insert, signal: this.#stopping.signal, now },
        window,
      );
      this.#stretchMs = found === 0 ? Math.min(this.#stretchMs * 2, STRETCH_MS.most) : STRETCH_MS.first;
      return true;
    } catch (error) {
      if (!(error instanceof TooMuch) || this.#stretchMs <= STRETCH_MS.least) throw error;
      this.#stretchMs = Math.max(STRETCH_MS.least, this.#stretchMs / 8);
      return false;
    }
  }

  /** As if they had been judged then: with the lateness, and under the day, of their receipt. */
  async insert(rows: readonly HitRow[], name: string): Promise<void> {
    const { engine, settings, telemetry } = this.#deps;
    const { correlations, rules } = settings();
    const late = { lateMs: correlations.late_secs * 1000, tooLateMs: rules.late_after_hours * 3_600_000 };
    const parts = Map.groupBy(rows, ({ node, receivedAt }) => `${node}-${Math.floor(receivedAt / DAY_MS)}`);
    for (const [part, of] of parts) {
      const [first] = of;
      if (first === undefined) continue;
      const block = { rows: of, name: `f-${name}-${part}-${first.seq}-${of.at(-1)?.seq}`, receivedAt: first.receivedAt, late };
      for (const { row, reason } of await insertHits(engine, block, { resumed: true }))
        telemetry.log('error', 'hits could not be stored for what counts them', { counter: row.counter, seq: row.seq, reason });
    }
  }
}

const seqsOf = (text: string): Record<string, number> => JSON.parse(text) as Record<string, number>;
