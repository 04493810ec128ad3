/** Calls that may come at once, when none came for a while: so that a page is not waited for. */
const BURST = 3;
/** The least that is left of the share, however often Slack says that the organization's calls are used up. */
const LEAST_PER_MINUTE = 1;
const RECOVERY = 1.1;

/**
 * Keeps calls within a share of what Slack gives the organization. When Slack says that it is used up, others need it: the pace is halved,
 * and comes back with each call that goes well.
 */
export class AuditPace {
  readonly #now: () => number;
  #share: number;
  #perMinute: number;
  #allowance = BURST;
  #at: number;

  constructor(share: number, now: () => number) {
    this.#share = share;
    this.#perMinute = share;
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
    this.#allowance = Math.min(BURST, this.#allowance + (Math.max(0, now - this.#at) * this.#perMinute) / 60_000);
    this.#at = now;
    const missing = 1 + leaving - this.#allowance;
    return missing > 1e-9 ? Math.ceil((missing * 60_000) / this.#perMinute) : 0;
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
