import { z } from 'zod';
import { APPROVALS, SESSION_STATES } from '../../model/privileged-session.ts';
import { alert } from './alerts.ts';
import { endpoint } from './endpoint.ts';
import { event } from './events.ts';
import { identifier, isoTime, noBody, nothing, range, time, wholeNumber } from './fields.ts';

const request = z.object({
  /** As the vault numbers it; empty where it does not. */
  id: z.string(),
  state: z.enum(['asked', 'approved', 'denied']),
  requester: z.string(),
  approver: z.string(),
  /** What was asked for, in the vault's words. */
  wish: z.string(),
  asked_at: isoTime.optional(),
  answered_at: isoTime.optional(),
  valid_from: isoTime.optional(),
  valid_until: isoTime.optional(),
  /** It was guessed from the words of a message, and counts for nothing. */
  guessed: z.boolean(),
});

/** A session through a vault, made of its events. Texts are empty where no event tells them. */
const privilegedSession = z.object({
  id: z.string(),
  product: z.string(),
  dataset: z.string(),
  /** The machine of the vault. */
  vault: z.string(),
  /** By the vault's name for them; `person_id` where the directory knows them. */
  person: z.string(),
  person_name: z.string(),
  person_id: z.string().optional(),
  account: z.string(),
  host: z.string(),
  address: z.string(),
  port: z.string(),
  /** The address that the person came from. */
  source: z.string(),
  started_at: isoTime.optional(),
  ended_at: isoTime.optional(),
  /** Absent unless both its beginning and its end are known. */
  duration_secs: z.number().optional(),
  /** The vault cut it off. */
  cut: z.boolean(),
  state: z.enum(SESSION_STATES),
  approval: z.enum(APPROVALS),
  requests: z.array(request),
  /** Audited commands, and those among them that were blocked. */
  commands: z.number(),
  blocked: z.number(),
  /** Alerts with an event of the session among their evidence. */
  alerts: z.number(),
  /** Its kind was guessed from the words of a message. */
  guessed: z.boolean(),
});
export type PrivilegedSessionJson = z.output<typeof privilegedSession>;

export const listPrivilegedSessionsEndpoint = endpoint({
  method: 'GET',
  path: '/api/sessions',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    from: time.optional(),
    to: time.optional(),
    /** A person's id, any of their names, or the vault's name for them. */
    person: identifier.optional(),
    /** Part of the machine's name or address. */
    target: identifier.optional(),
    account: identifier.optional(),
    product: identifier.optional(),
    state: z.enum(SESSION_STATES).optional(),
    approval: z.enum(APPROVALS).optional(),
    limit: wholeNumber(1, 200).default(50),
    cursor: z.string().max(100).optional(),
  }),
  body: noBody,
  answer: z.object({
    ...range,
    /** By when they began, the latest first. */
    sessions: z.array(privilegedSession),
    cursor: z.string().optional(),
    /** Time or memory ended the search before the range did; the cursor goes on. */
    stopped: z.enum(['timeout', 'memory']).optional(),
    /** Products that tell of sessions. */
    products: z.array(z.string()),
  }),
});

/** By the id of the event that opened the session, or of any other of its events. */
export const onePrivilegedSessionEndpoint = endpoint({
  method: 'GET',
  path: '/api/sessions/:id',
  scopes: ['events:read'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody,
  answer: z.object({
    session: privilegedSession,
    /** Oldest first. */
    timeline: z.array(
      z.object({
        at: isoTime,
        kind: z.enum(['started', 'ended', 'cut', 'repeated', 'asked', 'approved', 'denied', 'command', 'command_blocked']),
        event,
      }),
    ),
    /** There are more events than are shown. */
    more: z.boolean(),
    alerts: z.array(alert),
    /** Files that were changed on the machine meanwhile, by whomever, as its own logs tell; absent where the machine is not known. */
    files_changed: z.number().optional(),
    /** Searches for what is behind it: all that the person did meanwhile, and what the machine itself tells of files. */
    searches: z.object({
      person: z.object({ q: z.string(), ...range }),
      machine: z.object({ q: z.string(), ...range }).optional(),
    }),
  }),
});
