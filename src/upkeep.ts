import type { App } from './app.ts';
import { type DiskState, diskState } from './store/health.ts';
import { dropExpired } from './store/retention.ts';
import type { Lease } from './store/state/state.ts';

const DISK_EVERY_MS = 2_000;
const RETENTION_LOOK_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;
const LEASE_MS = 600_000;
const KEYS_KEPT_MS = 7 * 86_400_000;

/** What must be done by the clock: look at the disk, drop what is past its days, forget old idempotency keys. */
export class Upkeep {
  readonly #app: App;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();
  #level: DiskState['level'] = 'ok';
  #retainAt = 0;

  constructor(app: App) {
    this.#app = app;
  }

  start(): void {
    this.#every(DISK_EVERY_MS, () => this.#lookAtDisk());
    this.#every(RETENTION_LOOK_MS, () => this.#retainWhenDue());
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }

  #every(ms: number, work: () => Promise<void>): void {
    let running: Promise<void> | undefined;
    const run = () => {
      // The one before still runs: a slow disk, or an engine with much to drop.
      if (running !== undefined) return;
      running = work()
        .catch((error: unknown) => this.#app.telemetry.log('error', 'upkeep failed; it is tried again', { error: String(error) }))
        .finally(() => {
          this.#running.delete(current);
          running = undefined;
        });
      const current = running;
      this.#running.add(current);
    };
    run();
    this.#timers.push(setInterval(run, ms).unref());
  }

  async #lookAtDisk(): Promise<void> {
    const { dataDir, settings, ingest, telemetry } = this.#app;
    const disk = await diskState(dataDir, settings.disk, this.#level);
    if (disk.level === this.#level) return;
    const words = {
      ok: 'the disk has room again',
      warn: 'the disk is filling',
      stop: 'the disk is nearly full: nothing more is taken in',
    } as const;
    telemetry.log(disk.level === 'ok' ? 'info' : disk.level === 'warn' ? 'warn' : 'error', words[disk.level], {
      free_bytes: disk.freeBytes,
    });
    this.#level = disk.level;
    ingest.disk({ takesIn: disk.level !== 'stop' });
  }

  /** Hourly; what an engine outage or a fault kept from being done is done soon after. */
  async #retainWhenDue(): Promise<void> {
    if (!this.#app.engine.up || performance.now() < this.#retainAt) return;
    await this.#retain();
    this.#retainAt = performance.now() + RETENTION_EVERY_MS;
  }

  async #retain(): Promise<void> {
    const { state, settings } = this.#app;
    await state.ingestKeys.prune(Date.now() - KEYS_KEPT_MS);
    const lease = await state.leases.acquire('retention', `hub-${settings.node}`, LEASE_MS);
    if (lease === undefined) return;
    try {
      await this.#dropExpired(lease);
    } finally {
      await state.leases.release(lease);
    }
  }

  async #dropExpired(lease: Lease): Promise<void> {
    const { state, engine, settings, telemetry } = this.#app;
    const stillHeld = async () => (await state.leases.renew(lease, LEASE_MS)) !== undefined;
    const { dropped, unknownClasses } = await dropExpired(engine, { retention: settings.retention, now: Date.now(), stillHeld });
    for (const { retention, day, rows } of dropped)
      telemetry.log('info', 'a day is past its retention and was dropped', { retention, day, rows });
    if (unknownClasses.length > 0)
      telemetry.log('warn', 'events of retention classes that are not configured are kept', { classes: unknownClasses });
  }
}
