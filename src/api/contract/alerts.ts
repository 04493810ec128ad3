import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, time, wholeNumber } from './fields.ts';

const STATES = ['open', 'acknowledged', 'resolved'] as const;

const evidence = z.object({
  event_id: z.string(),
  timestamp: isoTime,
  dataset: z.string(),
  action: z.string().optional(),
  outcome: z.string().optional(),
  user: z.string().optional(),
  target_user: z.string().optional(),
  host: z.string().optional(),
  source_ip: z.string().optional(),
  product: z.string().optional(),
  message: z.string(),
  matches: z.array(z.object({ field: z.string(), value: z.string(), leaf: z.string() })),
});

const alert = z.object({
  id: z.string(),
  rule_id: z.string(),
  rule_name: z.string(),
  rule_version: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  state: z.enum(STATES),
  group: z.record(z.string(), z.string()),
  count: z.number(),
  late_count: z.number(),
  first_at: isoTime,
  last_at: isoTime,
  opened_at: isoTime,
  changed_at: isoTime,
  tags: z.array(z.string()),
  next_steps: z.array(z.string()),
  evidence: z.array(evidence),
});

const alertDetail = alert.extend({
  history: z.array(z.object({ at: isoTime, change: z.string(), actor: z.string(), note: z.string(), count: z.number() })),
  deliveries: z.array(
    z.object({
      id: z.string(),
      notifier: z.string(),
      kind: z.string(),
      state: z.string(),
      attempts: z.number(),
      changed_at: isoTime,
      why: z.string().optional(),
    }),
  ),
});

/** Whoever may change alerts may see them. */
const READ = ['events:read', 'alerts:write'] as const;
const byId = z.strictObject({ id: identifier });
const states = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(STATES)).min(1));

export const listAlertsEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts',
  scopes: READ,
  params: nothing,
  query: z.strictObject({
    /** Separated by commas. Absent: all. */
    states: states.optional(),
    least_level: z.enum(LEVELS).optional(),
    /** A rule's name or id. */
    rule: identifier.optional(),
    from: time.optional(),
    to: time.optional(),
    limit: wholeNumber(1, 500).default(50),
    cursor: z.string().max(1000).optional(),
  }),
  body: noBody,
  answer: z.object({ alerts: z.array(alert), cursor: z.string().optional() }),
});

export const oneAlertEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/:id',
  scopes: READ,
  params: byId,
  query: nothing,
  body: noBody,
  answer: alertDetail,
});

export const alertStateEndpoint = endpoint({
  method: 'POST',
  path: '/api/alerts/:id/state',
  scopes: ['alerts:write'],
  params: byId,
  query: nothing,
  body: z.strictObject({ state: z.enum(STATES), note: z.string().max(2000).optional() }),
  answer: alert,
});
