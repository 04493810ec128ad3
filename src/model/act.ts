/** What Earshot does to the outside world when people ask for it, such as signing somebody out. Times are milliseconds since the epoch. */

/**
 * `planned`: it waits to be confirmed. `running`: the other system is being asked. `done`: it says that it is done. `proven`: so does its own
 * log. `refused`: somebody or Earshot did not let it run. `failed`: the other system said no, and nothing was done. `unknown`: it was asked,
 * and what came of it is not known; it is not asked again, and its log may tell yet.
 */
export const ACT_STATES = ['planned', 'confirmed', 'running', 'done', 'proven', 'refused', 'failed', 'unknown'] as const;
export type ActState = (typeof ACT_STATES)[number];

/** What can be done in a system: people are signed out of it, or sessions that it watches over are ended. */
export const DEEDS = ['sign_out', 'end_sessions'] as const;
export type Deed = (typeof DEEDS)[number];

/** A system in which Earshot can act. */
export interface ActSystem {
  /** Its name in the configuration, and its type. */
  readonly name: string;
  readonly type: string;
  readonly does: Deed;
  /** Whether it has a list of networks that it trusts. */
  readonly trusts: boolean;
}

/** The devices on which somebody is signed out. `web`: browsers and desktop programs. */
export const DEVICES = ['all', 'mobile', 'web'] as const;
export type Devices = (typeof DEVICES)[number];

/** Whom or what it is done to. */
export interface ActTarget {
  /** The other system's own name of it. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** All names by which it may be protected, in any case. */
  readonly names: readonly string[];
  /** The team that it belongs to, where the other system asks for it. */
  readonly team?: string;
}

/** What somebody is who wants something; `local`: over the hub's own socket, as the command line. */
export type WisherKind = 'user' | 'token' | 'local';

/** One line of an act's history. */
export interface ActLine {
  readonly at: number;
  readonly state: ActState;
  /** Who did it; `earshot` where nobody did. */
  readonly by: string;
  /** What they are: names of tokens are chosen, and may be those of users. */
  readonly byKind?: WisherKind;
  readonly note: string;
}

/** An entry of the other system's log that says that it was done. */
export interface ActProof {
  readonly act: string;
  /** Ids of the targets that it names. */
  readonly targets: readonly string[];
  readonly action: string;
  /** The entry's own id, and when it says that it was. */
  readonly entry: string;
  readonly at: number;
  /** The event that holds the entry; absent where the other system was asked. */
  readonly eventId?: string;
}

/** An entry that an act would leave behind. All of it must hold. */
export interface ProofForm {
  readonly action: string;
  /** The field that names the targets: one, or a list. */
  readonly targets: string;
  /** Texts that other fields have. `absent`: a field that is missing counts as this text. */
  readonly fields: readonly { readonly path: string; readonly text: string; readonly absent?: boolean }[];
}

/** By which entries an act is proven. */
export interface ProofPattern {
  /** Types of the sources whose word counts: nobody else can speak for the other system. */
  readonly sources: readonly string[];
  /** The field with the entry's own id. */
  readonly entry: string;
  readonly forms: readonly ProofForm[];
}

/** An act whose entries are awaited, as it is looked for in events. */
export interface ExpectedAct {
  readonly act: string;
  readonly targets: readonly string[];
  readonly pattern: ProofPattern;
  /** Names of the sources whose word counts. */
  readonly sources: readonly string[];
  /** When the other system was asked. */
  readonly askedAt: number;
  /** The entry's own time is within these. */
  readonly from: number;
  readonly until: number;
  /** What has been found before. */
  readonly proofs: readonly ActProof[];
}

/** The field that marks the events in which an act of Earshot shows. The hub alone sets it: no sender may write below `earshot.`. */
export const ACT_FIELD = 'earshot.act.id';

export interface Act {
  readonly id: string;
  readonly state: ActState;
  /** Its name in the configuration, and its type. */
  readonly system: string;
  readonly type: string;
  readonly targets: readonly ActTarget[];
  readonly devices: Devices;
  /** The one session that is ended; absent for all of them. */
  readonly session?: string;
  /** What it does, in words, as "signs Ben out"; and the same when it is done, as "Ben was signed out". */
  readonly effect: string;
  readonly did: string;
  readonly reason: string;
  readonly alertId?: string;
  /** Users who want it; with a second person there must be two. */
  readonly wantedBy: readonly string[];
  readonly needsSecond: boolean;
  readonly expiresAt: number;
  readonly history: readonly ActLine[];
  /** How many lines of the history the audit trail has. */
  readonly audited: number;
  /** The hub that runs it. */
  readonly runner?: string;
  readonly attempts: number;
  /** When the other system was asked; absent before. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly pattern?: ProofPattern;
  /** The other system is asked for proof: no log of it tells. */
  readonly isAsked?: boolean;
  /** Until when proof is awaited; absent where nothing is heard of that would tell. */
  readonly proofUntil?: number;
  /** No proof came until then. */
  readonly proofMissed: boolean;
  readonly proofs: readonly ActProof[];
  /** When the clock has to look at it again. */
  readonly dueAt?: number;
}

/** How an act stands, in words for people. */
export function standText({ state, proofMissed, proofUntil, needsSecond }: Act): string {
  switch (state) {
    case 'planned':
      return needsSecond ? 'waits for a second person' : 'waits to be confirmed';
    case 'confirmed':
      return 'confirmed';
    case 'running':
      return 'under way';
    case 'done':
      if (proofMissed) return 'done, and no proof came';
      return proofUntil === undefined ? 'done; no source is set from which proof could come' : 'done, not proven yet';
    case 'proven':
      return 'done and proven';
    case 'refused':
      return 'not done';
    case 'failed':
      return 'failed: nothing was done';
    case 'unknown':
      return proofMissed ? 'not known whether it was done, and no proof came' : 'not known yet whether it was done';
  }
}

/** Ids of the targets for which there is proof. */
export const provenTargets = ({ proofs }: Pick<Act, 'proofs'>): ReadonlySet<string> => new Set(proofs.flatMap(({ targets }) => targets));
