/** Something that is not told in one place for a while. Times are milliseconds since the epoch. */
export interface Mute extends NewMute {
  readonly id: string;
  readonly createdAt: number;
}

export interface NewMute {
  readonly notifier: string;
  /** The target's own name of the place: a channel's, or a person's. */
  readonly place: string;
  /** Whether that is where the notifier tells alerts: then no alert of it is told there. */
  readonly isAlertPlace: boolean;
  readonly kind: 'rule' | 'subject';
  /** A rule's id; or the name of a person, host or address, or words that somebody listens for, in lower case. */
  readonly what: string;
  /** As people call it. */
  readonly title: string;
  readonly author: string;
  readonly reason: string;
  readonly until: number;
}
