import { setTimeout as delay } from 'node:timers/promises';
import type { Intake } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type Framed, type Origins, runsOf, sizeOf } from '../framed.ts';

/** Bytes of all connections together that are taken from the network and not yet on disk. */
const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

interface DeliveryOptions {
  readonly name: string;
  readonly intake: Intake;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** The way of all listeners of one source into the raw log: counts what is under way, and says when to stop reading. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #giveUp = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #inFlight = 0;
  #waiting: (() => void)[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** True while nothing more should be read from the network. */
  get congested(): boolean {
    return !this.#options.intake.open || this.#inFlight >= MAX_IN_FLIGHT_BYTES;
  }

  /** Resolves when reading may go on, or the source stops. */
  async whenFree(): Promise<void> {
    while (this.congested && !this.#giveUp.signal.aborted) {
      await (this.#options.intake.open ? this.#spaceFreed() : Promise.race([this.#options.intake.whenOpen(), this.#givenUp()]));
    }
  }

  /** Keeps messages whose sender gets no answer: tries until they are on disk. Resolves then, or when the source gives up (counted). */
  store(origins: Origins, framed: Framed): Promise<void> {
    return this.#track(framed, async () => {
      for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
        const error = await this.#append(origins, framed);
        if (error === undefined) return;
        if (this.#giveUp.signal.aborted) return this.#lost(framed, error);
        this.#options.telemetry.log('warn', `${this.#options.name}: messages wait, the raw log does not take them: ${text(error)}`);
        await Promise.race([this.#options.intake.whenOpen(), this.#givenUp()]);
        await delay(wait, undefined, { signal: this.#giveUp.signal }).catch(() => undefined);
      }
    });
  }

  /** Keeps messages whose sender waits for an answer: one attempt. Resolves to false when they are not on disk. */
  async storeOnce(origins: Origins, framed: Framed): Promise<boolean> {
    let stored = false;
    await this.#track(framed, async () => {
      const error = await this.#append(origins, framed);
      stored = error === undefined;
      if (!stored)
        this.#options.telemetry.log(
          'warn',
          `${this.#options.name}: messages are not acknowledged, the raw log does not take them: ${text(error)}`,
        );
    });
    return stored;
  }

  dropped(reason: string, count: number): void {
    this.#options.telemetry.count('earshot_dropped_events_total', { source: this.#options.name, reason }, count);
  }

  /** Waits for what is under way; after `graceMs` it gives up on what the raw log still does not take. */
  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#giveUp.abort(), graceMs);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    clearTimeout(timer);
    this.#giveUp.abort();
    this.#wake();
  }

  #track(framed: Framed, work: () => Promise<void>): Promise<void> {
    const bytes = sizeOf(framed.messages);
    this.#inFlight += bytes;
    const done = work().finally(() => {
      this.#inFlight -= bytes;
      this.#underWay.delete(done);
      if (this.#inFlight <= MAX_IN_FLIGHT_BYTES / 2) this.#wake();
    });
    this.#underWay.add(done);
    return done;
  }

  /** One batch, or several when some messages are cut, because a batch has one origin. */
  async #append(origins: Origins, framed: Framed): Promise<unknown> {
    const { name: source, intake, now } = this.#options;
    const receivedAt = now();
    try {
      await Promise.all(runsOf(origins, framed).map((run) => intake.append({ source, receivedAt, ...run })));
      this.#count(framed);
      return undefined;
    } catch (error) {
      return error ?? new Error('the raw log gave no reason');
    }
  }

  #count(framed: Framed): void {
    const { name: source, telemetry } = this.#options;
    for (const { reason } of framed.cuts) telemetry.count('earshot_truncated_events_total', { source, reason });
  }

  #lost(framed: Framed, error: unknown): void {
    this.dropped('not_stored', framed.messages.length);
    this.#options.telemetry.log('error', `${this.#options.name}: ${framed.messages.length} messages are lost: ${text(error)}`);
  }

  #spaceFreed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #givenUp(): Promise<void> {
    const { signal } = this.#giveUp;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
