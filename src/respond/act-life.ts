import { err, ok, type Result } from '../lib/result.ts';
import { type Act, type ActLine, type ActProof, type ActState, type ProofPattern, provenTargets, type WisherKind } from '../model/act.ts';
import type { Outcome } from './responder.ts';

/** Who wants something. A token and the command line are nobody in person. */
export interface Wisher {
  readonly name: string;
  readonly kind: WisherKind;
}

/** What was confirmed and not begun so long after is not done any more: it was meant for then. */
const BEGIN_WITHIN_MS = 600_000;
const MOST_ATTEMPTS = 6;
const FIRST_RETRY_MS = 2_000;
/** How often another system is asked for proof. */
const ASK_MS = 5_000;
/** A hub that runs an act tells what came of it within this time, or has ended. */
export const RUN_BOUND_MS = 60_000;

const withLine = (act: Act, state: ActState, line: Omit<ActLine, 'state'>, more: Partial<Act> = {}): Act => {
  const { dueAt: _, ...rest } = act;
  return { ...rest, ...more, state, history: [...act.history, { ...line, state }] };
};

/** Confirms a plan. The error says why not. */
export function confirmed(act: Act, { name, kind }: Wisher, now: number): Result<Act, string> {
  const line = { at: now, by: name, byKind: kind, note: '' };
  if (act.state !== 'planned') return err(`it is ${act.state} already`);
  if (act.expiresAt <= now) return err('its time is over: plan it again');
  if (!act.needsSecond) return ok(withLine(act, 'confirmed', line, { wantedBy: [...act.wantedBy, name], dueAt: now }));
  if (kind !== 'user') return err('acts.second_person asks for two users, and a token or the command line is none');
  if (act.wantedBy.includes(name)) return err('you want it already: acts.second_person asks for another user');
  const wantedBy = [...act.wantedBy, name];
  if (wantedBy.length >= 2) return ok(withLine(act, 'confirmed', line, { wantedBy, dueAt: now }));
  const note = 'waits for a second person';
  return ok(withLine(act, 'planned', { ...line, note }, { wantedBy, dueAt: act.expiresAt }));
}

/** Takes back what has not begun. */
export const cancelled = (act: Act, { name, kind }: Wisher, now: number): Result<Act, string> =>
  act.state === 'planned' || act.state === 'confirmed'
    ? ok(withLine(act, 'refused', { at: now, by: name, byKind: kind, note: 'taken back' }))
    : err(`it is ${act.state} already`);

/** By then it has begun, or it is not done any more, however often it was tried. */
const beginUntil = ({ history }: Act): number => (history.find(({ state }) => state === 'confirmed')?.at ?? 0) + BEGIN_WITHIN_MS;

const TOO_LATE = 'it could not begin in time: plan it again if it is still wanted';

/** What the clock does to an act that waits; undefined when nothing. */
export function overdue(act: Act, { now, runner, isMine }: { now: number; runner: string; isMine: boolean }): Act | undefined {
  const earshot = (note: string) => ({ at: now, by: 'earshot', note });
  switch (act.state) {
    case 'planned':
      return act.expiresAt <= now ? withLine(act, 'refused', earshot('nobody confirmed it in time')) : undefined;
    case 'confirmed':
      return beginUntil(act) <= now ? withLine(act, 'refused', earshot(TOO_LATE)) : undefined;
    case 'running': {
      const isOver = act.runner === runner ? !isMine : (act.startedAt ?? 0) + RUN_BOUND_MS <= now;
      if (!isOver) return undefined;
      const note = 'the hub ended while it asked: what came of it is not known, and it is not asked again';
      return withLine(act, 'unknown', earshot(note), { ...until(act, now), endedAt: now });
    }
    case 'done':
    case 'unknown':
      if (act.proofMissed || act.proofUntil === undefined || act.proofUntil > now) return undefined;
      return withLine(act, act.state, earshot(`no proof came ${missing(act)}`), { proofMissed: true });
    default:
      return undefined;
  }
}

const until = ({ proofUntil, isAsked }: Act, now: number): Partial<Act> =>
  proofUntil === undefined ? {} : { dueAt: isAsked === true ? Math.min(proofUntil, now + ASK_MS) : proofUntil };

