import type { FoundAlerts } from './alert/found-alerts.ts';
import type { Counting } from './counting.ts';
import { BaselineTick, type LiveBaseline, type Round, type Told } from './detect/baseline/tick.ts';
import { foundEvents } from './detect/correlate/found-events.ts';
import { baselineIdentity } from './detect/correlate/identity.ts';
import { keepCursor, readCursor } from './detect/correlate/ledger.ts';
import type { LoadedRules } from './detect/sigma/load.ts';
import { Repeating } from './lib/repeating.ts';
import type { Finding } from './model/found.ts';
import type { StoreHead } from './pipeline/ingest-contract.ts';
import type { Lease, State } from './store/state/state.ts';
import type { EventEngine } from './store/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

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
/** Where this one's cursor is kept, beside those of correlations. */
const PASS = 'baselines';

/** Runs baselines in the hub, under a lease: what they find becomes alerts. */
export class Baselining {
  readonly #deps: BaseliningDeps;
  readonly #tick: BaselineTick;
  readonly #rounds: Repeating;
  #lease: Lease | undefined;
  #waits = false;
  /** What is watched, worked out once for each set of rules. */
  #identities: { readonly of: unknown; readonly byId: ReadonlyMap<string, string> } | undefined;

  constructor(deps: BaseliningDeps) {
    this.#deps = deps;
    this.#tick = new BaselineTick({
      engine: deps.engine,
      live: () => this.#live(),
      head: async () => {
        const { node, seq, receivedAt, idle } = await deps.head();
        return { heads: new Map([[node, seq]]), receivedAt: idle ? Date.now() : receivedAt };
      },
      cursor: async () => (await deps.state.read((db) => readCursor(db, PASS)))?.seqs,
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
    const { engine } = this.#deps;
    if (!engine.up || this.#live().length === 0 || !(await this.#hold())) return;
    while (await this.#tick.run()) if (!(await this.#hold())) return;
    this.#waits = false;
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
    const liveAt = new Map(counting.liveCounters().map((each) => [each.identity, each.liveAt]));
    return baselines.flatMap((baseline) => {
      const identity = byId.get(baseline.id) ?? '';
      const since = liveAt.get(identity);
      return since === undefined ? [] : [{ identity, baseline, liveAt: since }];
    });
  }

  async #commit({ findings, reviewed, told, to }: Round): Promise<void> {
    const { found, engine } = this.#deps;
    if (this.#lease === undefined) throw new Error('another hub looks at baselines now');
    const byPlace = new Map(findings.map((finding, i) => [placeOf(finding), told[i]]));
    const describe = async (merged: readonly Finding[]) => {
      const contents = merged.map((finding) => contentsOf(byPlace.get(placeOf(finding))));
      const events = await foundEvents(engine, contents);
      return contents.map((each) => ({ ...each, events: each.eventIds.flatMap((id) => events.get(id) ?? []) }));
    };
    const kept = await found.revise(
      reviewed,
      findings,
      describe,
      (tx) => keepCursor(tx, PASS, { seqs: to, watermark: 0 }, Date.now()),
      this.#lease,
    );
    if (!kept) this.#lease = undefined;
  }

  /** An engine that is down is down for many rounds. */
  #tellOnce(error: unknown): void {
    if (!this.#waits) this.#deps.telemetry.log('warn', 'baselines wait; it is tried again soon', { error: String(error) });
    this.#waits = true;
  }
}

const placeOf = ({ identity, groupKey, firstTrigger }: Finding): string => `${firstTrigger} ${identity} ${groupKey}`;

function contentsOf(told: Told | undefined): Told {
  // Stretches are apart: each finding is an alert of its own.
  if (told === undefined) throw new Error('more is described than was found');
  return told;
}
