import { createHash } from 'node:crypto';
import type { Finding } from '../../model/found.ts';
import type { Lease, State, StateTransaction } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { Growing } from './growing.ts';
import { type Cursor, gapsOf, keepCursor, NOWHERE, type Pass, readCursor, type Stride, writeStride } from './ledger.ts';
import type { Held, Reviewed } from './look.ts';
import { type Moment, withoutRows } from './moments.ts';
import { beginAgain, beginLate, beginNow, beginSettled, beginWhole, type PassDeps, type Reach, type Under } from './passes.ts';
import { spellingKey, type Touched } from './touched.ts';
import { type LiveCounter, type Watched, watchedOf } from './watched.ts';

export interface TickDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  /** Whose lease it is: unique in the cluster, and the same after a restart. */
  readonly holder: string;
  /** Correlations whose rows are all there, each after those it counts. */
  live(): readonly LiveCounter[];
  head(): Promise<Head>;
  /** Milliseconds, as in the settings. */
  bounds(): { readonly lateMs: number; readonly waitMs: number };
  /** Findings become alerts; where something was looked at anew, nothing else holds. False: the lease is lost. */
  commit(found: Found, within: (tx: StateTransaction) => Promise<void>, lease: Lease): Promise<boolean>;
  announced(stretches: readonly Reviewed[]): Promise<readonly Reviewed[]>;
  insert(moments: readonly Moment[]): Promise<void>;
  /** All that is there was looked at: what only former versions found is left behind. False: the lease is lost. */
  leave(looked: Looked, within: (tx: StateTransaction) => Promise<void>, lease: Lease): Promise<boolean>;
}

/** A correlation that was looked at as a whole. */
export interface Looked {
  readonly identity: string;
  readonly timespanMs: number;
  /** Up to when it is known whether it holds; milliseconds since the epoch. */
  readonly upTo: number;
}

/** How far the store is, as ingestion tells it. */
export interface Head {
  readonly node: number;
  readonly seq: number;
  readonly receivedAt: number;
  readonly idle: boolean;
}

export interface Found {
  readonly findings: readonly Finding[];
  readonly reviewed: readonly Reviewed[];
}

/** How correlations are doing. */
export interface CorrelationHealth {
  /** How far behind the store what was looked at is. */
  readonly lagSecs: number;
  /** Time of events that nobody has looked at; 0 as long as all is well. */
  readonly gapSecs: number;
}

const LEASE = 'correlations';
const LEASE_MS = 30_000;
/** A tick that takes longer is cut, and goes on in the next. */
const TICK_MS = 400;
const SLOW_MS = 200;
/** A cursor that has found nothing is written down so often. */
const KEEP_MS = 10_000;
const GAPS_MS = 60_000;
/** A group that took too much of the engine is tried again so often, and so many times. */
const AGAIN_MS = 30_000;
const MOST_TRIES = 40;
const EVERY_MS = { now: 0, settled: 10_000, late: 30_000, import: 30_000 } as const satisfies Record<Pass, number>;

/** Since when a pass has not written its cursor, and what it has done since. */
interface Running {
  cursor: Cursor;
  kept: Cursor;
  keptAt: number;
  under: Under | undefined;
  nextAt: number;
  stride: Pick<Stride, 'ticks' | 'slowestMs' | 'cut' | 'beganAt'>;
}

/** Runs correlations by the clock: each tick looks at what is new, and makes alerts of what it finds. */
export class CorrelationTick {
  readonly #deps: TickDeps;
  #lease: Lease | undefined;
  #passes: Map<Pass, Running> | undefined;
  /** Those that were looked at as a whole, with when their rows were all there: one that was not loaded for a while has new ones. */
  #whole: Map<string, number> = new Map();
  #wholeUnder: { readonly of: Watched; readonly under: Under } | undefined;
  #counters = '';
  #watched: ReadonlyMap<string, Watched> = new Map();
  /** Groups that the engine has not had the time or memory for. No cursor is written down while there are some: a restart looks again. */
  readonly #aside = new Map<string, Aside>();
  #trying: string | undefined;
  readonly #growing = new Growing();
  #gapsAt = 0;
  /** All that was received before was looked at; undefined before the first tick. */
  #lookedUpTo: number | undefined;
  #health: CorrelationHealth = { lagSecs: 0, gapSecs: 0 };
  /** What the last tick has left time for. */
  #free: { readonly passes: Map<Pass, Running>; readonly reach: Reach } | undefined;

