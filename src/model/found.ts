/** What a correlation, a baseline or silence has found: what alerts are made of that no single event tells. */
export interface Finding {
  readonly kind: 'correlation' | 'baseline' | 'silence';
  readonly ruleId: string;
  /** `<id>@<hash of what decides>`: another definition finds another alert. */
  readonly identity: string;
  /** The group's values folded, as a JSON array: equal means the same group. */
  readonly groupKey: string;
  /** Names and values of the group, as the events spell them. */
  readonly group: Readonly<Record<string, string>>;
  /** The first and the last moment at which it held; milliseconds since the epoch, in the time of the events. */
  readonly firstTrigger: number;
  readonly lastTrigger: number;
  /** The largest value that its windows had, where no later event can make it less; absent where that is not known. */
  readonly value?: number | undefined;
  /** Moments no further apart than this are one alert. */
  readonly gapMs: number;
  /** Nobody is told: all of it is older than the late bound, or was there before the rule. */
  readonly late: boolean;
}

/** Everything of one alert's moments together, however many findings it grew from. */
export interface Described {
  /** Of the first and the last event of its windows; milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Events of all its windows, each counted once. */
  readonly count: number;
  /** The first and the last few events, ascending: `<node>-<seq>` as in an event's id. */
  readonly eventIds: readonly string[];
  readonly details: AlertDetails;
}

/** What an alert says beyond its events: why it is one. */
export type AlertDetails = CorrelationDetails | BaselineDetails | SilenceDetails;

export interface CorrelationDetails {
  readonly kind: 'correlation';
  /** Such as `event_count`. */
  readonly type: string;
  readonly timespanMs: number;
  /** Fields whose values are counted or reckoned with, such as `user.name`; absent where there are none. */
  readonly fields?: string;
  /** The condition as people read it, such as `at least 5`; empty where all rules must be there. */
  readonly condition: string;
  /** The largest value that a window had; absent for temporal types. */
  readonly value?: number;
  /** How many events of each rule it counts, in the order of the rules. */
  readonly legs: readonly CorrelationLeg[];
}

export interface CorrelationLeg {
  readonly ruleId: string;
  readonly title: string;
  /** Of a correlation: the times at which it held. */
  readonly count: number;
  /** Of a correlation: the rules that hit the events behind it. */
  readonly countedRuleIds?: readonly string[];
}

export interface BaselineDetails {
  readonly kind: 'baseline';
  /** The rules whose hits are counted: the alert's events are theirs. */
  readonly ruleIds: readonly string[];
  /** What is compared, in words, such as `events a day`. */
  readonly measure: string;
  readonly value: number;
  /** What it was measured against, in words, such as `the most on a day` or `mean and 3 standard deviations`. */
  readonly against: string;
  /** Absent for what is seen for the first time. */
  readonly norm?: number;
  /** Days of history behind the norm. */
  readonly historyDays: number;
  /** What was never there before, such as `FI`; absent for numbers. */
  readonly firstSeen?: string;
  readonly bucketStart: number;
}

export interface SilenceDetails {
  readonly kind: 'silence';
  readonly lastAt: number;
  /** How long it may be silent, learned or configured. */
  readonly expectedMs: number;
  /** So many events are expected within it; absent where one is enough. */
  readonly times?: number;
  readonly silentMs: number;
  readonly learned: boolean;
}
