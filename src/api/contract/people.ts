import { z } from 'zod';
import { alert } from './alerts.ts';
import { endpoint } from './endpoint.ts';
import { event } from './events.ts';
import { identifier, isoTime, noBody, nothing, range, time, wholeNumber } from './fields.ts';

const person = z.object({
  id: z.string(),
  display_name: z.string(),
  /** By which systems know them. */
  names: z.array(z.string()),
  emails: z.array(z.string()),
  title: z.string().optional(),
  department: z.string().optional(),
  manager: z.string().optional(),
  groups: z.array(z.string()),
  active: z.boolean(),
  /** Such as `2026-12-31`. */
  leaving_date: z.string().optional(),
  privileged: z.boolean(),
  /** Files, and `scim`. */
  sources: z.array(z.string()),
});

export const listPeopleEndpoint = endpoint({
  method: 'GET',
  path: '/api/people',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    /** Part of any name, title, department or group. */
    q: z.string().max(256).default(''),
    /** `leaving` and `privileged` persons only. */
    only: z.enum(['leaving', 'privileged']).optional(),
    limit: wholeNumber(1, 500).default(100),
    cursor: wholeNumber(0, 10_000_000).default(0),
  }),
  body: noBody,
  answer: z.object({
    people: z.array(person),
    found: z.number(),
    /** How many the directory has. */
    total: z.number(),
    cursor: z.string().optional(),
    /** Names that several persons claim; they count for none of them. */
    conflicts: z.array(z.object({ name: z.string(), persons: z.array(z.string()) })),
    /** Files of people and lists that are not as they should be. */
    faults: z.array(z.object({ file: z.string(), line: z.number(), message: z.string() })),
  }),
});

/** Names on events that the directory does not know, the most frequent first. */
export const unknownNamesEndpoint = endpoint({
  method: 'GET',
  path: '/api/people-unknown',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ q: z.string().max(256).default(''), from: time.optional(), to: time.optional() }),
  body: noBody,
  answer: z.object({ ...range, names: z.array(z.object({ name: z.string(), count: z.number() })) }),
});

/** A person's id or any name, or `name:alice` for a name that need not be in the directory. */
const byId = z.strictObject({ id: identifier });

export const onePersonEndpoint = endpoint({
  method: 'GET',
  path: '/api/people/:id',
  scopes: ['events:read'],
  params: byId,
  query: nothing,
  body: noBody,
  answer: z.object({
    /** Absent: nobody whom the directory knows. */
    person: person.optional(),
    /** What to call them. */
    title: z.string(),
    /** All spellings under which their events may be. */
    names: z.array(z.string()),
    /** A search for all their events, and for those in which they act. */
    query: z.string(),
    acting_query: z.string(),
    manager: z.object({ id: z.string(), display_name: z.string() }).optional(),
    reports: z.array(z.object({ id: z.string(), display_name: z.string() })),
  }),
});

const span = { from: time.optional(), to: time.optional() };
const seen = z.array(z.object({ value: z.string(), count: z.number(), first: isoTime, last: isoTime }));

/** The last 30 days unless another range is asked for. */
export const personActivityEndpoint = endpoint({
  method: 'GET',
  path: '/api/people/:id/activity',
  scopes: ['events:read'],
  params: byId,
  query: z.strictObject({
    ...span,
    /** IANA zone that weekdays and hours are of. */
    time_zone: z.string().max(64).default('UTC'),
  }),
  body: noBody,
  answer: z.object({
    ...range,
    /** Events that name the person, and those in which they act. */
    total: z.number(),
    acting: z.number(),
    first: isoTime.optional(),
    last: isoTime.optional(),
    /** Events in which they act, by weekday (1 is Monday) and hour; empty hours are left out. */
    hours: z.array(z.object({ weekday: z.number(), hour: z.number(), count: z.number() })),
    names: seen,
    datasets: seen,
    products: seen,
    /** Of the events in which they act. */
    addresses: seen,
    networks: seen,
    countries: seen,
    hosts: seen,
    programs: seen,
  }),
});

export const personSessionsEndpoint = endpoint({
  method: 'GET',
  path: '/api/people/:id/sessions',
  scopes: ['events:read'],
  params: byId,
  query: z.strictObject({ ...span, limit: wholeNumber(1, 200).default(50) }),
  body: noBody,
  answer: z.object({ ...range, events: z.array(event), stopped: z.enum(['timeout', 'memory']).optional() }),
});

export const personAlertsEndpoint = endpoint({
  method: 'GET',
  path: '/api/people/:id/alerts',
  scopes: ['events:read'],
  params: byId,
  query: z.strictObject({ ...span, limit: wholeNumber(1, 200).default(50) }),
  body: noBody,
  answer: z.object({
    ...range,
    alerts: z.array(alert),
    /** There are more than are shown. */
    more: z.boolean(),
  }),
});
