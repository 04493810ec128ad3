import { z } from 'zod';
import { ROLES } from '../../model/role.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing } from './fields.ts';

const clock = z.string().regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'write a time of day, such as 22:00');
/** By the hub's own clock. */
const quietHours = z.strictObject({ from: clock, to: clock });
const datasets = z.array(z.string().min(1).max(200)).min(1).max(100);
const place = z.string().regex(/^[A-Z][A-Z0-9]{2,30}$/, 'must be an ID, such as C0123456789');

/** Words that somebody listens for. */
const listener = z.object({
  id: z.string(),
  words: z.string(),
  /** Name of the user. */
  owner: z.string(),
  notifier: z.string(),
  /** Where it is told, by the target's own name: of a channel, or of the owner. */
  place: z.string(),
  /** Messages in an hour, about all that the owner listens for there. */
  per_hour: z.number(),
  quiet_hours: quietHours.optional(),
  created_at: isoTime,
});
export type ListenerJson = z.output<typeof listener>;

/** What the caller listens for; with `of=all`, which is for administrators, everybody. */
export const listListenersEndpoint = endpoint({
  method: 'GET',
  path: '/api/listening',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ of: z.enum(['me', 'all']).default('me') }),
  body: noBody,
  answer: z.object({
    listeners: z.array(listener),
    /** Names of the notifiers that can tell the caller alone: those that know who they are. */
    notifiers: z.array(z.string()),
  }),
});

/**
 * For a user who is signed in: what events and alerts say is told to them, or in a channel. 403 until it is granted, beyond analysts,
 * responders and administrators, and beyond channels in which alerts are told. What they may see counts at each telling anew.
 */
export const listenEndpoint = endpoint({
  method: 'POST',
  path: '/api/listening',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    words: z.string().trim().min(1).max(200),
    /** Name of a notifier of type `slack_bot` that knows the user. */
    notifier: identifier,
    /** ID of a channel. Absent: the user alone. */
    channel: place.optional(),
    /** Absent: as it is for this user there, or ten. */
    per_hour: z.number().int().min(1).max(60).optional(),
    /** Null: none. Absent: as it is for this user there. */
    quiet_hours: quietHours.nullable().optional(),
  }),
  answer: z.object({
    listener,
    /** What the last seven days would have been, as far as they were searched. */
    preview: z.object({
      /** Absent: the event engine does not answer. */
      events: z.number().optional(),
      alerts: z.number(),
      /** There were more alerts than were looked at: the last thousand. */
      more_alerts: z.boolean(),
      /** Everything from here on was looked at. */
      searched_from: isoTime.optional(),
      stopped: z.enum(['timeout', 'memory']).optional(),
    }),
  }),
});

/** Ends one's own; an administrator anybody's. */
export const stopListeningEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/listening/:id',
  scopes: ['events:read'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ deleted: z.literal(true) }),
});

/** Whom an administrator lets listen, and to which datasets, with `*`: all of a role, one user by name, or what is told in a channel. */
const grant = z.strictObject({
  kind: z.enum(['role', 'user', 'channel']),
  who: identifier,
  datasets,
});

export const listListeningGrantsEndpoint = endpoint({
  method: 'GET',
  path: '/api/listening/grants',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ grants: z.array(grant.extend({ granted_by: z.string(), granted_at: isoTime })) }),
});

/** In the place of what was granted to the same before. */
export const grantListeningEndpoint = endpoint({
  method: 'PUT',
  path: '/api/listening/grants',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: grant.refine(({ kind, who }) => kind !== 'role' || ROLES.some((role) => role === who), {
    path: ['who'],
    message: `must be a role: ${ROLES.join(', ')}`,
  }),
  answer: z.object({ granted: z.literal(true) }),
});

export const revokeListeningEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/listening/grants/:kind/:who',
  scopes: ['admin'],
  params: z.strictObject({ kind: grant.shape.kind, who: identifier }),
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ deleted: z.literal(true) }),
});
