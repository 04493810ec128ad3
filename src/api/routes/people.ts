import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { isLeaving, type Person } from '../../model/person.ts';
import { searchEvents } from '../../store/search/events.ts';
import { patternOf, type QueryNode } from '../../store/search/node.ts';
import { personActivity, type Seen } from '../../store/search/person-activity.ts';
import { topValues } from '../../store/search/top-values.ts';
import { alertJson } from '../alert-json.ts';
import { actorOf, type Caller } from '../caller.ts';
import {
  listPeopleEndpoint,
  onePersonEndpoint,
  personActivityEndpoint,
  personAlertsEndpoint,
  personSessionsEndpoint,
  unknownNamesEndpoint,
} from '../contract/people.ts';
import type { ApiDeps } from '../deps.ts';
import { eventJson } from '../event-json.ts';
import { aboutSubject, bySubject, type Subject, searchText, subjectOf } from '../person.ts';
import { inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso, type TimeRange, timeRange } from '../time-range.ts';
import { visible, visibleAlert } from '../visible.ts';

const DAYS = 30 * 86_400_000;
const MOST_UNKNOWN = 30;
/** Of the most frequent names so many are looked through for those that nobody knows. */
const LOOKED_THROUGH = 500;

export function peopleRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { engine, alerts, lookUps, now } = deps;
  const subject = (id: string) => subjectOf(id, lookUps.tables.people, lookUps.names);
  const month = (query: { readonly from?: string | undefined; readonly to?: string | undefined }) =>
    timeRange(query.from === undefined && query.to === undefined ? { from: iso(now() - DAYS) } : query, now());

  serve(app, access, listPeopleEndpoint, async ({ query, caller }) => {
    const { people } = lookUps.tables;
    const found = people.filter((person) => isWanted(person, query.only) && mentions(person, query.q.toLowerCase()));
    if (query.q !== '') audit(deps, caller, 'person_search', `${caller.name} searched the directory for ${query.q}`, { query: query.q });
    const end = query.cursor + query.limit;
    return {
      people: sortedByName(found).slice(query.cursor, end).map(personJson),
      found: found.length,
      total: people.length,
      ...(end < found.length && { cursor: `${end}` }),
      conflicts: lookUps.names.conflicts.slice(0, 100).map(({ name, persons }) => ({ name, persons: [...persons] })),
      faults: lookUps.faults.slice(0, 100).map((fault) => ({ ...fault })),
    };
  });

  serve(app, access, unknownNamesEndpoint, async ({ query, caller, signal }) => {
    const range = timeRange(query.from === undefined ? { ...query, from: 'now-7d' } : query, now());
    const part = query.q.trim();
    audit(deps, caller, 'person_search', `${caller.name} searched names on events for ${part === '' ? '*' : part}`, { query: part });
    const wanted = visible(namesLike(part), caller);
    const top = await topValues(engine, { query: wanted, ...range, field: 'related.user', size: LOOKED_THROUGH, signal }, now);
    const unknown = top.values.filter(
      ({ value }) => value.toLowerCase().includes(part.toLowerCase()) && lookUps.names.find(value) === undefined,
    );
    return { ...shown(range), names: unknown.slice(0, MOST_UNKNOWN).map(({ value, count }) => ({ name: value, count })) };
  });

  serve(app, access, onePersonEndpoint, async ({ params, caller }) => {
    const who = subject(params.id);
    audit(deps, caller, 'person_view', `${caller.name} looked at ${who.title}`, { person: who.person?.id ?? '', name: who.title });
    const { person } = who;
    const manager = person?.manager === undefined ? undefined : lookUps.names.find(person.manager);
    const reports = person === undefined ? [] : lookUps.tables.people.filter((each) => isManagedBy(each, person));
    return {
      ...(person && { person: personJson(person) }),
      title: who.title,
      names: [...who.names],
      query: searchText(who, aboutSubject),
      acting_query: searchText(who, bySubject),
      ...(manager && { manager: shortJson(manager) }),
      reports: sortedByName(reports).slice(0, 100).map(shortJson),
    };
  });

  serve(app, access, personActivityEndpoint, async ({ params, query, caller, signal }) => {
    const who = subject(params.id);
    const range = month(query);
    const timeZone = zoneOf(query.time_zone);
    auditActivity(deps, caller, who, range, 'activity');
    const search = { query: visible({ type: 'all' }, caller), names: who.names, ...range, timeZone, signal };
    const { total, acting, first, last, hours, seen } = await personActivity(engine, search, now);
    return {
      ...shown(range),
      total,
      acting,
      ...(first !== undefined && { first: iso(first) }),
      ...(last !== undefined && { last: iso(last) }),
      hours: [...hours],
      names: seen['related.user'].map(seenJson),
      datasets: seen['event.dataset'].map(seenJson),
      products: seen['observer.product'].map(seenJson),
      addresses: seen['source.ip'].map(seenJson),
      networks: seen['source.as.organization.name'].map(seenJson),
      countries: seen['source.geo.country_iso_code'].map(seenJson),
      hosts: seen['host.name'].map(seenJson),
      programs: seen['user_agent.original'].map(seenJson),
    };
  });

  serve(app, access, personSessionsEndpoint, async ({ params, query, caller, signal }) => {
    const who = subject(params.id);
    const range = month(query);
    auditActivity(deps, caller, who, range, 'sessions');
    const isSession: QueryNode = { type: 'is', field: 'event.category', pattern: patternOf(['session']) };
    const wanted = visible({ type: 'and', nodes: [isSession, aboutSubject(who)] }, caller);
    const { events, stopped } = await searchEvents(engine, { query: wanted, ...range, limit: query.limit, signal }, now);
    return { ...shown(range), events: events.map(eventJson), ...(stopped && { stopped }) };
  });

  serve(app, access, personAlertsEndpoint, async ({ params, query, caller }) => {
    const who = subject(params.id);
    const range = month(query);
    const page = await alerts.list({ ...range, persons: who.names, datasets: caller.datasets, limit: query.limit });
    const found = page.ok ? page.value : { alerts: [] };
    return {
      ...shown(range),
      alerts: found.alerts.flatMap((alert) => visibleAlert(alert, caller) ?? []).map(alertJson),
      more: 'next' in found && found.next !== undefined,
    };
  });
}

