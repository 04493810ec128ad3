import { setTimeout as wait } from 'node:timers/promises';
import type { Lease } from '../store/state/state.ts';
import { dropContext } from './context-rows.ts';
import { canEdit, EditLane } from './edit-lane.ts';
import { Lane, type LaneDeps, Pace } from './lane.ts';
import { recover, setAsideOrphans } from './outbox-rows.ts';
import { pruneDelivered, reportOutbox } from './outbox-upkeep.ts';
import type { ConfiguredNotifier } from './settings.ts';
import { canWhisper, WhisperLane } from './whisper-lane.ts';
import { recoverWhispers, setAsideWhispers } from './whisper-rows.ts';

export interface OutboxDeps extends Omit<LaneDeps, 'random'> {
  readonly notifiers: readonly ConfiguredNotifier[];
  /** This hub's name in the cluster, the same after a restart. */
  readonly holder: string;
  readonly random?: () => number;
}

type AnyLane = Lane | EditLane | WhisperLane;

const LEASE = 'outbox';
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const AFTER_OUTAGE_MS = 1_000;
const UPKEEP_MS = 3_600_000;
/** What a stop grants the messages that are on their way. */
const GRACE_MS = 5_000;

function lanesOf(notifier: ConfiguredNotifier, deps: LaneDeps): Lane[] {
  const pace = new Pace(deps.settings);
  const news = new Lane(notifier, deps, 'news', pace);
  return notifier.wantsContext === true ? [news, new Lane(notifier, deps, 'context', pace)] : [news];
}

/**
 * Carries the outbox to its targets: at least once, each notifier on its own, by one hub at a time (a lease). A message is written down
 * as `sending` before the call; one found so after a crash goes again as a possible repeat.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #lanes: readonly AnyLane[];
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    const laneDeps = { ...deps, random: deps.random ?? Math.random };
    this.#lanes = [
      ...deps.notifiers.flatMap((notifier) => lanesOf(notifier, laneDeps)),
      ...deps.notifiers.filter(canEdit).map((notifier) => new EditLane(notifier, laneDeps)),
      ...deps.notifiers.filter(canWhisper).map((notifier) => new WhisperLane(notifier, laneDeps)),
    ];
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something was put in: look at once. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Ends after the messages that are on their way, or after `graceMs`; those without an answer by then go again as possible repeats. */
  async stop(graceMs: number = GRACE_MS): Promise<void> {
    this.#stopping.abort();
    this.wake();
    const timer = setTimeout(() => this.#aborting.abort(), graceMs);
    await this.#running;
    clearTimeout(timer);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const lease = await this.#deps.state.leases.acquire(LEASE, this.#deps.holder, LEASE_MS);
        if (lease !== undefined) await this.#hold(lease);
        // The lease is another's, was lost, or there is nobody to tell.
        await this.#pause(RENEW_MS);
      } catch (error) {
        this.#deps.telemetry.log('error', 'the outbox cannot work', { error: `${error}` });
        await this.#pause(AFTER_OUTAGE_MS);
      }
    }
  }

  /** Works until the lease is lost or the outbox stops. */
  async #hold(first: Lease): Promise<void> {
    const { state, telemetry, now } = this.#deps;
    let lease = first;
    const over = new AbortController();
    const begun = await state.fenced(lease, async (tx) => {
      const { notifiers } = this.#deps;
      const names = (some: readonly ConfiguredNotifier[]) => some.map(({ name }) => name);
      await dropContext(tx, names(notifiers.filter(({ wantsContext }) => wantsContext === true)));
      return {
        repeated: (await recover(tx, now())) + (await recoverWhispers(tx, now())),
        orphans:
          (await setAsideOrphans(tx, names(notifiers), now())) + (await setAsideWhispers(tx, names(notifiers.filter(canWhisper)), now())),
      };
    });
    if (begun === undefined) return;
    if (begun.repeated > 0) telemetry.log('warn', 'notifications whose outcome is unknown go again', { count: begun.repeated });
    if (begun.orphans > 0)
      telemetry.log('error', 'notifications were set aside: their notifier is not configured', { count: begun.orphans });

    const lanes = Promise.all(this.#lanes.map((lane) => this.#carry(lane, () => lease, over.signal))).finally(() => over.abort());
    const upkeep = this.#upkeep(() => lease, over.signal);
    for (let held: Lease | undefined = lease; held !== undefined && !over.signal.aborted; ) {
      lease = held;
      await quietly(wait(RENEW_MS, undefined, { signal: AbortSignal.any([over.signal, this.#stopping.signal]) }));
      // Lanes that still work are waited for under a lease that holds.
      if (this.#stopped) await Promise.race([lanes, quietly(wait(RENEW_MS, undefined, { signal: over.signal }))]);
      held = over.signal.aborted ? undefined : await this.#renew(lease);
    }
    over.abort();
    await Promise.all([lanes, upkeep]);
    if (this.#stopped) await state.leases.release(lease);
  }

  /** The lease with a later end; as it is while the database does not answer and it still holds; undefined when it is lost. */
  async #renew(lease: Lease): Promise<Lease | undefined> {
    try {
      return await this.#deps.state.leases.renew(lease, LEASE_MS);
    } catch {
      return this.#deps.now() < lease.expiresAt ? lease : undefined;
    }
  }

  async #carry(lane: AnyLane, lease: () => Lease, over: AbortSignal): Promise<void> {
    while (!this.#stopped && !over.aborted) {
      const woken = this.#wake.signal;
      const next = await lane.step(lease, this.#aborting.signal).catch((error: unknown) => {
        this.#deps.telemetry.log('error', 'the outbox waits for the state database', { notifier: lane.notifier.name, error: `${error}` });
        return AFTER_OUTAGE_MS;
      });
      if (next === 'lost') return;
      if (next > 0) await quietly(wait(next, undefined, { signal: AbortSignal.any([woken, over]) }));
    }
  }

  async #upkeep(lease: () => Lease, over: AbortSignal): Promise<void> {
    const { state, settings, telemetry, now } = this.#deps;
    let pruneAt = 0;
    while (!this.#stopped && !over.aborted) {
      try {
        if (now() >= pruneAt) {
          await state.fenced(lease(), (tx) => pruneDelivered(tx, now() - settings.keep_delivered_days * 86_400_000));
          pruneAt = now() + UPKEEP_MS;
        }
        await state.read((db) => reportOutbox(db, telemetry));
      } catch {
        // The lanes tell of the outage; upkeep comes round again.
      }
      await quietly(wait(RENEW_MS, undefined, { signal: AbortSignal.any([over, this.#stopping.signal]) }));
    }
  }

  async #pause(ms: number): Promise<void> {
    await quietly(wait(ms, undefined, { signal: this.#stopping.signal }));
  }
}

/** A wait that is cut short is over, not failed. */
async function quietly(waiting: Promise<unknown>): Promise<void> {
  await waiting.catch(() => {});
}
