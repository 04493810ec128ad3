import type { Ask, AskAnswer } from '../model/ask.ts';
import type { Delivery } from '../notify/notifier.ts';

/** Mails that are tried for one ask; the last some ten minutes after the first. */
const MOST_ATTEMPTS = 8;
const FIRST_RETRY_MS = 5_000;
/** A mail that was begun and of which nothing is known by then is tried again: the hub that sent it has ended. */
const SENDING_MS = 120_000;

/** An ask as it is now, and when it is to be looked at next. */
export interface Timed {
  readonly ask: Ask;
  readonly dueAt: number | null;
}

/** Written down before the mail goes, so that its links work whenever it comes. */
export const begun = (ask: Ask, hash: string, now: number): Timed | undefined =>
  ask.state === 'sending'
    ? { ask: { ...ask, hashes: [...ask.hashes, hash], attempts: ask.attempts + 1 }, dueAt: now + SENDING_MS }
    : undefined;

/** What came of the mail. The last failure is the end; a link that came all the same works. */
export function posted(ask: Ask, delivery: Delivery, now: number): Timed | undefined {
  if (ask.state !== 'sending') return undefined;
  if (delivery.verdict === 'delivered') return { ask: { ...ask, state: 'sent' }, dueAt: ask.expiresAt };
  if (delivery.verdict === 'retry' && ask.attempts < MOST_ATTEMPTS) {
    return { ask, dueAt: now + Math.max(delivery.afterMs ?? 0, FIRST_RETRY_MS * 2 ** Math.max(0, ask.attempts - 1)) };
  }
  return failed(ask);
}

/** It is not sent any more. */
export const failed = (ask: Ask): Timed | undefined =>
  ask.state === 'sending' ? { ask: { ...ask, state: 'failed' }, dueAt: null } : undefined;

/** Nobody has answered in time. */
export const expired = (ask: Ask, now: number): Timed | undefined =>
  (ask.state === 'sending' || ask.state === 'sent') && ask.expiresAt <= now
    ? { ask: { ...ask, state: 'expired' }, dueAt: null }
    : undefined;

/** Once, and in time. */
export const answered = (ask: Ask, answer: AskAnswer): Timed | undefined =>
  isOpen(ask, answer.at) ? { ask: { ...ask, state: 'answered', answer }, dueAt: null } : undefined;

/** Whether an answer would still be taken. */
export const isOpen = ({ state, expiresAt }: Ask, now: number): boolean => state !== 'answered' && state !== 'expired' && now < expiresAt;