/** When the other system is to be asked again. Undefined where it is not asked. */
export const askedAgain = (act: Act, now: number): Act | undefined =>
  act.isAsked === true && (act.state === 'done' || act.state === 'unknown') ? { ...act, ...until(act, now) } : undefined;

const missing = (act: Act): string => {
  const proven = provenTargets(act);
  const without = act.targets.filter(({ id }) => !proven.has(id)).map(({ label }) => label);
  return without.length === act.targets.length ? 'in time' : `in time of ${without.join(', ')}`;
};

/** `proofMs`: how long proof is awaited; absent where nobody would hear of it. */
export const begun = (act: Act, runner: string, pattern: ProofPattern | 'asked', proofMs: number | undefined, now: number): Act =>
  withLine(
    act,
    'running',
    { at: now, by: 'earshot', note: '' },
    {
      runner,
      ...(pattern === 'asked' ? { isAsked: true } : { pattern }),
      startedAt: now,
      attempts: act.attempts + 1,
      dueAt: now + RUN_BOUND_MS,
      ...(proofMs !== undefined && { proofUntil: now + proofMs }),
    },
  );

/** What came of it. An act that was proven meanwhile stays so. */
export function ended(act: Act, outcome: Outcome, now: number): Act | undefined {
  if (act.state !== 'running') return undefined;
  const line = (note: string) => ({ at: now, by: 'earshot', note });
  switch (outcome.kind) {
    case 'done':
      return withLine(act, 'done', line(''), { endedAt: now, ...until(act, now) });
    case 'unknown':
      return withLine(act, 'unknown', line(outcome.why), { endedAt: now, ...until(act, now) });
    case 'refused':
      return withLine(act, 'failed', line(outcome.why), { endedAt: now });
    case 'retry':
      return again(act, outcome, now);
  }
}

/** It was not done; it is tried again, unless it was often enough, or would be too late then. Also before it has begun. */
export function again(act: Act, { why, afterMs = 0 }: Extract<Outcome, { kind: 'retry' }>, now: number): Act {
  const attempts = act.state === 'running' ? act.attempts : act.attempts + 1;
  const line = { at: now, by: 'earshot', note: why };
  if (attempts >= MOST_ATTEMPTS) return withLine(act, 'failed', line, { endedAt: now, attempts });
  const dueAt = now + Math.max(afterMs, FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1));
  if (dueAt >= beginUntil(act)) return withLine(act, 'failed', { ...line, note: `${why}; ${TOO_LATE}` }, { endedAt: now, attempts });
  return withLine(act, 'confirmed', { ...line, note: `${why}; it is tried again` }, { attempts, dueAt });
}

/** Ends an act that was confirmed before the other system is asked for anything. Undefined when it has begun. */
export const notBegun = (act: Act, state: 'refused' | 'failed', why: string, now: number): Act | undefined =>
  act.state === 'confirmed' ? withLine(act, state, { at: now, by: 'earshot', note: why }, { endedAt: now }) : undefined;

/** An entry of the other system's log says so. Undefined when that was known. */
export function withProof(act: Act, proof: ActProof, now: number): Act | undefined {
  if (act.proofs.some(({ entry }) => entry === proof.entry)) return undefined;
  const proofs = [...act.proofs, proof];
  const proven = provenTargets({ proofs });
  const entry = `the entry ${proof.action} of ${new Date(proof.at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const note = `by ${proof.eventId === undefined ? proof.action : entry}`;
  if (act.targets.every(({ id }) => proven.has(id))) {
    if (act.state === 'proven') return { ...act, proofs };
    return withLine(act, 'proven', { at: now, by: 'earshot', note }, { proofs, endedAt: act.endedAt ?? now });
  }
  const labels = act.targets.filter(({ id }) => proof.targets.includes(id)).map(({ label }) => label);
  const partly = withLine(act, act.state, { at: now, by: 'earshot', note: `${labels.join(', ')}: proven ${note}` }, { proofs });
  return act.dueAt === undefined ? partly : { ...partly, dueAt: act.dueAt };
}
