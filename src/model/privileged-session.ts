/** What may happen in a privileged session, as far as products tell it. */
export type SessionDeed = 'command' | 'command_blocked';

/** A session, or a look at the password. */
export type AccessPurpose = 'session' | 'view';

/** Fields of the events by which somebody asks for access, and others grant or refuse it. */
export interface RequestEvents {
  /** `event.action` of each. */
  readonly asked: string;
  readonly approved: string;
  readonly denied: string;
  /** What a request and the answer to it have in common. */
  readonly id: string;
  /** Full name of who asks, on the answer too. */
  readonly requester: string;
  readonly approver: string;
  /** When access begins and ends, as `2026-01-31 10:00:00` by the vault's own clock. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** What is asked for, in the vault's words. */
  readonly wish: string;
  /** Whether a wish in these words is one for this; '' where the event has no words. */
  readonly isFor: (purpose: AccessPurpose, wish: string) => boolean;
}

/**
 * What a product tells of privileged sessions: which of its events open, end and happen in one. A product joins by such a value in its own folder.
 * Persons are `user.name`, accounts `destination.user.name`, machines `destination.ip` and `destination.domain`.
 */
export interface SessionEvents {
  /** As in `event.module`. */
  readonly product: string;
  readonly datasets: readonly string[];
  /** Values of `event.action`. */
  readonly opens: readonly string[];
  readonly ends: readonly string[];
  /** Ends a session by force. Where its end is told as well, that is when it ended. */
  readonly cuts: readonly string[];
  readonly deeds: Readonly<Record<string, SessionDeed>>;
  /** Looks at a password, which are no sessions and are held against approvals all the same; absent where the product tells of none. */
  readonly views?: readonly string[];
  /** Fields that all events of a session share, the surest first: an id, or who, as whom and where. The first of which an event has all counts. */
  readonly keys: readonly (readonly string[])[];
  /** Where its end tells when it began; absent where it does not. */
  readonly began?: string;
  /** Absent where the product tells nothing of requests. */
  readonly requests?: RequestEvents;
}

export const SESSION_STATES = ['open', 'ended', 'never_ended', 'start_unheard'] as const;
/** `never_ended`: its end was not heard in time. `start_unheard`: only its end was heard. */
export type SessionState = (typeof SESSION_STATES)[number];

export const APPROVALS = ['approved', 'outran_window', 'outside_window', 'none', 'not_told'] as const;
/**
 * `outran_window`: it began within what was approved, and went on beyond it. `outside_window`: it began before or after what was approved.
 * `none`: no approved request was heard of. `not_told`: the product tells nothing of requests, or when it began is not known.
 */
export type Approval = (typeof APPROVALS)[number];

/** A request for access that a session may rest on. Times are milliseconds since the epoch. */
export interface AccessRequest {
  /** As the vault numbers it; '' where it does not. */
  readonly id: string;
  readonly state: 'asked' | 'approved' | 'denied';
  readonly requester: string;
  /** Who answered, or who was to answer; '' where that is not told. */
  readonly approver: string;
  readonly wish: string;
  readonly askedAt?: number | undefined;
  readonly answeredAt?: number | undefined;
  readonly validFrom?: number | undefined;
  readonly validUntil?: number | undefined;
  /** That it was approved was guessed from the words of a message: it counts for nothing. */
  readonly guessed: boolean;
}

export type HappeningKind = 'started' | 'ended' | 'cut' | 'repeated' | 'asked' | 'approved' | 'denied' | SessionDeed;

/** An event of a session, or of a request that it rests on. */
export interface Happening {
  readonly eventId: string;
  readonly at: number;
  readonly kind: HappeningKind;
}

/** What is read of the events of a session only when it is shown; texts are '' where no event has them. */
export interface SessionDetails {
  /** The machine of the vault. */
  readonly vault: string;
  readonly fullName: string;
  readonly port: string;
  /** Where the person came from. */
  readonly source: string;
}

/** A session through a vault, from its events. Times are milliseconds since the epoch; texts are '' where no event has them. */
export interface PrivilegedSession extends SessionDetails {
  /** The id of the event that opened it, or of the one that ended it where none was heard. */
  readonly id: string;
  readonly product: string;
  readonly dataset: string;
  readonly person: string;
  readonly account: string;
  readonly host: string;
  readonly address: string;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  /** The vault cut it off. */
  readonly isCut: boolean;
  readonly state: SessionState;
  readonly approval: Approval;
  readonly requests: readonly AccessRequest[];
  readonly commands: number;
  /** Of these. */
  readonly blocked: number;
  /** Its kind was guessed from the words of a message. */
  readonly guessed: boolean;
  /** Oldest first. */
  readonly happenings: readonly Happening[];
}

/** Somebody looked at the password of an account. */
export interface PasswordView
  extends Pick<PrivilegedSession, 'id' | 'product' | 'person' | 'account' | 'host' | 'address' | 'approval' | 'requests'> {
  /** Milliseconds since the epoch. */
  readonly at: number;
}
