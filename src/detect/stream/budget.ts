/**
 * How much work the stream does on one event, in steps through a text. It is reckoned and not timed: a replay decides the same. What would
 * take more is judged later, by SQL over the store.
 */
export interface Budget {
  /** Of one question on one text. */
  readonly question: number;
  /** Of all questions on an event together. */
  readonly event: number;
}

/** Measured: a regular expression takes 30 to 200 ns for a character; of 64 kB that is 2 to 13 ms, and an event may take 50. */
export const STREAM_BUDGET: Budget = { question: 2_000_000, event: 4_000_000 };

/** Steps for each character of the text. */
export const STEPS = { regex: 16, reference: 2 } as const;

/** A shorter text is nobody's burden, and is not reckoned with. */
export const SHORT = 1_024;
