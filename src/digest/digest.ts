import type { AlertState } from '../model/alert-life.ts';
import type { AlertPace } from '../model/alert-query.ts';
import type { ChartBar } from '../model/chart.ts';
import type { Level } from '../model/severity.ts';
import type { Period, Range } from './period.ts';
import type { DigestSettings } from './settings.ts';

/** All that a digest tells. Times are milliseconds since the epoch. */
export interface Digest {
  readonly settings: DigestSettings;
  readonly period: Period;
  /** When it was put together: what is open and who is quiet is as it was then. */
  readonly at: number;
  /** When it was due, and how many were due before it and were not told; absent where it is in time. */
  readonly late?: { readonly dueAt: number; readonly missed: number } | undefined;
  readonly alerts: DigestAlerts;
  /** Absent where the event engine did not answer. */
  readonly quiet?: { readonly sources: readonly QuietSource[]; readonly total: number } | undefined;
  /** Doors for messages that do not work now; empty for who does not read of all datasets. Absent where nobody could be asked. */
  readonly faults?: readonly { readonly source: string; readonly fault: string }[] | undefined;
  /** Since when messages wait that nobody has looked at yet; absent where all of the period were. */
  readonly behindSince?: number | undefined;
  /** Times of the period and of the one before it in which a hub heard nothing, in order and none twice. */
  readonly deaf: readonly Range[];
  /** Since when there is an Earshot. */
  readonly keptSince: number;
}

/** What the state database says. An alert is in a time when it has an event in it. */
export interface DigestAlerts {
  readonly levels: Readonly<Record<Level, number>>;
  readonly levelsBefore: Readonly<Record<Level, number>>;
  readonly pace: AlertPace;
  readonly paceBefore: AlertPace;
  /** The most frequent first, five of them. */
  readonly kinds: readonly DigestKind[];
  /** Alerts and rules that are not among them. */
  readonly others: { readonly alerts: number; readonly kinds: number };
  /** The rule that did most of the change, and by how much; absent where nothing changed. */
  readonly change?: { readonly title: string; readonly by: number } | undefined;
  readonly bars: readonly Omit<ChartBar, 'label'>[];
  /** Alerts that are not resolved, the oldest first: a few. */
  readonly open: { readonly total: number; readonly nobodys: number; readonly oldest: readonly OpenAlert[] };
  /** What rules on silence have told of and has not spoken since: a few. */
  readonly silent: { readonly total: number; readonly alerts: readonly SilentAlert[] };
  /** Messages that were given up since the period began. */
  readonly notTold: number;
}

export interface DigestKind {
  readonly title: string;
  readonly level: Level;
  readonly count: number;
  readonly before: number;
}

export interface OpenAlert {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  /** What it is about, such as a person's name. */
  readonly about: readonly string[];
  readonly state: AlertState;
  readonly openedAt: number;
  readonly assignee?: string | undefined;
  readonly snoozedUntil?: number | undefined;
}

export interface SilentAlert extends Pick<OpenAlert, 'id' | 'title' | 'about'> {
  /** When it was heard last. */
  readonly heardAt: number;
}

export interface QuietSource {
  readonly dataset: string;
  /** Its host, or the address that it came from; '' where nothing is known of that. */
  readonly from: string;
  readonly silentMs: number;
  readonly longestPauseMs: number;
}