const isWanted = (person: Person, only: 'leaving' | 'privileged' | undefined): boolean =>
  only === undefined || (only === 'leaving' ? isLeaving(person) : person.privileged);

function mentions({ id, displayName, names, emails, title, department, groups }: Person, text: string): boolean {
  return [id, displayName, ...names, ...emails, title ?? '', department ?? '', ...groups].some((each) => each.toLowerCase().includes(text));
}

const sortedByName = (people: readonly Person[]): Person[] =>
  [...people].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en') || (a.id < b.id ? -1 : 1));

function isManagedBy({ manager }: Person, { id, names, emails }: Person): boolean {
  const boss = manager?.toLowerCase();
  return boss !== undefined && [id, ...names, ...emails].some((name) => name.toLowerCase() === boss);
}

const namesLike = (part: string): QueryNode =>
  part === ''
    ? { type: 'exists', field: 'related.user' }
    : { type: 'is', field: 'related.user', pattern: patternOf([{ wild: '*' }, part, { wild: '*' }]) };

function zoneOf(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw inputProblem('query.time_zone', 'not a time zone: write Europe/Lisbon or UTC');
  }
}

const shown = ({ from, to }: TimeRange) => ({ from: iso(from), to: iso(to) });

const seenJson = ({ value, count, first, last }: Seen) => ({ value, count, first: iso(first), last: iso(last) });

const shortJson = ({ id, displayName }: Person) => ({ id, display_name: displayName });

function personJson(person: Person): z.input<typeof listPeopleEndpoint.answer>['people'][number] {
  const { id, displayName, names, emails, title, department, manager, groups, active, leavingDate, privileged, sources } = person;
  return {
    id,
    display_name: displayName,
    names: [...names],
    emails: [...emails],
    ...(title !== undefined && { title }),
    ...(department !== undefined && { department }),
    ...(manager !== undefined && { manager }),
    groups: [...groups],
    active,
    ...(leavingDate !== undefined && { leaving_date: leavingDate }),
    privileged,
    sources: [...sources],
  };
}

function auditActivity(deps: ApiDeps, caller: Caller, { title, person }: Subject, range: TimeRange, kind: string): void {
  const about = { kind, person: person?.id ?? '', name: title, ...shown(range) };
  audit(deps, caller, 'search', `${caller.name} searched the ${kind} of ${title}`, about);
}

function audit({ onAudit }: ApiDeps, caller: Caller, action: string, message: string, about: Record<string, string>): void {
  onAudit({
    action,
    category: ['database'],
    type: ['access'],
    outcome: 'unknown',
    ...actorOf(caller),
    message,
    about,
  });
}
