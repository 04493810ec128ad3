import type { WisherKind } from './act.ts';

/** Somebody of whom events tell is asked, by mail, whether it was them. Times are milliseconds since the epoch. */

/**
 * `sending`: the mail is on its way to the mail server. `sent`: the server has taken it. `failed`: it could not be sent. `expired`: no answer
 * came in time. An answer is taken as long as it is in time, whatever the mail server said.
 */
export type AskState = 'sending' | 'sent' | 'failed' | 'answered' | 'expired';

/** What can be answered. */
export const SAID = ['me', 'not_me'] as const;
export type Said = (typeof SAID)[number];

/** One kind of thing that was seen under somebody's name: no more of it than helps to remember. */
export interface SeenThing {
  readonly what: string;
  /** The system that tells of it. */
  readonly system?: string | undefined;
  readonly device?: string | undefined;
  readonly address?: string | undefined;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface AskedPerson {
  /** The directory's id. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Ask {
  readonly id: string;
  readonly state: AskState;
  readonly alertId: string;
  readonly person: AskedPerson;
  /** Who asks: a user's name, or a token's. */
  readonly by: string;
  readonly byKind: WisherKind;
  readonly seen: readonly SeenThing[];
  /** The notifier through which the mail goes. */
  readonly notifier: string;
  readonly askedAt: number;
  readonly expiresAt: number;
  /** SHA-256 of the secrets of its links, as hex: each mail that was tried has its own. */
  readonly hashes: readonly string[];
  readonly attempts: number;
  readonly answer?: AskAnswer | undefined;
}

export interface AskAnswer {
  readonly said: Said;
  readonly note: string;
  readonly at: number;
  /** IP address that it came from. */
  readonly address: string;
}

/** By this people name it on the phone. */
export const askNumber = ({ id }: Pick<Ask, 'id'>): string => `${id.slice(0, 4)}-${id.slice(4, 8)}`.toUpperCase();

/** How it stands, in a few words. */
export function askStand({ state, answer }: Pick<Ask, 'state' | 'answer'>): string {
  switch (state) {
    case 'sending':
      return 'the mail is on its way';
    case 'sent':
      return 'no answer yet';
    case 'failed':
      return 'the mail could not be sent';
    case 'expired':
      return 'no answer came in time';
    case 'answered':
      return answer?.said === 'me' ? 'says that it was them' : 'says that it was NOT them';
  }
}
