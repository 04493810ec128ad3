/**
 * So many messages may follow one another at once; beyond them one each `gatherMs` milliseconds, in which what there is to tell gathers in
 * one. A storm is told in few messages, and what comes alone is told at once.
 */
export class MessageBudget {
  readonly #aheadMs: number;
  readonly #gatherMs: number;
  /** When all that was sent would have been, at one each `gatherMs`. */
  #paidUntil = 0;

  constructor(burst: number, gatherMs: number) {
    this.#aheadMs = (burst - 1) * gatherMs;
    this.#gatherMs = gatherMs;
  }

  /** A message went out at `now`. Gives the milliseconds until the next may. */
  spend(now: number): number {
    this.#paidUntil = Math.max(this.#paidUntil, now) + this.#gatherMs;
    return Math.max(0, this.#paidUntil - this.#aheadMs - now);
  }

  /** Milliseconds for which less than half of those that may follow one another are left: what can wait, does. */
  scarceFor(now: number): number {
    return Math.max(0, this.#paidUntil - this.#aheadMs / 2 - now);
  }
}
