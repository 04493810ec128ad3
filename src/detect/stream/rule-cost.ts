/** What asking one rule has cost since the start. */
export interface RuleCost {
  /** Milliseconds, estimated from samples. */
  readonly estimatedMs: number;
  /** Times it was asked, estimated from samples. */
  readonly estimatedAsks: number;
  /** How many of them were measured. */
  readonly samples: number;
  /** The longest single time among the samples, in milliseconds. */
  readonly longestMs: number;
  /** Times it threw, exact. */
  readonly errors: number;
}

/** One event in so many is measured: reading the clock costs more than asking a rule. */
const EVERY = 64;

/** Keeps account of the time that each rule takes. */
export class RuleCosts {
  readonly #now: () => number;
  readonly #ms: Float64Array;
  readonly #asks: Float64Array;
  readonly #longest: Float64Array;
  readonly #errors: Float64Array;
  #count = 0;

  constructor(rules: number, now: () => number) {
    this.#now = now;
    this.#ms = new Float64Array(rules);
    this.#asks = new Float64Array(rules);
    this.#longest = new Float64Array(rules);
    this.#errors = new Float64Array(rules);
  }

  /** Whether the event at hand is one that is measured. */
  sample(): boolean {
    this.#count = (this.#count + 1) % EVERY;
    return this.#count === 0;
  }

  measure<T>(rule: number, ask: () => T): T {
    const start = this.#now();
    const answer = ask();
    const ms = this.#now() - start;
    this.#ms[rule] = (this.#ms[rule] ?? 0) + ms;
    this.#asks[rule] = (this.#asks[rule] ?? 0) + 1;
    this.#longest[rule] = Math.max(this.#longest[rule] ?? 0, ms);
    return answer;
  }

  threw(rule: number): void {
    this.#errors[rule] = (this.#errors[rule] ?? 0) + 1;
  }

  /** The account of the rule with this place in the set's `rules`. */
  of(rule: number): RuleCost {
    return {
      estimatedMs: (this.#ms[rule] ?? 0) * EVERY,
      estimatedAsks: (this.#asks[rule] ?? 0) * EVERY,
      samples: this.#asks[rule] ?? 0,
      longestMs: this.#longest[rule] ?? 0,
      errors: this.#errors[rule] ?? 0,
    };
  }
}
