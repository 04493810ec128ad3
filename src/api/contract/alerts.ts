import { z } from 'zod';
import { ALERT_STATES, RESOLUTIONS } from '../../model/alert-life.ts';
import { LEVELS } from '../../model/severity.ts';
import { alertDetails } from './alert-details.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, range, time, wholeNumber } from './fields.ts';

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

export const alert = z.object({
  id: z.string(),
  /** What has found it: a rule in single events, or what looks at many. */
  kind: z.enum(['rule', 'correlation', 'baseline', 'silence']),
  rule_id: z.string(),
  rule_name: z.string(),
  rule_version: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  state: z.enum(ALERT_STATES),
  assignee: z.string().optional(),
  snoozed_until: isoTime.optional(),
  resolution: z.enum(RESOLUTIONS).optional(),
  /** Grows with each line of its history. Give it with a change, and nothing is changed that you have not seen. */
  revision: z.number(),
  group: z.record(z.string(), z.string()),
  count: z.number(),
  late_count: z.number(),
  first_at: isoTime,
  last_at: isoTime,
  opened_at: isoTime,
  /** The first time that somebody acknowledged, took, snoozed or resolved it. */
  acknowledged_at: isoTime.optional(),
  resolved_at: isoTime.optional(),
  changed_at: isoTime,
  tags: z.array(z.string()),
  next_steps: z.array(z.string()),
  /** The first events, oldest first, as many of them as the caller may see. */
  evidence: z.array(evidence),
  /** How many of the first events are of datasets that the caller may not see. */
  evidence_hidden: z.number(),
  details: alertDetails.optional(),
  /** The same in words. */
  because: z.array(z.string()),
});
export type AlertJson = z.output<typeof alert>;

/** What can be done with an alert as it is, by who asks. */
const ACTIONS = ['acknowledge', 'take', 'assign', 'unassign', 'snooze', 'resolve', 'reopen', 'comment'] as const;
export type AlertAction = (typeof ACTIONS)[number];

const alertDetail = alert.extend({
  history: z.array(
    z.object({
      at: isoTime,
      change: z.string(),
      actor: z.string(),
      note: z.string(),
      count: z.number(),
      about: z.record(z.string(), z.string()),
    }),
  ),
  deliveries: z.array(
    z.object({
      id: z.string(),
      notifier: z.string(),
      kind: z.string(),
      state: z.string(),
      attempts: z.number(),
      created_at: isoTime,
      changed_at: isoTime,
      why: z.string().optional(),
    }),
  ),
  /** The rule as it is now; absent when it is no longer there. */
  rule: z.object({ description: z.string(), falsepositives: z.array(z.string()), version: z.string() }).optional(),
  actions: z.array(z.object({ name: z.enum(ACTIONS) })),
  /** Names of those who could be asked by mail whether it was them. */
  askable: z.array(z.string()),
  /** The search that finds its events. */
  events: z.object({ q: z.string(), ...range }),
});
export type AlertDetailJson = z.output<typeof alertDetail>;

/** Whoever may change alerts may see them. */
const READ = ['events:read', 'alerts:write'] as const;
const byId = z.strictObject({ id: identifier });
const listOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).min(1));
const yes = z.enum(['true']).transform(() => true);

const filter = {
  /** Separated by commas. Absent: all. */
  states: listOf(ALERT_STATES).optional(),
  levels: listOf(LEVELS).optional(),
  least_level: z.enum(LEVELS).optional(),
  /** A rule's name or id. */
  rule: identifier.optional(),
  assignee: identifier.optional(),
  unassigned: yes.optional(),
  /** The whole name of a person, in upper or lower case. */
  person: identifier.optional(),
  /** Part of the name of a person or host, or of an address. */
  about: identifier.optional(),
  /** Such as `T1078`, with its sub-techniques. */
  technique: z
    .string()
    .regex(/^[Tt]\d{4}(\.\d{3})?$/, 'not a technique: write T1078 or T1078.004')
    .optional(),
  from: time.optional(),
  to: time.optional(),
};

export const listAlertsEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts',
  scopes: READ,
  params: nothing,
  query: z.strictObject({
    ...filter,
    /** `newest`: by the last event. `level`: the worst first. */
    sort: z.enum(['newest', 'level']).default('newest'),
    limit: wholeNumber(1, 500).default(50),
    cursor: z.string().max(1000).optional(),
  }),
  body: noBody,
  answer: z.object({ alerts: z.array(alert), cursor: z.string().optional() }),
});

