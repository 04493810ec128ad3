/** One event that a correlation counts: a hit of a rule it refers to, or a moment at which an inner correlation held. */
export interface Counted {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Index in the correlation's `refs`. */
  readonly ref: number;
  /** Tells events apart: two rules that hit one event give the same number. 0 or more; below are the moments of inner correlations. */
  readonly event: number;
  /** Values of `groupNames`, as the event spells them. */
  readonly group: readonly string[];
  /** What `value_count` counts. Events with equal ones count once. */
  readonly value?: string;
  /** What the other value types reckon with. */
  readonly number?: number;
  /** What made the inner correlation hold. */
  readonly behind?: Span;
}

/** Some of a group's events, in order of time: from the index `from` up to `to`, which is not among them. */
export interface Span {
  readonly hits: readonly Counted[];
  readonly from: number;
  readonly to: number;
}

/** A moment at which the correlation holds, and the events of the window that ends there. */
export interface Trigger {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** What was counted or reckoned; 0 for temporal types without a number. */
  readonly value: number;
}

/** The events with equal group values, in order of time, and the moments at which the correlation holds. */
export interface Group {
  readonly values: readonly string[];
  readonly hits: readonly Counted[];
  readonly triggers: readonly Trigger[];
}
