import type { RuleInfo } from '../../model/detection.ts';

/** What is compared: how many events, how many different values, a sum, or whether a value was there before. */
export type Measure = 'events' | 'distinct' | 'sum' | 'new';

/** How long a stretch of time is that has one value. Days and weeks are those of a time zone; a number of milliseconds divides the day of UTC. */
export type Every = 'hour' | 'day' | 'week' | number;

/** What of the history is the norm. */
export type Against =
  | { readonly kind: 'max' }
  /** `q`: 0 to 1. */
  | { readonly kind: 'quantile'; readonly q: number }
  | { readonly kind: 'mean'; readonly sigmas: number }
  /** The stretch right before. */
  | { readonly kind: 'previous' };

/** Which stretches are compared: all, those of the same weekday, or workdays with workdays and weekends with weekends. */
export type Weekdays = 'any' | 'same' | 'workdays';

/** Compares what somebody does with what they did before: one `baseline` document, read and checked. */
export interface Baseline extends RuleInfo {
  readonly file: string;
  readonly line: number;
  readonly status: string | undefined;
  readonly author: string | undefined;
  /** What it counts, in the order of the file: ids of rules. */
  readonly refs: readonly { readonly id: string; readonly kind: 'rule' }[];
  /** Names as in `group-by`: who is compared with themselves. Empty: everybody together. For each ref, for each name, the paths to try. */
  readonly groupNames: readonly string[];
  readonly groupPaths: readonly (readonly (readonly string[])[])[];
  readonly measure: Measure;
  /** Names of the fields of `distinct`, `sum` and `new`; for each ref, for each name, the paths. */
  readonly fieldNames: readonly string[];
  readonly fieldPaths: readonly (readonly (readonly string[])[])[];
  readonly every: Every;
  /** IANA name. */
  readonly timeZone: string;
  readonly against: Against;
  /** It is unusual when it is more than `factor` times the norm and `margin`. */
  readonly factor: number;
  readonly margin: number;
  /** Whether just so much is unusual, too. */
  readonly orEqual: boolean;
  /** Below these values nothing is unusual, or nothing is a norm. */
  readonly least: number;
  readonly leastNorm: number;
  /** Days that are looked back on, and days that there must be of them: of short stretches also a part of one. */
  readonly historyDays: number;
  readonly leastDays: number;
  /** Whose first day begins the history: that of the entity, or of anybody, so that somebody new counts as quiet before. */
  readonly since: 'own' | 'anybody';
  readonly weekdays: Weekdays;
  /** Whether the rules it counts also alert alone. */
  readonly generate: boolean;
}
