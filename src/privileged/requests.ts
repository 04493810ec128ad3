import { utcOf, type Zone } from '../formats/time-zone.ts';
import { grouped, mapped, type Steps, sorted } from '../lib/steps.ts';
import type { AccessPurpose, AccessRequest, Approval, Happening, RequestEvents, SessionEvents } from '../model/privileged-session.ts';
import { inOrder, type SessionEvent, textOf } from './session-event.ts';

/** A request, with whom and what it is about. */
export interface HeardRequest extends AccessRequest {
  /** Login of who asks, in lower case; '' where only a full name is told, whose login is not known. */
  readonly login: string;
  readonly account: string;
  readonly address: string;
  readonly happenings: readonly Happening[];
}

/** When a session was, as far as it is known. */
export interface Span {
  readonly from: number;
  /** Its end, or now. */
  readonly to: number;
}

/** How an event's time is written: `2026-01-31 10:00:00`, in the vault's own zone. */
const WALL_CLOCK = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?/;

function timeOf(text: string, zone: Zone): number | undefined {
  const [, year, month, day, hour, minute, second] = (WALL_CLOCK.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || hour === undefined || minute === undefined) return undefined;
  return utcOf(Date.UTC(year, month - 1, day, hour, minute, Number.isNaN(second) ? 0 : second), zone);
}

/** Makes requests of the events of asking and answering: those with one number are one. Such as are for something else are left out. */
export function* requestsIn(
  product: SessionEvents,
  events: readonly SessionEvent[],
  zone: Zone,
  purpose: AccessPurpose,
): Steps<HeardRequest[]> {
  const { requests: words } = product;
  if (words === undefined) return [];
  const known = yield* sorted(
    events.filter(({ action }) => [words.asked, words.approved, words.denied].includes(action)),
    inOrder,
  );
  const together = yield* grouped(known, (event) => {
    const number = textOf(event, words.id);
    return number === '' ? `${event.node}-${event.seq}` : JSON.stringify([number, accountOf(event), addressOf(event)]);
  });
  const logins = yield* loginsOf(known, words);
  return (yield* mapped(together.values(), (own) => requestOf(own, words, logins, zone, purpose) ?? [])).flat();
}

/**
 * Logins by full name, in lower case: who asks has both, and an answer names the one who asked by their full name alone. '' where two persons have one
 * name. What was only guessed makes nobody of a name.
 */
function* loginsOf(events: readonly SessionEvent[], { asked }: RequestEvents): Steps<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const event of events) {
    yield;
    if (event.action !== asked || event.guessed) continue;
    const [fullName, login] = [fullNameOf(event), textOf(event, 'user.name')];
    const known = found.get(fullName) ?? login;
    if (fullName !== '' && login !== '') found.set(fullName, known.toLowerCase() === login.toLowerCase() ? login : '');
  }
  return found;
}

const fullNameOf = (event: SessionEvent): string => textOf(event, 'user.full_name').toLowerCase();

const accountOf = (event: SessionEvent): string => textOf(event, 'destination.user.name').toLowerCase();
const addressOf = (event: SessionEvent): string => textOf(event, 'destination.ip').toLowerCase();

function requestOf(
  events: readonly SessionEvent[],
  words: RequestEvents,
  logins: ReadonlyMap<string, string>,
  zone: Zone,
  purpose: AccessPurpose,
): HeardRequest | undefined {
  const [first] = events;
  const answer = answerOf(events, words);
  const told = believed(events, answer);
  const said = (field: string): string => told.map((event) => textOf(event, field)).find((text) => text !== '') ?? '';
  if (first === undefined || !words.isFor(purpose, said(words.wish))) return undefined;
  const asked = told.find(({ action }) => action === words.asked);
  const fullName = said(words.requester);
  const login = loginOf(asked, fullName, logins);
  return {
    id: said(words.id),
    state: answer === undefined ? 'asked' : answer.action === words.approved ? 'approved' : 'denied',
    requester: login === '' ? fullName : login,
    approver: said(words.approver),
    wish: said(words.wish),
    askedAt: asked?.at,
    answeredAt: answer?.at,
    validFrom: timeOf(said(words.validFrom), zone),
    validUntil: timeOf(said(words.validUntil), zone),
    guessed: answer?.guessed ?? first.guessed,
    login: login.toLowerCase(),
    account: accountOf(first),
    address: addressOf(first),
    happenings: events.map(({ node, seq, at, action }) => ({
      eventId: `${node}-${seq}`,
      at,
      kind: action === words.asked ? 'asked' : action === words.approved ? 'approved' : 'denied',
    })),
  };
}

