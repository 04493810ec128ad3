import type { AlertChange, AlertLife, AlertState } from './alert-life.ts';
import type { AlertUsual } from './alert-usual.ts';
import type { LeafMatch } from './detection.ts';
import type { AlertDetails, Finding } from './found.ts';
import type { Level } from './severity.ts';

/** What of an event an alert carries, so that it can be read without the store. */
export interface Evidence {
  readonly eventId: string;
  readonly timestamp: number;
  readonly dataset: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly user?: string;
  readonly targetUser?: string;
  readonly host?: string;
  readonly sourceIp?: string;
  readonly product?: string;
  readonly message: string;
  readonly matches: readonly LeafMatch[];
}

/** What has found it: a rule in single events, or what looks at many. */
export type AlertKind = 'rule' | Finding['kind'];

/** Hits of one rule on one group of values, close together; or what a correlation, a baseline or silence has found. */
export interface Alert {
  /** Deterministic: the same hits give the same id, also after a replay. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleVersion: string;
  readonly title: string;
  readonly level: Level;
  /** The grouping key's fields and values, such as `{ 'user.name': 'alice' }`. */
  readonly group: Readonly<Record<string, string>>;
  readonly count: number;
  /** Milliseconds since the epoch, of the events. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The first few events, oldest first; `count` says how many there are. */
  readonly evidence: readonly Evidence[];
  readonly tags: readonly string[];
  readonly nextSteps: readonly string[];
  readonly state: AlertState;
  /** Why it is one, beyond its events; absent for hits of a rule. */
  readonly details?: AlertDetails;
}

/** An alert as people are told of it: with where it stands, and who brought it there. */
export interface ToldAlert extends Alert, Partial<Pick<AlertLife, 'assignee' | 'resolution' | 'snoozedUntil'>> {
  /** The line of its history that led to its state; absent where nobody has done anything yet. */
  readonly decision?: AlertChange | undefined;
  /** The last line that takes something back of what was said before. */
  readonly revised?: AlertChange | undefined;
  /** The last line of each thing that was done about it in other systems, in the order of these lines; a message shows a few (shown-lines.ts). */
  readonly acts?: readonly AlertChange[] | undefined;
  /** The same of each time that a person was asked whether it was them. */
  readonly asks?: readonly AlertChange[] | undefined;
  /** People who could be asked; absent where nobody can. */
  readonly askable?: readonly string[] | undefined;
  /** People whom Earshot could sign out; absent where it acts nowhere. */
  readonly signOut?: readonly string[] | undefined;
  /** Absent where it was not asked, or not known in time. */
  readonly usual?: AlertUsual | undefined;
}
