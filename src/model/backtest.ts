import type { RuleInfo } from './detection.ts';
import type { Event } from './event.ts';

/** What a rule would have done. Times are milliseconds since the epoch. */
export interface Backtest {
  readonly rule: RuleInfo;
  /** Why it can never fire here. */
  readonly silent?: string;
  /** From when on everything was searched: the beginning of the range, or later where the search ended before. */
  readonly searchedFrom: number;
  readonly stopped?: 'limit' | 'timeout' | 'memory';
  /**
   * The questions about lists of which not every event in the range holds the answer, as `list@field`: those that came in before `since`
   * (without it: all) were asked about the list as it is today.
   */
  readonly listsOfToday: readonly { readonly name: string; readonly since?: number }[];
  /** Events that the rule hits. */
  readonly events: number;
  /** Events that SQL could not judge exactly; they were judged again as the stream judges. */
  readonly judgedAgain: number;
  /** The share that SQL decided alone, 0 to 1, of the events that were hits or had to be judged again. */
  readonly exact: number;
  /** Days in UTC, such as `2026-11-20`, the oldest first; those without an event are not there. */
  readonly days: readonly { readonly day: string; readonly events: number; readonly alerts: number }[];
  /** Alerts that would have opened. */
  readonly alerts: number;
  readonly alertsPerDay: number;
  /** The most frequent values of who, where and from where. */
  readonly users: readonly Counted[];
  readonly hosts: readonly Counted[];
  readonly addresses: readonly Counted[];
  /** The newest. */
  readonly examples: readonly Event[];
}

export interface Counted {
  readonly value: string;
  readonly count: number;
}

/** Which rule: one that runs, by id or name, or the text of a rule file. `except`: the selection of an exception that it does not have yet. */
export type BacktestRule = ({ readonly named: string } | { readonly text: string }) & { readonly except?: string };

export type BacktestFault =
  | { readonly code: 'not_found' }
  /** The text holds no rule, several, or one with faults. */
  | { readonly code: 'rejected'; readonly reason: string }
  /** The exception cannot be honored. */
  | { readonly code: 'bad_exception'; readonly reason: string };
