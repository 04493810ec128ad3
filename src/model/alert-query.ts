import type { AlertState, Resolution } from './alert-life.ts';
import type { Level } from './severity.ts';

/** Which alerts somebody asks for; all that is given must hold. Times are milliseconds since the epoch. */
export interface AlertFilter {
  readonly states?: readonly AlertState[] | undefined;
  readonly levels?: readonly Level[] | undefined;
  /** A rule's name or id. */
  readonly rule?: string | undefined;
  /** A user's name. */
  readonly assignee?: string | undefined;
  /** Only what is nobody's. */
  readonly unassigned?: boolean | undefined;
  /** Whole names of persons, in upper or lower case: only alerts whose evidence names one of them. */
  readonly persons?: readonly string[] | undefined;
  /** Part of the name of a person or host, or of an address, of its evidence. */
  readonly about?: string | undefined;
  /** Such as `t1078`, with its sub-techniques. */
  readonly technique?: string | undefined;
  /** Only alerts with an event at or after this, and before `to`. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only alerts with evidence of these datasets, with `*` as a wildcard. Absent: of all. */
  readonly datasets?: readonly string[] | undefined;
}

export interface AlertQuery extends AlertFilter {
  /** `newest`: by the last event. `level`: the worst first, then by the last event. */
  readonly sort?: 'newest' | 'level' | undefined;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface AlertCounts {
  readonly counts: readonly { readonly state: AlertState; readonly level: Level; readonly count: number }[];
  /** Another text as soon as anything of any of these alerts has changed. */
  readonly version: string;
}

export interface AlertStatsQuery {
  /** Alerts that were opened at or after this, and before `to`; milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly by: 'level' | 'rule';
  readonly datasets?: readonly string[] | undefined;
  /** Absent: all. */
  readonly levels?: readonly Level[] | undefined;
}

/** How quickly people worked. Medians are of the alerts that got that far, in seconds; absent where none did. */
export interface AlertPace {
  readonly opened: number;
  readonly acknowledged: number;
  readonly resolved: number;
  readonly medianAcknowledgeSecs?: number | undefined;
  readonly medianResolveSecs?: number | undefined;
  readonly resolutions: Readonly<Partial<Record<Resolution, number>>>;
}

export interface AlertStats {
  readonly all: AlertPace;
  /** The most frequent first. `value`: a level, or a rule's name. */
  readonly groups: readonly (AlertPace & { readonly value: string })[];
  /** False where there were too many alerts: then these are of the newest. */
  readonly complete: boolean;
}

export interface Relation {
  readonly kind: 'person' | 'host' | 'address';
  readonly value: string;
}
