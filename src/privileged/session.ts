import type { Happening, PrivilegedSession, SessionDetails, SessionEvents, SessionState } from '../model/privileged-session.ts';
import type { Paired } from './pair.ts';
import { approvalOf, type HeardRequest, requestsFor } from './requests.ts';
import { type CommonField, inOrder, type SessionEvent, textOf } from './session-event.ts';

/** What a session is judged by. Times in milliseconds. */
export interface Judging {
  readonly now: number;
  readonly longestMs: number;
  /** Of the product, around the session. */
  readonly requests: readonly HeardRequest[];
}

/** When a session is in a list: its start, or its end where that is all that is known. */
export const momentOf = ({ startedAt, first }: Pick<Paired, 'startedAt' | 'first'>): number => startedAt ?? first.at;

/** What is told of a session by the few fields that are read of every event. */
export function sessionOf(
  product: SessionEvents,
  paired: Paired,
  { now, longestMs, requests }: Judging,
): Omit<PrivilegedSession, keyof SessionDetails> {
  const { first, closed, cut, startedAt, deeds } = paired;
  const own = [first, ...(closed === undefined ? [] : [closed])];
  const said = (field: CommonField): string => own.map((event) => textOf(event, field)).find((text) => text !== '') ?? '';
  const who = { person: said('user.name'), account: said('destination.user.name'), address: said('destination.ip') };
  const span = { from: momentOf(paired), to: closed?.at ?? now };
  const rests = requestsFor(who, span, requests, longestMs);
  return {
    id: idOf(first),
    product: product.product,
    dataset: first.dataset,
    ...who,
    host: said('destination.domain'),
    startedAt,
    endedAt: closed?.at,
    isCut: cut !== undefined,
    state: stateOf(paired, now, longestMs),
    // Of what began at a time that nobody knows, nobody knows whether it was within a window.
    approval: startedAt === undefined ? 'not_told' : approvalOf(product, span, rests),
    requests: rests.map(({ login: _, account: __, address: ___, happenings: ____, ...request }) => request),
    commands: deeds.length,
    blocked: deeds.filter(({ deed }) => deed === 'command_blocked').length,
    guessed: own.some(({ guessed }) => guessed),
    happenings: [...rests.flatMap(({ happenings }) => happenings), ...happeningsOf(paired)].sort((a, b) => a.at - b.at),
  };
}

function stateOf({ startedAt, closed }: Paired, now: number, longestMs: number): SessionState {
  if (closed !== undefined) return startedAt === undefined ? 'start_unheard' : 'ended';
  return now - (startedAt ?? now) > longestMs ? 'never_ended' : 'open';
}

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
