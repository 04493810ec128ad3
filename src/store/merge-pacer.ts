import type { Telemetry } from '../telemetry/telemetry.ts';
import { sql } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

/** Above this rate merges cost what inserts need (measured: an event's merges cost more of the engine's time than its insert). */
const BUSY_EVENTS_PER_SECOND = 20_000;
const BUSY_BEHIND_MS = 1_000;
/** How long it must be calm before merges go on. */
const CALM_MS = 5_000;
/** So many parts make every search slow: merges go on whatever comes in, until half of them are left. */
const MOST_PARTS = 400;
const COUNT_EVERY_MS = 5_000;
const BOUNDS: QueryBounds = { timeoutMs: 5_000, maxMemoryBytes: 50 * 1024 ** 2, maxRows: 1, lane: 'system' };

/** Lets the engine's merges wait while a burst comes in: they can be done afterwards, and the burst cannot. */
export class MergePacer {
  readonly #engine: EventEngine;
  readonly #telemetry: Telemetry;
  #paused = false;
  #crowded = false;
  #busyAt = 0;
  #countedAt = 0;
  #acting = false;

  constructor(engine: EventEngine, telemetry: Telemetry) {
    this.#engine = engine;
    this.#telemetry = telemetry;
  }

  /** Looks at how it goes, about once a second. Never throws: an engine that is down has no merges to pace. */
  async look({
    eventsPerSecond,
    behindMs,
    now,
  }: {
    readonly eventsPerSecond: number;
    readonly behindMs: number;
    readonly now: number;
  }): Promise<void> {
    if (eventsPerSecond > BUSY_EVENTS_PER_SECOND || behindMs > BUSY_BEHIND_MS) this.#busyAt = now;
    if (this.#acting) return;
    this.#acting = true;
    try {
      await this.#act(now);
    } catch (error) {
      this.#telemetry.log('debug', 'the engine could not be asked about its merges', { error: String(error) });
    } finally {
      this.#acting = false;
    }
  }

  async #act(now: number): Promise<void> {
    const busy = now - this.#busyAt < CALM_MS;
    if (busy && now - this.#countedAt > COUNT_EVERY_MS) {
      this.#countedAt = now;
      const parts = await this.#countParts();
      this.#crowded = parts > (this.#crowded ? MOST_PARTS / 2 : MOST_PARTS);
    }
    const pause = busy && !this.#crowded;
    // Said again while it holds: an engine that was restarted has forgotten it.
    if (pause) await this.#engine.command(sql`SYSTEM STOP MERGES earshot.events`);
    else if (this.#paused) await this.#engine.command(sql`SYSTEM START MERGES earshot.events`);
    this.#paused = pause;
  }

  async #countParts(): Promise<number> {
    const [row] = await this.#engine.query<{ parts: string }>(
      sql`SELECT count() AS parts FROM system.parts WHERE database = 'earshot' AND table = 'events' AND active`,
      BOUNDS,
    );
    return Number(row?.parts ?? 0);
  }
}
