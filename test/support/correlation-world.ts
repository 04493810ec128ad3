import { createFoundAlerts, type Describe, type FoundAlerts } from '../../src/alert/found-alerts.ts';
import type { Trigger } from '../../src/detect/correlate/counted.ts';
import { episodesOf } from '../../src/detect/correlate/episodes.ts';
import { groupsFound } from '../../src/detect/correlate/evaluate.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import { describe } from '../../src/detect/correlate/sql/describe.ts';
import { CorrelationTick, type Head } from '../../src/detect/correlate/tick.ts';
import type { LiveCounter } from '../../src/detect/correlate/watched.ts';
import type { Correlation } from '../../src/detect/sigma/correlation.ts';
import type { HitRow } from '../../src/model/hit-row.ts';
import { encodeHits } from '../../src/store/hit-rows.ts';
import { createCounterStore } from '../../src/store/state/counters.ts';
import { EngineError, type EventEngine } from '../../src/store/store.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { hitsOf, type TimelineEvent } from './correlation-timelines.ts';
import { ruleOf } from './detected.ts';
import type { TestState } from './state.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const LATE = { lateMs: HOUR, tooLateMs: 24 * HOUR };
const NODE = 1;

/** An event with when it was received; its place in the list is its place in the store. */
export interface Arrival extends TimelineEvent {
  readonly receivedAt: number;
}

/** A correlation under its identity; the id of the correlation is what others refer to. */
export interface Counter {
  readonly identity: string;
  readonly correlation: Correlation;
}

/** Where the process is killed. */
export const KILLS = ['before the moments', 'after the moments', 'before the commit', 'after the commit', 'in a query'] as const;
export type Kill = (typeof KILLS)[number];

class Killed extends Error {}

/** A hub as correlations see it: a store whose blocks land in any order, a state database, a clock, and a tick that can be killed. */
export class CorrelationWorld {
  clock = 0;
  kill: Kill | undefined;
  /** Whoever asks about a group with this in its key takes too long. */
  tooMuch: string | undefined;
  readonly #engine: EventEngine;
  readonly #place: TestState;
  readonly #events: Arrival[] = [];
  readonly #known = new Map<string, LiveCounter>();
  /** Numbers up to which blocks reach, with whether they are in the store. */
  readonly #blocks: { readonly first: number; readonly last: number; there: boolean }[] = [];
  /** `<identity> <block>`: its rows are there, and are not filled in again. */
  readonly #stored = new Set<string>();
  #live: readonly LiveCounter[] = [];
  #fallBack = 0;
  #tick: CorrelationTick;
  #inserts = 0;

  constructor(engine: EventEngine, place: TestState) {
    this.#engine = engine;
    this.#place = place;
    this.#tick = this.#newTick();
  }

  get events(): readonly Arrival[] {
    return this.#events;
  }

  /** Takes events in, as one block that is not in the store yet. Gives the block. */
  receive(events: readonly Arrival[]): number {
    const first = this.#events.length + 1;
    this.#events.push(...events);
    return this.#blocks.push({ first, last: this.#events.length, there: false }) - 1;
  }

