import { type Deaf, Listening } from '../../detect/silence/listening.ts';
import { deafTimes, heardByNow, listenedUntil, writeClock } from '../../store/state/silence-keys.ts';
import type { State } from '../../store/state/state.ts';

const DAY_MS = 86_400_000;
/** A clock and a timer that differ by more were set, or the machine slept. */
const JUMP_MS = 2_000;
/** What a crash makes the hub take for deaf at most. */
const WRITE_EVERY_MS = 10_000;
/** Deaf times closer together are one. */
const JOIN_MS = 10_000;
/** Longer silences are given up long before, or are told of a little early. */
const KEPT_MS = 100 * DAY_MS;

export interface ListeningClockDeps {
  readonly state: State;
  readonly node: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set, and stands while the machine sleeps. */
  readonly monotonic: () => number;
}

/** Knows when this hub could hear: it ran, it took in, and its clock was not set. Survives restarts. */
export class ListeningClock {
  readonly #deps: ListeningClockDeps;
  #deaf: readonly Deaf[];
  #listening: Listening;
  /** The last moment at which it could hear. */
  #at: number;
  #monotonicAt: number;
  #writtenAt = Number.NEGATIVE_INFINITY;

  private constructor(deps: ListeningClockDeps, deaf: readonly Deaf[], listenedUntil: number) {
    this.#deps = deps;
    this.#deaf = deaf;
    this.#listening = new Listening(deaf);
    this.#at = listenedUntil;
    this.#monotonicAt = Number.NaN;
  }

  /** A hub that never listened begins now. */
  static async open(deps: ListeningClockDeps): Promise<ListeningClock> {
    const { state, node, now } = deps;
    const deaf = await state.read((db) => deafTimes(db, node));
    const until = await state.read((db) => listenedUntil(db, node));
    return new ListeningClock(
      deps,
      deaf.map(({ since, until: end }) => ({ since, until: end })),
      until ?? now(),
    );
  }

  get listening(): Listening {
    return this.#listening;
  }

  /** Looks at the clock while the hub takes in, and gives the time. */
  async look(): Promise<number> {
    const { now, monotonic } = this.#deps;
    const at = now();
    const ticked = monotonic();
    // After a start, or after nothing was taken in, all of the time in between was deaf.
    const expected = Number.isNaN(this.#monotonicAt) ? this.#at : this.#at + (ticked - this.#monotonicAt);
    const wasDeaf = Number.isNaN(this.#monotonicAt) ? at > expected : at > expected + JUMP_MS;
    if (at < this.#at - JUMP_MS) await this.#setBack(at);
    else if (wasDeaf) await this.#wasDeaf({ since: expected, until: at });
    else if (ticked - this.#writtenAt >= WRITE_EVERY_MS) await this.#write(at, undefined);
    this.#at = at;
    this.#monotonicAt = ticked;
    return at;
  }

  /** Nothing is taken in now: until the next look the hub hears nothing. */
  rest(): void {
    this.#monotonicAt = Number.NaN;
  }

  /** Says until when it has listened, so that a stop costs no more than it lasts. */
  async close(): Promise<void> {
    await this.#write(this.#at, undefined);
  }

  async #wasDeaf(deaf: Deaf): Promise<void> {
    const last = this.#deaf.at(-1);
    const joined = last !== undefined && deaf.since - last.until < JOIN_MS;
    const all = joined
      ? [...this.#deaf.slice(0, -1), { since: Math.min(last.since, deaf.since), until: deaf.until }]
      : [...this.#deaf, deaf];
    await this.#keep(
      all.filter(({ until }) => until > deaf.until - KEPT_MS),
      deaf.until,
    );
  }

  async #setBack(at: number): Promise<void> {
    const before = this.#deaf.flatMap(({ since, until }) => (since >= at ? [] : [{ since, until: Math.min(until, at) }]));
    await this.#deps.state.transaction((tx) => heardByNow(tx, at));
    await this.#keep(before, at);
  }

  async #keep(deaf: readonly Deaf[], at: number): Promise<void> {
    await this.#write(at, deaf);
    this.#deaf = deaf;
    this.#listening = new Listening(deaf);
  }

  async #write(at: number, deaf: readonly Deaf[] | undefined): Promise<void> {
    const { state, node, monotonic } = this.#deps;
    await state.transaction((tx) =>
      writeClock(
        tx,
        { node, listened_until: at },
        deaf?.map(({ since, until }) => ({ node, since, until })),
      ),
    );
    this.#writtenAt = monotonic();
  }
}
