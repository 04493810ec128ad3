import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, wholeNumber } from './fields.ts';

const STATES = ['pending', 'sending', 'delivered', 'dead'] as const;

const entry = z.object({
  id: z.string(),
  notifier: z.string(),
  alert_id: z.string(),
  /** Absent where the caller may not see the alert. */
  alert: z.object({ title: z.string(), level: z.enum(LEVELS), group: z.record(z.string(), z.string()) }).optional(),
  kind: z.string(),
  state: z.enum(STATES),
  attempts: z.number(),
  possible_repeat: z.boolean(),
  created_at: isoTime,
  changed_at: isoTime,
  due_at: isoTime,
  why: z.string().optional(),
});
export type OutboxEntry = z.output<typeof entry>;

const unsaid = z.object({
  notifier: z.string(),
  /** `heard`: what somebody listens for; `mute`: that one began or ended. */
  kind: z.enum(['digest', 'heard', 'mute']),
  /** Name of the digest. */
  digest: z.string().optional(),
  why: z.string(),
  count: z.number(),
  last_at: isoTime,
});
export type UnsaidJson = z.output<typeof unsaid>;

export const listOutboxEndpoint = endpoint({
  method: 'GET',
  path: '/api/outbox',
  scopes: ['events:read', 'alerts:write'],
  params: nothing,
  query: z.strictObject({
    /** Separated by commas. Absent: what waits and what was given up. */
    states: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(STATES)).min(1))
      .optional(),
    notifier: identifier.optional(),
    limit: wholeNumber(1, 1000).default(100),
    /** The id of the last entry of the page before. */
    after: identifier.optional(),
  }),
  body: noBody,
  /**
   * `total` counts all of them, beyond the page. `lines`: connections to targets that are down, over which clicks would come.
   * `unsaid`: what was given up that is of no alert, whatever is asked for.
   */
  answer: z.object({
    entries: z.array(entry),
    total: z.number(),
    lines: z.array(z.object({ notifier: z.string(), why: z.string(), since: isoTime })),
    unsaid: z.array(unsaid),
  }),
});

export const retryOutboxEndpoint = endpoint({
  method: 'POST',
  path: '/api/outbox/:id/retry',
  scopes: ['alerts:write'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ queued: z.literal(true) }),
});
