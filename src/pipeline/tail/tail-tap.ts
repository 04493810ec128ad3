import type { Event } from '../../model/event.ts';
import { type LiveEvent, toKept } from '../../model/live-event.ts';
import { compileTest, subjectOf, type Test } from '../../store/search/predicate.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type FollowedQuery, MOST_PER_SECOND, type TailBatch, type TailStart } from './tail-contract.ts';

/** How often what matched is sent on. */
const EVERY_MS = 100;
/** What of the thread's time the questions may take, in milliseconds of each {@link EVERY_MS}; the second while blocks wait for it. */
const SPARE_MS = 25;
const BUSY_MS = 4;
/** An event that waited so long was behind others. */
const BEHIND_MS = 2_000;
/** Of messages as received, in one batch. */
const MOST_BYTES = 2 * 1024 * 1024;

export interface TailTapDeps {
  send(batch: TailBatch): void;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

interface Followed {
  readonly id: number;
  readonly test: Test;
  /** A bucket of {@link MOST_PER_SECOND}. */
  tokens: number;
  skipped: number;
}

/**
 * Shows events to those who watch, as they are judged. It sits in the judge thread, where each event is at hand, and may cost it next to
 * nothing: nobody watches, nothing happens; each distinct query is asked once however many follow it; how much is sent on and how long the
 * questions take is bounded, and the rest is counted.
 */
export class TailTap {
  readonly #deps: TailTapDeps;
  #followed: readonly Followed[] = [];
  #lastSeq = 0;
  #events: { event: Event; queries: number[] }[] = [];
  #bytes = 0;
  #unchecked = 0;
  #spentMs = 0;
  #allowedMs = SPARE_MS;
  /** Of the event seen last. */
  #receivedAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: TailTapDeps) {
    this.#deps = deps;
  }

  /** Replaces the queries; one that stays keeps its count. */
  follow(queries: readonly FollowedQuery[]): TailStart {
    const before = new Map(this.#followed.map((followed) => [followed.id, followed]));
    this.#followed = queries.map(
      ({ id, query }) => before.get(id) ?? { id, test: compileTest(query, this.#deps.now), tokens: MOST_PER_SECOND, skipped: 0 },
    );
    if (this.#followed.length > 0) this.#timer ??= setInterval(() => this.#tick(), EVERY_MS).unref();
    else this.close();
    return { lastSeq: this.#lastSeq };
  }

  /** Hears of each event, in order. */
  see(event: LiveEvent): void {
    this.#lastSeq = event.seq;
    if (this.#followed.length > 0) this.#ask(event);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#events = [];
    this.#bytes = 0;
    this.#unchecked = 0;
  }

  #ask(event: LiveEvent): void {
    this.#receivedAt = event.receivedAt;
    if (this.#spentMs > this.#allowedMs) {
      this.#unchecked += 1;
      return;
    }
    const start = performance.now();
    try {
      const kept = toKept(event);
      const queries = this.#matching(kept);
      if (queries.length > 0) this.#keep(kept, queries);
    } catch (error) {
      // A fault in a query must never cost an event its way.
      this.#unchecked += 1;
      this.#deps.telemetry.log('error', 'the live tail failed on an event', { seq: event.seq, error: String(error) });
    }
    this.#spentMs += performance.now() - start;
  }

  #matching(event: Event): number[] {
    const subject = subjectOf(event);
    const queries: number[] = [];
    for (const followed of this.#followed) {
      if (!followed.test(subject)) continue;
      if (followed.tokens < 1 || this.#bytes > MOST_BYTES) {
        followed.skipped += 1;
        continue;
      }
      followed.tokens -= 1;
      queries.push(followed.id);
    }
    return queries;
  }

  #keep(event: Event, queries: number[]): void {
    this.#bytes += event.raw.length;
    this.#events.push({ event, queries });
  }

  #tick(): void {
    this.#flush();
    this.#spentMs = 0;
    this.#allowedMs = this.#deps.now() - this.#receivedAt > BEHIND_MS ? BUSY_MS : SPARE_MS;
    this.#receivedAt = Number.POSITIVE_INFINITY;
    for (const followed of this.#followed)
      followed.tokens = Math.min(MOST_PER_SECOND, followed.tokens + (MOST_PER_SECOND * EVERY_MS) / 1000);
  }

  #flush(): void {
    const skipped = this.#followed.flatMap(({ id, skipped: count }) => (count > 0 ? [{ query: id, count }] : []));
    if (this.#events.length === 0 && skipped.length === 0 && this.#unchecked === 0) return;
    this.#deps.send({ events: this.#events, skipped, unchecked: this.#unchecked });
    this.#events = [];
    this.#bytes = 0;
    this.#unchecked = 0;
    for (const followed of this.#followed) followed.skipped = 0;
  }
}