  /** Puts the rows of a block into the store. The same again changes nothing. */
  async land(index: number): Promise<void> {
    const block = this.#blocks[index];
    if (block === undefined) return;
    await this.#store(this.#live, block.first, block.last, `block-${index}`);
    for (const { identity } of this.#live) this.#stored.add(`${identity} ${index}`);
    block.there = true;
  }

  /** From now on these are watched; what is new among them is filled with the rows of all that is in the store. */
  async watch(counters: readonly Counter[]): Promise<void> {
    const isLive = ({ identity }: Counter) => this.#live.some((live) => live.identity === identity);
    const fresh = counters.filter((counter) => !isLive(counter));
    this.#live = counters.map(
      (counter) =>
        this.#live.find(({ identity }) => identity === counter.identity) ?? { ...counter, beganAt: this.clock, liveAt: this.clock },
    );
    for (const counter of this.#live) this.#known.set(counter.identity, counter);
    for (const [index, { first, last, there }] of this.#blocks.entries()) {
      const missing = fresh.filter(({ identity }) => !this.#stored.has(`${identity} ${index}`));
      if (there) await this.#store(missing, first, last, `fill-${++this.#inserts}-${first}`);
      if (there) for (const { identity } of missing) this.#stored.add(`${identity} ${index}`);
    }
    await this.#write(fresh);
  }

  /** What the state database has of counters, as when the past of these was filled in. */
  async #write(fresh: readonly Counter[]): Promise<void> {
    const { state } = this.#place;
    const store = createCounterStore(state, () => this.clock);
    await store.load(this.#live.map(({ identity, correlation }) => ({ identity, ruleId: correlation.id })));
    const lease = await state.leases.acquire('counters', 'hub-1', HOUR);
    if (lease === undefined) throw new Error('no lease');
    const identities = fresh.map(({ identity }) => identity);
    await store.filled(lease, identities, 0, true);
    await state.leases.release(lease);
  }

  /** One tick. True when it was killed: then the hub has started again, and knows of the store a little less than before. */
  async tick(fallBack = 0): Promise<boolean> {
    try {
      await this.#tick.run();
      await this.#tick.rest();
      return false;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.kill = undefined;
      this.#fallBack = fallBack;
      this.#tick = this.#newTick();
      return true;
    }
  }

  /** As after a kill. */
  restart(): void {
    this.#tick = this.#newTick();
  }

  async stop(): Promise<void> {
    await this.#tick.stop();
  }

  /** Of what is found, at the end, by the meaning of correlations. */
  expected(counters: readonly Counter[]): string[] {
    const correlations = counters.map(({ correlation }) => correlation);
    const identities = new Map(counters.map(({ identity, correlation }) => [correlation.id, identity]));
    const hits = new Map(correlations.map((correlation) => [correlation.id, hitsOf(correlation, this.#events)]));
    return groupsFound(correlations, hits).flatMap(({ correlation, groups }) =>
      groups.flatMap((group) => {
        const counts = episodesOf(correlation, group).map(({ events }) => events.length);
        const begins = `${identities.get(correlation.id)} ${groupColumns(group.values).groupKey}`;
        return spansOf(group.triggers, correlation.timespanMs).map(({ first, last }, i) => `${begins} ${first} ${last} ${counts[i]}`);
      }),
    );
  }

  /** Of what there are alerts; those that became part of others, and those that hold no more, left out. */
  async found(): Promise<string[]> {
    const rows = await this.#place.state.read((db) =>
      db.selectFrom('alerts').selectAll().where('part_of', 'is', null).where('first_trigger', 'is not', null).execute(),
    );
    return rows.map(
      ({ rule_version, title, first_trigger, last_trigger, count }) =>
        `${rule_version} ${title.slice(title.indexOf(' [') + 1)} ${first_trigger} ${last_trigger} ${count}`,
    );
  }

  #head(): Head {
    const gap = this.#blocks.findIndex(({ there }) => !there);
    const contiguous = gap < 0 ? this.#blocks.length : gap;
    const idle = contiguous === this.#blocks.length;
    const last = this.#blocks[contiguous - 1]?.last ?? 0;
    const seq = this.#blocks[Math.max(0, contiguous - this.#fallBack) - 1]?.last ?? 0;
    return { node: NODE, seq, receivedAt: this.#events[last - 1]?.receivedAt ?? this.clock, idle: idle && this.#fallBack === 0 };
  }

  /** The store has caught up after a restart. */
  catchUp(): void {
    this.#fallBack = 0;
  }

  async #store(counters: readonly Counter[], first: number, last: number, name: string): Promise<void> {
    const rows = counters.flatMap(({ identity, correlation }) => rowsOf(identity, correlation, this.#events, first, last));
    if (rows.length === 0) return;
    const receivedAt = Math.max(...rows.map((row) => row.receivedAt));
    await this.#engine.insert(encodeHits({ rows, name, receivedAt, late: LATE }));
  }

  #die(at: Kill): void {
    if (this.kill === at) throw new Killed();
  }

  #newTick(): CorrelationTick {
    const { state } = this.#place;
    const now = () => this.clock;
    const alerts: FoundAlerts = createFoundAlerts({
      state,
      // The version and the title tell alerts apart here: by what finds it, and in which group.
      ruleInfo: (id) => ({ ...ruleOf(id), version: id.split(' ')[0] ?? '' }),
      isQuiet: () => false,
      router: () => ({ notifiers: ['slack'], following: [], targets: () => ['slack'] }),
      telemetry: silent,
      now,
    });
    let queries = 0;
    const engine: EventEngine = {
      ...this.#engine,
      up: true,
      command: (statement) => this.#engine.command(statement),
      insert: (block) => this.#engine.insert(block),
      query: async (statement, bounds) => {
        if (++queries % 5 === 0) this.#die('in a query');
        if (this.tooMuch !== undefined && JSON.stringify(statement.params).includes(this.tooMuch))
          throw new EngineError({ code: 'timeout', message: 'it takes too long' });
        return this.#engine.query(statement, bounds);
      },
    };
    const describing: Describe = async (findings) => {
      const inner = new Map(this.#live.map((counter) => [counter.correlation.id, counter]));
      const asked = findings.map((finding) => {
        const counter = this.#known.get(finding.identity);
        if (counter === undefined) throw new Error(`unknown: ${finding.identity}`);
        return { ...counter, groupKey: finding.groupKey, first: finding.firstTrigger, last: finding.lastTrigger };
      });
      const contents = await describe(engine, asked, { inner }, new Map([[NODE, this.#head().seq]]));
      return contents.map(({ firstAt, lastAt, count, eventIds }) => ({
        firstAt,
        lastAt,
        count,
        eventIds,
        events: [],
        details: { kind: 'correlation', type: '', timespanMs: 0, condition: '', legs: [] },
      }));
    };
    return new CorrelationTick({
      engine,
      state,
      telemetry: silent,
      now,
      holder: 'hub-1',
      live: () => this.#live,
      head: async () => this.#head(),
      bounds: () => ({ lateMs: LATE.lateMs, waitMs: 10 * SECOND }),
      announced: (stretches) => alerts.announced(stretches),
      commit: async ({ findings, reviewed }, within, lease) => {
        this.#die('before the commit');
        const named = findings.map((finding) => ({ ...finding, ruleId: `${finding.identity} ${finding.groupKey}` }));
        const committed = await alerts.revise(reviewed, named, describing, within, lease);
        this.#die('after the commit');
        return committed;
      },
      leave: (looked, within, lease) => alerts.leave(looked, within, lease),
      insert: async (moments) => {
        this.#die('before the moments');
        const rows = moments.map((moment) => ({ ...moment, receivedAt: this.clock }));
        const late = { lateMs: Number.POSITIVE_INFINITY, tooLateMs: Number.POSITIVE_INFINITY };
        await this.#engine.insert(encodeHits({ rows, name: `moments-${++this.#inserts}`, receivedAt: this.clock, late, moments: true }));
        this.#die('after the moments');
      },
    });
  }
}

/** Moments no further apart than the timespan. */
function spansOf(triggers: readonly Trigger[], apart: number): { first: number; last: number }[] {
  const spans: { first: number; last: number }[] = [];
  for (const { at } of triggers) {
    const span = spans.at(-1);
    if (span !== undefined && at - span.last <= apart) span.last = at;
    else spans.push({ first: at, last: at });
  }
  return spans;
}

/** The rows of events by their place in the store, as the judging thread writes them. */
function rowsOf(identity: string, correlation: Correlation, events: readonly Arrival[], first: number, last: number): HitRow[] {
  const some = events.slice(first - 1, last);
  return hitsOf(correlation, some).map(({ at, ref, event, group, value = '', number = 0 }) => ({
    counter: identity,
    ...groupColumns(group),
    t: at,
    ref,
    textValue: value,
    numberValue: number,
    node: NODE,
    seq: first + event,
    receivedAt: some[event]?.receivedAt ?? 0,
  }));
}