  constructor(deps: TickDeps) {
    this.#deps = deps;
  }

  get health(): CorrelationHealth {
    return this.#health;
  }

  /** One tick: what is new, and what time has decided. Throws EngineError and EarshotError: nothing was passed over, the next tick does it. */
  async run(): Promise<void> {
    const { engine, telemetry } = this.#deps;
    this.#free = undefined;
    if (!engine.up) return this.#tellLag();
    if ((await this.#hold()) === undefined) return;
    const began = performance.now();
    try {
      await this.#guarded(() => this.#tick());
    } finally {
      this.#tellLag();
    }
    telemetry.observe('earshot_correlation_tick_seconds', {}, (performance.now() - began) / 1_000);
  }

  /** Between ticks, where the last had nothing left over: what came late, imports, and counters that are new. Throws as {@link run}. */
  async rest(): Promise<void> {
    const free = this.#free;
    this.#free = undefined;
    if (free !== undefined && this.#lease !== undefined) await this.#guarded(() => this.#slow(free.passes, free.reach));
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#forget();
      if (!(error instanceof LeaseLost)) throw error;
    }
  }

  /** Keeps where it is, and lets another hub go on. */
  async stop(): Promise<void> {
    if (this.#lease === undefined) return;
    for (const [pass, running] of this.#passes ?? []) if (running.cursor !== running.kept) await this.#commit(pass, running, NOTHING, true);
    await this.#deps.state.leases.release(this.#lease);
    this.#forget();
    this.#lease = undefined;
  }

  async #hold(): Promise<Lease | undefined> {
    const { state, now, holder } = this.#deps;
    const { leases } = state;
    if (this.#lease !== undefined && this.#lease.expiresAt - now() < (LEASE_MS * 2) / 3)
      this.#lease = await leases.renew(this.#lease, LEASE_MS);
    if (this.#lease !== undefined) return this.#lease;
    this.#forget();
    this.#lease = await leases.acquire(LEASE, holder, LEASE_MS);
    return this.#lease;
  }

  /** What is known of the cursors may be another's by now. */
  #forget(): void {
    this.#passes = undefined;
    this.#wholeUnder = undefined;
    this.#growing.forget();
    this.#counters = '';
  }

  async #tick(): Promise<void> {
    const head = await this.#deps.head();
    const reach = { seqs: new Map([[head.node, head.seq]]), watermark: this.#watermark(head) };
    const passes = this.#passes ?? (await this.#read(reach));
    this.#passes = passes;
    this.#watch();
    const until = performance.now() + TICK_MS;
    let done = await this.#pass('now', passes, reach, TICK_MS);
    // What the last tick had left over does not cost this one its turn.
    while (!done && performance.now() < until) done = await this.#pass('now', passes, reach, until - performance.now());
    if (done) this.#lookedUpTo = head.idle ? this.#deps.now() : head.receivedAt;
    if (done && (await this.#pass('settled', passes, reach, TICK_MS))) this.#free = { passes, reach };
    await this.#tellGaps();
  }

  async #slow(passes: Map<Pass, Running>, reach: Reach): Promise<void> {
    if ((await this.#pass('late', passes, reach, SLOW_MS)) && (await this.#pass('import', passes, reach, SLOW_MS)))
      await this.#lookWhole(passes, reach);
    await this.#lookAgain(passes, reach);
  }

  /** At one of the groups that took too much: there may be room for it by now. */
  async #lookAgain(passes: Map<Pass, Running>, reach: Reach): Promise<void> {
    const due = [...this.#aside].find(([, { at }]) => at <= this.#deps.now());
    if (due === undefined) return;
    const [key, { touched }] = due;
    const settled = passes.get('settled')?.cursor.watermark ?? 0;
    this.#trying = key;
    try {
      const { found } = await goOn(beginAgain(this.#passDeps, [touched], reach, settled), Number.POSITIVE_INFINITY);
      await this.#fenced((lease) => this.#deps.commit(found, async () => undefined, lease));
    } finally {
      this.#trying = undefined;
    }
    const now = this.#aside.get(key);
    if (now === due[1]) this.#aside.delete(key);
    else if (now !== undefined && now.tries >= MOST_TRIES) this.#giveUp(key, now.touched);
    this.#tellAside();
  }

  /** A group that is aside is not asked for in each tick: it would take the time of all of them. */
  #waits(touched: Touched): boolean {
    const key = spellingKey(touched.identity, touched.groupKey);
    const known = this.#aside.get(key);
    if (known === undefined || key === this.#trying) return false;
    this.#aside.set(key, { ...known, touched: spanning(known.touched, touched) });
    return true;
  }

  #setAside(touched: Touched): void {
    const key = spellingKey(touched.identity, touched.groupKey);
    const known = this.#aside.get(key);
    const all = known === undefined ? touched : spanning(known.touched, touched);
    this.#aside.set(key, { touched: all, tries: (known?.tries ?? 0) + 1, at: this.#deps.now() + AGAIN_MS });
    if (known === undefined)
      this.#deps.telemetry.log('warn', 'a group takes too much of the engine; the others go on without it, and it is tried again', {
        correlation: touched.identity,
        group: touched.groupKey,
      });
    this.#tellAside();
  }

  #giveUp(key: string, { identity, groupKey, first, last }: Touched): void {
    this.#aside.delete(key);
    const stretch = { from: new Date(first).toISOString(), to: new Date(last).toISOString() };
    this.#deps.telemetry.log(
      'error',
      'a group has taken too much of the engine each time; whether the correlation holds in it is not known',
      {
        correlation: identity,
        group: groupKey,
        ...stretch,
      },
    );
  }

  #tellAside(): void {
    this.#deps.telemetry.gauge('earshot_correlation_groups_aside', {}, this.#aside.size);
  }

  #watermark({ idle, receivedAt }: Head): number {
    const { now, bounds } = this.#deps;
    return (idle ? now() : Math.min(receivedAt, now())) - bounds().waitMs;
  }

  /** Where the passes are. One that was never made begins here: what is older is looked at as a whole. */
  async #read(reach: Reach): Promise<Map<Pass, Running>> {
    const { state, now } = this.#deps;
    return state.read(async (db) => {
      const rows = await db.selectFrom('correlation_cursors').select(['pass', 'watermark']).where('pass', 'like', `${WHOLE}%`).execute();
      this.#whole = new Map(rows.map(({ pass, watermark }) => [pass.slice(WHOLE.length), watermark]));
      const passes = new Map<Pass, Running>();
      for (const pass of ['now', 'settled', 'late', 'import'] as const) {
        const kept = await readCursor(db, pass);
        const cursor = kept ?? { seqs: pass === 'settled' ? NOWHERE.seqs : reach.seqs, watermark: reach.watermark };
        const stride = { ticks: 0, slowestMs: 0, cut: 0, beganAt: now() };
        passes.set(pass, { cursor, kept: cursor, keptAt: kept === undefined ? 0 : now(), under: undefined, nextAt: 0, stride });
      }
      return passes;
    });
  }

  /** What is watched may have changed; what is under way ends as it began. */
  #watch(): void {
    const live = this.#deps.live();
    const { lateMs } = this.#deps.bounds();
    const counters = createHash('sha256')
      .update(JSON.stringify([lateMs, ...live.map(({ identity, liveAt }) => [identity, liveAt])]))
      .digest('hex')
      .slice(0, 16);
    if (counters === this.#counters) return;
    this.#counters = counters;
    this.#watched = watchedOf(live, lateMs);
  }

  get #passDeps(): PassDeps {
    const { engine, announced } = this.#deps;
    return {
      engine,
      watched: this.#watched,
      announced,
      write: (moments) => this.#write(moments),
      tooMuch: (touched) => this.#setAside(touched),
      waits: (touched) => this.#waits(touched),
    };
  }

