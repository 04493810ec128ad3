import type { Approval, Happening, PrivilegedSession, SessionDetails, SessionEvents, SessionState } from '../model/privileged-session.ts';
import type { Paired } from './pair.ts';
import { approvalOf, type HeardRequest, type RequestsByAsker, requestsFor, type Span } from './requests.ts';
import { type CommonField, inOrder, type SessionEvent, textOf } from './session-event.ts';

/** What a session is judged by. Times in milliseconds. */
export interface Judging {
  readonly product: SessionEvents;
  readonly now: number;
  readonly longestMs: number;
  /** Of the product, around the session. */
  readonly requests: RequestsByAsker;
}

/** When a session is in a list: its start, or its end where that is all that is known. */
export const momentOf = ({ startedAt, first }: Pick<Paired, 'startedAt' | 'first'>): number => startedAt ?? first.at;

/** What is told of a session by the few fields that are read of every event. */
export type BareSession = Omit<PrivilegedSession, keyof SessionDetails>;

type Whose = Pick<BareSession, 'person' | 'account' | 'address' | 'host'>;

export function whoseOf({ first, closed }: Paired): Whose {
  const own = [first, ...(closed === undefined ? [] : [closed])];
  const said = (field: CommonField): string => own.map((event) => textOf(event, field)).find((text) => text !== '') ?? '';
  return {
    person: said('user.name'),
    account: said('destination.user.name'),
    address: said('destination.ip'),
    host: said('destination.domain'),
  };
}

export function stateOf({ startedAt, closed }: Paired, { now, longestMs }: Judging): SessionState {
  if (closed !== undefined) return startedAt === undefined ? 'start_unheard' : 'ended';
  return now - (startedAt ?? now) > longestMs ? 'never_ended' : 'open';
}

const spanOf = (paired: Paired, now: number): Span => ({ from: momentOf(paired), to: paired.closed?.at ?? now });

const restsOf = (paired: Paired, { now, longestMs, requests }: Judging): HeardRequest[] =>
  requestsFor(whoseOf(paired), spanOf(paired, now), requests, longestMs);

export const sessionApproval = (paired: Paired, judging: Judging): Approval => approvalBy(restsOf(paired, judging), paired, judging);

/** Of what began at a time that nobody knows, nobody knows whether it was within a window. */
const approvalBy = (rests: readonly HeardRequest[], paired: Paired, { product, now }: Judging): Approval =>
  paired.startedAt === undefined ? 'not_told' : approvalOf(product, spanOf(paired, now), rests);

export function sessionOf(paired: Paired, judging: Judging): BareSession {
  const { first, closed, cut, startedAt, deeds } = paired;
  const rests = restsOf(paired, judging);
  return {
    id: idOf(first),
    product: judging.product.product,
    dataset: first.dataset,
    ...whoseOf(paired),
    startedAt,
    endedAt: closed?.at,
    isCut: cut !== undefined,
    state: stateOf(paired, judging),
    approval: approvalBy(rests, paired, judging),
    requests: rests.map(({ login: _, account: __, address: ___, happenings: ____, ...request }) => request),
    commands: deeds.length,
    blocked: deeds.filter(({ deed }) => deed === 'command_blocked').length,
    guessed: first.guessed || closed?.guessed === true,
    happenings: [...rests.flatMap(({ happenings }) => happenings), ...happeningsOf(paired)].sort((a, b) => a.at - b.at),
  };
}

/** Whether an event is one of a session's own. */
export const hasEvent = (paired: Paired, id: string): boolean => happeningsOf(paired).some(({ eventId }) => eventId === id);

function happeningsOf({ opened, closed, cut, repeats, deeds }: Paired): Happening[] {
  const edges = [
    ...(opened === undefined ? [] : [{ event: opened, kind: 'started' as const }]),
    ...(cut === undefined ? [] : [{ event: cut, kind: 'cut' as const }]),
    ...(closed === undefined || closed === cut ? [] : [{ event: closed, kind: 'ended' as const }]),
    ...repeats.map((event) => ({ event, kind: 'repeated' as const })),
    ...deeds.filter(({ event }) => event !== cut).map(({ event, deed }) => ({ event, kind: deed })),
  ];
  return edges.sort((a, b) => inOrder(a.event, b.event)).map(({ event, kind }) => ({ eventId: idOf(event), at: event.at, kind }));
}

const idOf = ({ node, seq }: SessionEvent): string => `${node}-${seq}`;
