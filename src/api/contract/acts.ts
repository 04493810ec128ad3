import { z } from 'zod';
import { ACT_STATES, DEEDS, DEVICES } from '../../model/act.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, wholeNumber } from './fields.ts';

/** Something that Earshot does in another system when a responder asks for it. */
const act = z.object({
  id: z.string(),
  state: z.enum(ACT_STATES),
  /** The same in words. */
  stands: z.string(),
  /** Name and type of the other system in the configuration. */
  system: z.string(),
  type: z.string(),
  targets: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      /** Whether the other system's own log says that it was done. */
      proven: z.boolean(),
    }),
  ),
  devices: z.enum(DEVICES),
  session: z.string().optional(),
  /** What it does, in words, as "signs Ben out"; and the same when it is done. */
  effect: z.string(),
  did: z.string(),
  reason: z.string(),
  alert_id: z.string().optional(),
  needs_second_person: z.boolean(),
  wanted_by: z.array(z.string()),
  planned_at: isoTime,
  /** Until when the plan can be confirmed. */
  expires_at: isoTime,
  started_at: isoTime.optional(),
  /** Until when proof is awaited; absent where no source would hear of it. */
  proof_until: isoTime.optional(),
  /** No proof came until then. */
  proof_missed: z.boolean(),
  proofs: z.array(
    z.object({ entry: z.string(), action: z.string(), at: isoTime, event_id: z.string().optional(), targets: z.array(z.string()) }),
  ),
  history: z.array(z.object({ at: isoTime, state: z.enum(ACT_STATES), by: z.string(), note: z.string() })),
});
export type ActJson = z.output<typeof act>;

const SCOPES = ['respond'] as const;
const byId = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/, 'not the id of an act') });

/** The newest first. */
export const listActsEndpoint = endpoint({
  method: 'GET',
  path: '/api/acts',
  scopes: SCOPES,
  params: nothing,
  query: z.strictObject({ alert_id: identifier.optional(), limit: wholeNumber(1, 200).default(50) }),
  body: noBody,
  answer: z.object({
    acts: z.array(act),
    /** Where Earshot can act, by `acts.systems`; `trusts`: it has a list of networks that it trusts. */
    systems: z.array(z.object({ name: z.string(), type: z.string(), does: z.enum(DEEDS), trusts: z.boolean() })),
  }),
});

export const oneActEndpoint = endpoint({
  method: 'GET',
  path: '/api/acts/:id',
  scopes: SCOPES,
  params: byId,
  query: nothing,
  body: noBody,
  answer: act,
});

/** Looks whether it could be done, and changes nothing yet. 422 with the way to mend it when it could not. */
export const planActEndpoint = endpoint({
  method: 'POST',
  path: '/api/acts',
  scopes: SCOPES,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    /** Absent where there is but one. */
    system: identifier.optional(),
    /** Whom, or which sessions: IDs of the other system, mail addresses, names of the directory, or names that the alert's events have. */
    targets: z.array(z.string().trim().min(1).max(320)).min(1).max(1_000),
    /** `web`: browsers and desktop programs. */
    devices: z.enum(DEVICES).default('all'),
    /** One session, by the other system's id, in place of all. */
    session: z.string().max(64).optional(),
    reason: z.string().trim().max(1_000).default(''),
    /** The alert that it answers: it has what becomes of it in its history, and its messages show it. */
    alert_id: identifier.optional(),
  }),
  answer: act,
});

/** It is run at once, and once. 409 when it was confirmed before, is over, or asks for another person. */
export const confirmActEndpoint = endpoint({
  method: 'POST',
  path: '/api/acts/:id/confirm',
  scopes: SCOPES,
  params: byId,
  query: nothing,
  body: nothing.or(noBody),
  answer: act,
});

/** Takes back what has not begun. */
export const cancelActEndpoint = endpoint({
  method: 'POST',
  path: '/api/acts/:id/cancel',
  scopes: SCOPES,
  params: byId,
  query: nothing,
  body: nothing.or(noBody),
  answer: act,
});
