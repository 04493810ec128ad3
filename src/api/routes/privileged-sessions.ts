import type { FastifyInstance } from 'fastify';
import { eventId } from '../../model/event.ts';
import type { PrivilegedSession } from '../../model/privileged-session.ts';
import { conditionOf } from '../../store/search/candidate.ts';
import { fetchEvents } from '../../store/search/find-events.ts';
import { histogram } from '../../store/search/histogram.ts';
import { patternOf, type QueryNode } from '../../store/search/node.ts';
import { parseCursor, parseEventId, printCursor } from '../../store/search/position.ts';
import { printQuery } from '../../store/search/print.ts';
import { alertJson } from '../alert-json.ts';
import type { Caller } from '../caller.ts';
import { listPrivilegedSessionsEndpoint, onePrivilegedSessionEndpoint } from '../contract/privileged-sessions.ts';
import type { ApiDeps } from '../deps.ts';
import { eventJson } from '../event-json.ts';
import { bySubject, searchText, subjectOf } from '../person.ts';
import { privilegedSessionJson } from '../privileged-session-json.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { auditSearch, shownRange } from '../query.ts';
import { type Access, serve } from '../serve.ts';
import { AHEAD_MS, iso, type TimeRange, timeRange } from '../time-range.ts';
import { visible, visibleAlert } from '../visible.ts';

/** Alerts that are looked through for those of sessions. */
const MOST_ALERTS = 200;
/** Events of a timeline. */
const MOST_HAPPENINGS = 200;

export function privilegedSessionRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { engine, lookUps, now, privilegedSessions: sessions } = deps;
  const subject = (name: string) => {
    const { people } = lookUps.tables;
    const isKnown = name.startsWith('name:') || people.some(({ id }) => id === name);
    return subjectOf(isKnown ? name : `name:${name}`, people, lookUps.names);
  };
  const seenBy = (caller: Caller) => conditionOf(visible({ type: 'all' }, caller), now());

  serve(app, access, listPrivilegedSessionsEndpoint, async ({ query, caller, signal }) => {
    const { person, limit, cursor, from, to, approval, ...wish } = query;
    const range = timeRange({ from, to }, now(), AHEAD_MS);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && after === undefined) throw inputProblem('query.cursor', 'not a cursor of this API');
    const persons = person === undefined ? undefined : subject(person).names;
    auditSearch(deps, caller, 'privileged_sessions', wordsOf({ person, approval, ...wish }), range);
    const found = await sessions.list({
      ...wish,
      ...(approval && { approvals: [approval] }),
      ...range,
      after,
      limit,
      persons,
      only: seenBy(caller),
      signal,
    });
    const alerts = await alertsOf(deps, caller, found.sessions);
    return {
      ...shownRange(range),
      sessions: found.sessions.map((session) => privilegedSessionJson(session, lookUps.names, alertsAbout(session, alerts).length)),
      ...(found.next && { cursor: printCursor(found.next) }),
      ...(found.stopped && { stopped: found.stopped }),
      products: [...sessions.products],
    };
  });

  serve(app, access, onePrivilegedSessionEndpoint, async ({ params, caller, signal }) => {
    auditSearch(deps, caller, 'privileged_session', params.id);
    const session = await sessions.get(params.id, { only: seenBy(caller), signal });
    if (session === undefined)
      throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `No event ${params.id.slice(0, 100)} is one of a privileged session.`);
    const shown = session.happenings.slice(0, MOST_HAPPENINGS);
    const events = await fetchEvents(
      engine,
      shown.flatMap(({ eventId: id, at }) => {
        const place = parseEventId(id);
        return place === undefined ? [] : [{ ts: at, ...place }];
      }),
      { signal },
    );
    const byId = new Map(events.map((each) => [eventId(each.node, each.seq), eventJson(each)]));
    const alerts = alertsAbout(session, await alertsOf(deps, caller, [session]));
    const range = spanOf(session, now());
    const who = subject(session.person);
    const machine = filesOn(session);
    const files =
      machine === undefined ? undefined : await histogram(engine, { query: visible(machine, caller), ...range, buckets: 1, signal }, now);
    return {
      session: privilegedSessionJson(session, lookUps.names, alerts.length),
      timeline: shown.flatMap(({ eventId: id, at, kind }) => {
        const event = byId.get(id);
        return event === undefined ? [] : [{ at: iso(at), kind, event }];
      }),
      more: shown.length < session.happenings.length,
      alerts: alerts.map(alertJson),
      ...(files && { files_changed: files.total }),
      searches: {
        person: { q: searchText(who, bySubject), ...shownRange(range) },
        ...(machine && { machine: { q: printQuery(machine), ...shownRange(range) } }),
      },
    };
  });
}

const wordsOf = (wish: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(wish)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${value}`]))
    .join(' ');

const DAY = 86_400_000;

/** From its beginning to its end; where one is not known, the other; of an open one up to now, of one that never ended a day of it. */
function spanOf({ startedAt, endedAt, state }: PrivilegedSession, now: number): TimeRange {
  const from = startedAt ?? endedAt ?? now;
  const until = state === 'open' ? now : Math.min(now, from + DAY);
  return { from, to: (endedAt ?? Math.max(until, from)) + 1 };
}

/**
 * When there may be alerts of a session: of its requests before it, and some of the session itself when it is long over. What is beyond its approval is looked
 * for a day long, and that it never ended is known a day later.
 */
function alertSpanOf(session: PrivilegedSession, now: number): TimeRange {
  const { from, to } = spanOf(session, now);
  return { from: Math.min(from, session.happenings[0]?.at ?? from), to: Math.max(to, from + 2 * DAY) };
}

/** Alerts about the persons of these sessions in their time and around it, with the evidence that the caller may see. */
async function alertsOf({ alerts, now }: ApiDeps, caller: Caller, sessions: readonly PrivilegedSession[]) {
  const persons = [...new Set(sessions.map(({ person }) => person))].filter((name) => name !== '');
  if (persons.length === 0) return [];
  const spans = sessions.map((session) => alertSpanOf(session, now()));
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const page = await alerts.list({ persons, from, to, datasets: caller.datasets, limit: MOST_ALERTS });
  return page.ok ? page.value.alerts.flatMap((alert) => visibleAlert(alert, caller) ?? []) : [];
}

/** Those that have an event of the session among their evidence, or are about the session itself. */
function alertsAbout<
  A extends { readonly group: Readonly<Record<string, string>>; readonly evidence: readonly { readonly eventId: string }[] },
>({ id, happenings }: PrivilegedSession, alerts: readonly A[]): A[] {
  const own = new Set(happenings.map(({ eventId: each }) => each));
  return alerts.filter(
    ({ group, evidence }) => group['earshot.audit.session_id'] === id || evidence.some(({ eventId: each }) => own.has(each)),
  );
}

/** What the machine itself tells of files that were changed on it; undefined where it is not known. */
function filesOn({ host, address }: PrivilegedSession): QueryNode | undefined {
  const is = (field: string, value: string): QueryNode => ({ type: 'is', field, pattern: patternOf([value]) });
  const short = host.split('.', 1)[0] ?? '';
  const names = [...new Set([host, short])].filter((name) => name !== '').map((name) => is('host.name', name));
  const machine = address === '' ? names : [...names, is('host.ip', address)];
  if (machine.length === 0) return undefined;
  const changes = ['change', 'creation', 'deletion'].map((type) => is('event.type', type));
  return {
    type: 'and',
    nodes: [is('event.category', 'file'), { type: 'or', nodes: changes }, { type: 'or', nodes: machine }],
  };
}