  async #write(moments: readonly Moment[]): Promise<void> {
    const missing = await withoutRows(this.#deps.engine, moments);
    if (missing.length > 0) await this.#deps.insert(missing);
  }

  /** Goes on with a pass for as long as it may; true when it has looked at all there is. */
  async #pass(pass: Pass, passes: Map<Pass, Running>, reach: Reach, budgetMs: number): Promise<boolean> {
    const { now } = this.#deps;
    const running = passes.get(pass);
    if (running === undefined || (running.under === undefined && now() < running.nextAt)) return true;
    const began = performance.now();
    running.under ??= await this.#begin(pass, running.cursor, passes, reach);
    const { found, done } = await goOn(running.under, began + budgetMs);
    const to = running.under.to;
    const tookMs = performance.now() - began;
    running.stride = {
      ...running.stride,
      ticks: running.stride.ticks + 1,
      slowestMs: Math.max(running.stride.slowestMs, tookMs),
      cut: running.stride.cut + (done ? 0 : 1),
    };
    if (done) {
      running.cursor = to;
      running.under = undefined;
      running.nextAt = now() + EVERY_MS[pass];
    }
    await this.#commit(pass, running, found, done);
    return done && (pass !== 'now' || isThere(to, reach));
  }

  #begin(pass: Pass, cursor: Cursor, passes: Map<Pass, Running>, reach: Reach): Promise<Under> {
    const settled = passes.get('settled')?.cursor.watermark ?? 0;
    switch (pass) {
      case 'now':
        return beginNow(this.#passDeps, cursor, reach);
      case 'settled':
        return beginSettled(this.#passDeps, cursor, reach);
      default:
        return beginLate(this.#passDeps, pass, cursor, reach, settled);
    }
  }

  /** Alerts, cursor and ledger change together. A cursor that has found nothing need not be written each time. */
  async #commit(pass: Pass, running: Running, all: Found, done: boolean): Promise<void> {
    const { commit, now } = this.#deps;
    const found = pass === 'now' ? { ...all, findings: this.#growing.ripe(all.findings, now()) } : all;
    const isFound = found.findings.length + found.reviewed.length > 0;
    const keeps =
      done &&
      this.#aside.size === 0 &&
      !(pass === 'now' && this.#growing.holds) &&
      running.cursor !== running.kept &&
      (isFound || now() - running.keptAt >= KEEP_MS || this.#lease === undefined);
    if (!isFound && !keeps) return;
    const { cursor: to, kept: from, stride } = running;
    const within = async (tx: StateTransaction) => {
      if (keeps) await writeStride(tx, { pass, from, to, counters: this.#counters, ...stride }, now());
    };
    await this.#fenced((lease) => commit(found, within, lease));
    if (pass === 'now') this.#growing.committed(found.findings, now());
    if (!keeps) return;
    running.kept = to;
    running.keptAt = now();
    running.stride = { ticks: 0, slowestMs: 0, cut: 0, beganAt: now() };
  }

  async #fenced(write: (lease: Lease) => Promise<boolean>): Promise<void> {
    const lease = this.#lease;
    if (lease !== undefined && (await write(lease))) return;
    this.#lease = undefined;
    throw new LeaseLost();
  }

  /** Looks at one counter that is new, as a whole. */
  async #lookWhole(passes: Map<Pass, Running>, reach: Reach): Promise<void> {
    const of = [...this.#watched.values()].find(({ identity, liveAt }) => this.#whole.get(identity) !== liveAt);
    const settled = passes.get('settled')?.cursor.watermark ?? 0;
    if (this.#wholeUnder === undefined) {
      if (of === undefined) return;
      this.#wholeUnder = { of, under: beginWhole(this.#passDeps, of, reach, settled) };
    }
    const { of: counter, under } = this.#wholeUnder;
    const { found, done } = await goOn(under, performance.now() + SLOW_MS);
    await this.#fenced((lease) => this.#deps.commit(found, async () => undefined, lease));
    if (!done) return;
    const { identity, correlation, liveAt } = counter;
    const kept = { seqs: new Map(), watermark: liveAt };
    const keep = (tx: StateTransaction) => keepCursor(tx, `${WHOLE}${identity}`, kept, this.#deps.now());
    const looked = { identity, timespanMs: correlation.timespanMs, upTo: this.#isKnownUpTo(counter, settled) };
    await this.#fenced((lease) => this.#deps.leave(looked, keep, lease));
    this.#whole.set(counter.identity, counter.liveAt);
    this.#wholeUnder = undefined;
  }

  /** Up to when it is known of a correlation that was looked at as a whole whether it holds. */
  #isKnownUpTo({ identity, atOnce, depth, settleMs }: Watched, settled: number): number {
    if ([...this.#aside.values()].some(({ touched }) => touched.identity === identity)) return 0;
    return atOnce && depth === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, settled - settleMs);
  }

  /** Also while the engine is down: it grows then. */
  #tellLag(): void {
    if (this.#lookedUpTo === undefined) return;
    const lagSecs = Math.max(0, (this.#deps.now() - this.#lookedUpTo) / 1_000);
    this.#health = { ...this.#health, lagSecs };
    this.#deps.telemetry.gauge('earshot_correlation_lag_seconds', {}, lagSecs);
  }

  async #tellGaps(): Promise<void> {
    const { state, telemetry, now } = this.#deps;
    if (now() < this.#gapsAt) return;
    this.#gapsAt = now() + GAPS_MS;
    const gaps = await state.read((db) => gapsOf(db));
    const gapSecs = gaps.reduce((sum, { lengthMs }) => sum + lengthMs, 0) / 1_000;
    this.#health = { ...this.#health, gapSecs };
    telemetry.gauge('earshot_correlation_gap_seconds', {}, gapSecs);
    for (const { pass, lengthMs } of gaps)
      telemetry.log('error', 'a stretch of time was not looked at by what counts over time', { pass, lengthMs });
  }
}

/** A group that took too much of the engine, so many times, and when it is tried again. */
interface Aside {
  readonly touched: Touched;
  readonly tries: number;
  readonly at: number;
}

const spanning = (a: Touched, b: Touched): Touched => ({ ...a, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) });

/** Another hub has taken over: it goes on from what is written down. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The cursors of counters that were looked at as a whole. */
const WHOLE = 'whole ';

const NOTHING: Found = { findings: [], reviewed: [] };

const isThere = ({ seqs }: Cursor, reach: Reach): boolean => [...reach.seqs].every(([node, seq]) => (seqs.get(node) ?? 0) >= seq);

async function goOn({ steps, isLate }: Under, until: number): Promise<{ readonly found: Found; readonly done: boolean }> {
  const findings: Finding[] = [];
  const reviewed: Reviewed[] = [];
  for (;;) {
    const next = await steps.next();
    if (next.done === true) return { found: { findings, reviewed }, done: true };
    findings.push(...next.value.held.map((held) => findingOf(held, isLate(held))));
    reviewed.push(...next.value.reviewed);
    if (performance.now() >= until) return { found: { findings, reviewed }, done: false };
  }
}

const findingOf = (
  { watched: { correlation, identity }, groupKey, values, first, last, value, certain }: Held,
  late: boolean,
): Finding => ({
  kind: 'correlation',
  ruleId: correlation.id,
  identity,
  groupKey,
  group: Object.fromEntries(correlation.groupNames.map((name, i) => [name, values[i] ?? ''])),
  firstTrigger: first,
  lastTrigger: last,
  ...(certain && correlation.bounds.length > 0 && { value }),
  gapMs: correlation.timespanMs,
  late,
});
