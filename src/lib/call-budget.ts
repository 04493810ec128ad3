/** The least that is left of the share, however often it is said that the calls are used up. */
const LEAST_PER_MINUTE = 1;
const RECOVERY = 1.1;

/**
 * Keeps calls within a share of what somebody gives in a minute. When it is said that they are used up, others need them: the pace is halved,
 * and comes back with each call that goes well. `burst`: calls that may come at once, when none came for a while.
 */
export class CallBudget {
  readonly #now: () => number;
  readonly #burst: number;
  #share: number;
  #perMinute: number;
  #allowance: number;
  #at: number;

  constructor({ perMinute, burst, now }: { readonly perMinute: number; readonly burst: number; readonly now: () => number }) {
    this.#share = perMinute;
    this.#perMinute = perMinute;
    this.#burst = burst;
    this.#allowance = burst;
    this.#now = now;
    this.#at = now();
  }

  set share(share: number) {
    this.#share = share;
    this.#perMinute = share;
  }

  /** Calls a minute, as things are. */
  get perMinute(): number {
    return this.#perMinute;
  }

  /** Milliseconds until a call may be made. `leaving`: calls that must be left for what is more urgent. */
  wait(leaving = 0): number {
    const now = this.#now();
    // A clock that is set back gives nothing.
    this.#allowance = Math.min(this.#burst, this.#allowance + (Math.max(0, now - this.#at) * this.#perMinute) / 60_000);
    this.#at = now;
    const missing = 1 + leaving - this.#allowance;
    return missing > 1e-9 ? Math.ceil((missing * 60_000) / this.#perMinute) : 0;
  }

  /** Nothing of it was used for so long that it is like a new one. */
  get isWhole(): boolean {
    return this.wait(this.#burst - 1) === 0 && this.#perMinute === this.#share;
  }

  take(): void {
    this.#allowance -= 1;
  }

  succeeded(): void {
    this.#perMinute = Math.min(this.#share, this.#perMinute * RECOVERY);
  }

  refused(): void {
    this.#perMinute = Math.max(LEAST_PER_MINUTE, this.#perMinute / 2);
    this.#allowance = 0;
  }
}