/** What is said last counts: an approval that was taken back is one no more. What is only guessed takes nothing back. */
function answerOf(events: readonly SessionEvent[], { asked }: RequestEvents): SessionEvent | undefined {
  const answers = events.filter(({ action }) => action !== asked);
  return answers.findLast(({ guessed }) => !guessed) ?? answers.at(-1);
}

/**
 * The events that say what a request is about, the answer first: what was granted is what it says. To an answer that is no guess, guesses add nothing: an
 * approval would be worth no more than the least of them.
 */
function believed(events: readonly SessionEvent[], answer: SessionEvent | undefined): readonly SessionEvent[] {
  if (answer === undefined) return events;
  return [answer, ...events.filter((event) => event !== answer && (answer.guessed || !event.guessed))];
}

/** Of who asked, by the event of asking where it is of the one whom the answer names; else by their name in any request. */
function loginOf(asked: SessionEvent | undefined, fullName: string, logins: ReadonlyMap<string, string>): string {
  const isTheirs = asked !== undefined && ['', fullNameOf(asked)].includes(fullName.toLowerCase());
  return (isTheirs ? textOf(asked, 'user.name') : '') || (logins.get(fullName.toLowerCase()) ?? '');
}

/** What of a session or a look a request must fit. */
export interface Wanted {
  readonly person: string;
  readonly account: string;
  readonly address: string;
}

/** Requests of whom it is known who asks, by who that is and for which account; of each, oldest first. */
export type RequestsByAsker = ReadonlyMap<string, readonly HeardRequest[]>;

/** So that not all requests are looked through for each session. */
export function* byAsker(requests: readonly HeardRequest[]): Steps<RequestsByAsker> {
  const ordered = yield* sorted(
    requests.filter(({ login }) => login !== ''),
    (a, b) => whenOf(a) - whenOf(b),
  );
  return yield* grouped(ordered, ({ login, account }) => askerKey(login, account));
}

const askerKey = (login: string, account: string): string => JSON.stringify([login, account]);

/** Requests of the same person for the same account on the same machine, whose time is no further from the session than `reachMs`; oldest first. */
export function requestsFor(wanted: Wanted, span: Span, all: RequestsByAsker, reachMs: number): HeardRequest[] {
  const address = wanted.address.toLowerCase();
  const own = all.get(askerKey(wanted.person.toLowerCase(), wanted.account.toLowerCase())) ?? [];
  return own.filter(
    (request) => (request.address === '' || address === '' || request.address === address) && isNear(request, span, reachMs),
  );
}

const whenOf = ({ askedAt, answeredAt }: AccessRequest): number => askedAt ?? answeredAt ?? 0;

function isNear(request: AccessRequest, { from, to }: Span, reachMs: number): boolean {
  const begins = request.validFrom ?? whenOf(request);
  const ends = request.validUntil ?? request.answeredAt ?? begins;
  return begins <= to + reachMs && ends >= from - reachMs;
}

/** Whether a session, or a look, was approved. What was only guessed to be an approval is none. */
export function approvalOf({ requests: words }: SessionEvents, { from, to }: Span, requests: readonly AccessRequest[]): Approval {
  if (words === undefined) return 'not_told';
  const times = timesApproved(requests);
  if (times.length === 0) return 'none';
  if (!times.some((time) => covers(time, from))) return 'outside_window';
  return times.some((time) => covers(time, to)) ? 'approved' : 'outran_window';
}

/** When something was approved; milliseconds since the epoch, infinity where nothing says until when. */
export interface ApprovedTime {
  readonly from: number;
  readonly until: number;
}

/** What a session is told against: of the times that it began in, the one that lasts longest; else the one nearest to it. Undefined where nothing was approved. */
export function approvedTime({ from }: Pick<Span, 'from'>, requests: readonly AccessRequest[]): ApprovedTime | undefined {
  const times = timesApproved(requests);
  const away = (time: ApprovedTime): number => Math.max(0, time.from - from, from - time.until);
  return times.toSorted((a, b) => away(a) - away(b) || b.until - a.until)[0];
}

/** Windows begin when access is asked for: what began in one before somebody had approved it was not approved. Without a window, what was approved before is. */
const timesApproved = (requests: readonly AccessRequest[]): ApprovedTime[] =>
  requests
    .filter(({ state, guessed }) => state === 'approved' && !guessed)
    .map(({ validFrom, validUntil, answeredAt }) => ({
      from: Math.max(validFrom ?? 0, answeredAt ?? Number.POSITIVE_INFINITY),
      until: validUntil ?? Number.POSITIVE_INFINITY,
    }));

/** An approval and the session that it opens may be told by different programs of a vault, whose times are to the second. */
const IN_STEP_MS = 10_000;

const covers = ({ from, until }: ApprovedTime, at: number): boolean => from - IN_STEP_MS <= at && at <= until;