/** How many there are. Cheap enough to be asked every few seconds: `version` is another as soon as any of these alerts has changed. */
export const alertCountsEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/counts',
  scopes: READ,
  params: nothing,
  query: z.strictObject(filter),
  body: noBody,
  answer: z.object({
    total: z.number(),
    states: z.record(z.enum(ALERT_STATES), z.number()),
    /** Of those that are not resolved. */
    levels: z.record(z.enum(LEVELS), z.number()),
    version: z.string(),
  }),
});

const pace = z.object({
  opened: z.number(),
  acknowledged: z.number(),
  resolved: z.number(),
  /** Of those that got that far, in seconds since they were opened. */
  median_acknowledge_secs: z.number().optional(),
  median_resolve_secs: z.number().optional(),
  resolutions: z.partialRecord(z.enum(RESOLUTIONS), z.number()),
});

/** How quickly people worked on the alerts that were opened in a time. */
export const alertStatsEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/stats',
  scopes: READ,
  params: nothing,
  query: z.strictObject({ from: time.default('now-30d'), to: time.default('now'), by: z.enum(['level', 'rule']).default('level') }),
  body: noBody,
  answer: z.object({
    ...range,
    all: pace,
    groups: z.array(pace.extend({ value: z.string() })),
    /** False: there were more alerts than are looked at, and these are of the newest. */
    complete: z.boolean(),
  }),
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

export const relatedAlertsEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/:id/related',
  scopes: READ,
  params: byId,
  query: nothing,
  body: noBody,
  answer: z.object({
    /** Of the same person, host or address within a day of it; the one that shares most, and what is rare, first. */
    related: z.array(z.object({ alert, why: z.array(z.object({ kind: z.enum(['person', 'host', 'address']), value: z.string() })) })),
    /** Of the same rule on the same group, before it, newest first. */
    earlier: z.array(alert),
  }),
});

/** How often the rule hit in the days before the alert's first event: events, of the datasets that the caller may see. */
export const unusualAlertEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/:id/unusual',
  scopes: ['events:read'],
  params: byId,
  query: nothing,
  body: noBody,
  answer: z.object({
    ...range,
    rule_events: z.number(),
    /** Different `user.name` among them. */
    rule_people: z.number(),
    /** Of the same group as the alert. */
    group_events: z.number(),
    group_days: z.number(),
    group_last_at: isoTime.optional(),
    /** Of the alert's person, whatever else is in the group. Absent when it names none. */
    person: z.object({ name: z.string(), rule_events: z.number(), any_rule_events: z.number() }).optional(),
  }),
});

const note = z.string().max(2000).optional();
const revision = z.number().int().min(0).optional();

/** 409 with `present` when it is so already, or when another has changed it since that revision. */
export const alertStateEndpoint = endpoint({
  method: 'POST',
  path: '/api/alerts/:id/state',
  scopes: ['alerts:write'],
  params: byId,
  query: nothing,
  body: z
    .strictObject({
      state: z.enum(ALERT_STATES),
      /** Of `resolved`. */
      resolution: z.enum(RESOLUTIONS).optional(),
      /** Of `snoozed`: a time, or `now+4h`. */
      until: time.optional(),
      note,
      revision,
    })
    .refine(({ state, until }) => (state === 'snoozed') === (until !== undefined), { path: ['until'], message: 'goes with `snoozed`' })
    .refine(({ state, resolution }) => resolution === undefined || state === 'resolved', {
      path: ['resolution'],
      message: 'goes with `resolved`',
    }),
  answer: alert,
});

/** One thing that is done to an alert. */
const act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['acknowledge', 'reopen', 'unassign', 'take', 'comment']) }),
  z.strictObject({ kind: z.literal('snooze'), until: time }),
  z.strictObject({ kind: z.literal('resolve'), resolution: z.enum(RESOLUTIONS).optional() }),
  z.strictObject({ kind: z.literal('assign'), to: z.string().trim().min(1).max(128) }),
]);
export type ActJson = z.input<typeof act>;

/** Any change; of a comment, `note` is its text. 409 as for the state. */
export const changeAlertEndpoint = endpoint({
  method: 'POST',
  path: '/api/alerts/:id/changes',
  scopes: ['alerts:write'],
  params: byId,
  query: nothing,
  body: z.strictObject({ act, note, revision }),
  answer: alert,
});

/** The same change to many; each may fail by itself. */
export const changeAlertsEndpoint = endpoint({
  method: 'POST',
  path: '/api/alerts/changes',
  scopes: ['alerts:write'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    alerts: z
      .array(z.strictObject({ id: identifier, revision }))
      .min(1)
      .max(500),
    act,
    note,
  }),
  answer: z.object({
    changed: z.number(),
    results: z.array(z.object({ id: z.string(), outcome: z.enum(['changed', 'unchanged', 'conflict', 'not_found']) })),
  }),
});
