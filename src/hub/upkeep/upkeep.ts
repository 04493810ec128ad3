import type { Alerts } from '../../alert/alerts.ts';
import type { Router } from '../../alert/routing.ts';
import { boundsOf } from '../../api/auth/settings.ts';
import { Repeating } from '../../lib/repeating.ts';
import type { Settings } from '../../settings.ts';
import { dropExpired, dropExpiredHits } from '../../store/retention.ts';
import type { Lease, State } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Counting } from '../counting/counting.ts';

export interface UpkeepDeps {
  readonly engine: EventEngine;
  readonly state: State;
  readonly alerts: Pick<Alerts, 'wakeDue'>;
  readonly counting: Pick<Counting, 'neededMs'>;
  readonly holder: string;
  settings(): Settings;
  /** Who is told of what wakes, as it is now. */
  router(): Router;
  refreshRuleCare(): Promise<void>;
  readonly telemetry: Telemetry;
}

const WAKE_EVERY_MS = 2_000;
const RULE_CARE_EVERY_MS = 5_000;
const RETENTION_LOOK_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;
const LEASE_MS = 600_000;
const DAY_MS = 86_400_000;
const KEYS_KEPT_MS = 7 * 86_400_000;

/** What must be done by the clock: wake alerts, drop what is past its days, forget old idempotency keys. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #rounds: readonly Repeating[];
  #retainAt = 0;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
    const onError = (error: unknown) => deps.telemetry.log('error', 'upkeep failed; it is tried again', { error: String(error) });
    this.#rounds = [
      new Repeating(RETENTION_LOOK_MS, () => this.#retainWhenDue(), onError),
      new Repeating(WAKE_EVERY_MS, async () => void (await deps.alerts.wakeDue(deps.router())), onError),
      // Another hub on the same state database may have changed it.
      new Repeating(RULE_CARE_EVERY_MS, () => deps.refreshRuleCare(), onError),
    ];
  }

  start(): void {
    for (const round of this.#rounds) void round.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await Promise.all(this.#rounds.map((round) => round.stop()));
  }

  /** Hourly; what an engine outage or a fault kept from being done is done soon after. */
  async #retainWhenDue(): Promise<void> {
    if (!this.#deps.engine.up || performance.now() < this.#retainAt) return;
    await this.#retain();
    this.#retainAt = performance.now() + RETENTION_EVERY_MS;
  }

  async #retain(): Promise<void> {
    const { state, settings, holder } = this.#deps;
    await state.ingestKeys.prune(Date.now() - KEYS_KEPT_MS);
    await state.sessions.prune(boundsOf(settings().auth));
    const lease = await state.leases.acquire('retention', holder, LEASE_MS);
    if (lease === undefined) return;
    try {
      await this.#dropExpired(lease);
    } finally {
      await state.leases.release(lease);
    }
  }

  async #dropExpired(lease: Lease): Promise<void> {
    const { state, engine, counting, telemetry } = this.#deps;
    const settings = this.#deps.settings();
    const stillHeld = async () => (await state.leases.renew(lease, LEASE_MS)) !== undefined;
    const { dropped, unknownClasses } = await dropExpired(engine, { retention: settings.retention, now: Date.now(), stillHeld });
    for (const { retention, day, rows } of dropped)
      telemetry.log('info', 'a day is past its retention and was dropped', { retention, day, rows });
    const keepDays = Math.max(settings.correlations.keep_days, Math.ceil(counting.neededMs / DAY_MS));
    const days = await dropExpiredHits(engine, { keepDays, now: Date.now(), stillHeld });
    if (days.length > 0) telemetry.log('info', 'hits that correlations counted are past their days and were dropped', { days });
    if (unknownClasses.length > 0)
      telemetry.log('warn', 'events of retention classes that are not configured are kept', { classes: unknownClasses });
  }
}
