/** What people do with an alert, from its opening to its end. */
export const ALERT_STATES = ['open', 'acknowledged', 'snoozed', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What an alert turned out to be. `expected`: it happened as the rule says, and it was agreed on before. */
export const RESOLUTIONS = ['true_positive', 'false_positive', 'benign', 'expected'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** Where an alert is in its life. Times are milliseconds since the epoch, by Earshot's own clock. */
export interface AlertLife {
  readonly state: AlertState;
  /** Name of the user whose it is. */
  readonly assignee?: string;
  /** It wakes then by itself, or before when it grows tenfold or gets worse. */
  readonly snoozedUntil?: number;
  readonly resolution?: Resolution;
  readonly openedAt: number;
  /** The first time that somebody acknowledged, took, snoozed or resolved it. */
  readonly acknowledgedAt?: number;
  /** The last time that somebody resolved it, while it is resolved. */
  readonly resolvedAt?: number;
  readonly changedAt: number;
  /** Grows with each line of its history. Who gives the one they saw changes nothing that another has changed meanwhile. */
  readonly revision: number;
}

/** Something that a person does to an alert. */
export type AlertAct =
  | { readonly kind: 'acknowledge' | 'reopen' | 'unassign' | 'take' | 'comment' }
  /** Until when, milliseconds since the epoch. */
  | { readonly kind: 'snooze'; readonly until: number }
  | { readonly kind: 'resolve'; readonly resolution?: Resolution | undefined }
  | { readonly kind: 'assign'; readonly to: string };

export interface AlertChangeWish {
  readonly act: AlertAct;
  /** Who does it. */
  readonly actor: string;
  readonly note?: string | undefined;
  /** Where they did it, beside Earshot's own page and API: `slack`. */
  readonly via?: string | undefined;
  /** The revision that the actor saw. Absent: whatever it is now. */
  readonly revision?: number | undefined;
}

/** One line of an alert's history. */
export interface AlertChange {
  readonly at: number;
  readonly change:
    | 'opened'
    | 'grew'
    | 'raised'
    | 'acknowledged'
    | 'snoozed'
    | 'woke'
    | 'resolved'
    | 'reopened'
    | 'assigned'
    | 'unassigned'
    | 'commented'
    /** Its events belong to another alert, which has them now. */
    | 'merged'
    /** What was said of it before does not hold, or not all of it. */
    | 'revised'
    /** Its rule is another now: it is an alert of the new version from here on, or of the former one alone. */
    | 'rule_changed'
    /** What Earshot was asked to do about it in another system, and what became of that. */
    | 'acted'
    /** A person was asked whether it was them, and what became of the mail. */
    | 'asked'
    /** What they said. It is evidence: it decides nothing. */
    | 'answered';
  /** Who did it; `earshot` where nobody did. */
  readonly actor: string;
  readonly note: string;
  /** How many events the alert had. */
  readonly count: number;
  /** Whom it was assigned to, until when it was to sleep (ISO 8601), what it turned out to be, the level it rose to; an act and its state; an ask, whom, and how it stands; `via` what. */
  readonly about: Readonly<Record<string, string>>;
}
