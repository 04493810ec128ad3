import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, range } from './fields.ts';
import { partOf } from './part.ts';

const rule = z.object({
  /** `correlation` and `baseline`: it counts hits of rules. `silence`: it tells of what does not speak any more. */
  kind: z.enum(['rule', 'correlation', 'baseline', 'silence']),
  id: z.string(),
  name: z.string(),
  version: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  description: z.string(),
  tags: z.array(z.string()),
  falsepositives: z.array(z.string()),
  next_steps: z.array(z.string()),
  group_by: z.array(z.string()),
  file: z.string(),
  /** Sigma's word for how far it can be trusted, such as `stable` or `experimental`. */
  status: z.string().optional(),
  author: z.string().optional(),
  /** Filters narrow a rule from outside: it fires only where they are true too. From `expires_at` on, one holds no more. */
  filters: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      file: z.string(),
      reason: z.string().optional(),
      author: z.string().optional(),
      expires_at: isoTime.optional(),
    }),
  ),
  /** What it looks for, in words; absent for rules on single events. */
  words: z.string().optional(),
  /** What it counts. */
  counts: z.array(z.object({ id: z.string(), title: z.string() })),
  /** What counts it, and lets it not alert alone. */
  quieted_by: z.array(z.object({ id: z.string(), title: z.string() })),
  /** On trial: hits are recorded, no alert opens. */
  staged: z.boolean(),
  /** Who has said so last; absent where that is in the settings or in the rule. */
  maturity_set: z.object({ maturity: z.enum(['staged', 'live']), reason: z.string(), by: z.string(), at: isoTime }).optional(),
  /** Why it can never fire here. */
  silent: z.string().optional(),
  /** Cases beside the rule that must match, and that must not; `fault` says why there are none. */
  tests: z.object({ match: z.number(), no_match: z.number(), fault: z.string().optional() }),
  /** Seconds spent in it since the hub's start, estimated from samples. */
  cost_secs: z.number(),
  /** Events since the hub's start that cost too much to judge as they came in: the side lane judges them a little later. */
  deferred: z.number(),
  /** It takes more than its share of the time, and the side lane judges all its events. */
  aside: z.boolean(),
});

/** Whoever may see alerts may see what makes them. */
const READ = ['events:read', 'alerts:write'] as const;

export const listRulesEndpoint = endpoint({
  method: 'GET',
  path: '/api/rules',
  scopes: READ,
  params: nothing,
  query: nothing,
  body: noBody,
  /** A rule that was rejected does not run: it is shown so that nobody believes it does. */
  answer: z.object({
    rules: z.array(rule),
    rejected: z.array(z.object({ file: z.string(), line: z.number(), column: z.number(), reason: z.string() })),
    /** ATT&CK's tactics that rules name, in ATT&CK's order, with the techniques that the same rules name. */
    coverage: z.array(
      z.object({
        tactic: z.string(),
        name: z.string(),
        techniques: z.array(z.object({ id: z.string(), name: z.string().optional(), rules: z.array(z.string()) })),
      }),
    ),
  }),
});
export type Rules = z.output<typeof listRulesEndpoint.answer>;

export const oneRuleEndpoint = endpoint({
  method: 'GET',
  path: '/api/rules/:id',
  scopes: READ,
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody,
  answer: rule.extend({
    techniques: z.array(z.object({ id: z.string(), name: z.string().optional() })),
    tactics: z.array(z.object({ id: z.string(), name: z.string() })),
    /** The file as it is on disk now; `changed`: it has changed since the rule was read, and what runs is the rule as it was. */
    text: z.string(),
    changed: z.boolean(),
    /** `raw`: a message; of messages in time, each with when it comes. */
    cases: z.array(z.object({ name: z.string(), raw: z.string(), expect: z.enum(['match', 'no_match', 'alert', 'no_alert']) })),
  }),
});

/** Puts a rule on trial or live, whatever the settings and its file say. Only for who may see all datasets; 409 when it is so already. */
export const setMaturityEndpoint = endpoint({
  method: 'PUT',
  path: '/api/rules/:id/maturity',
  scopes: ['rules:write'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: z.strictObject({ maturity: z.enum(['staged', 'live']), reason: z.string().trim().min(1).max(1_000) }),
  answer: rule,
});

/** What rules did. Hits are events that the caller may see; rules without a hit are not listed. */
export const ruleActivityEndpoint = endpoint({
  method: 'GET',
  path: '/api/rules/activity',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({
    /** The thirty days of `hits` and `alerts`. */
    ...range,
    hits: partOf(
      z.array(
        z.object({
          rule_id: z.string(),
          /** Events in the last 24 hours, and in thirty days. */
          day: z.number(),
          month: z.number(),
          /** Of each of the thirty days, the oldest first. */
          days: z.array(z.number()),
          last_at: isoTime,
        }),
      ),
    ),
    alerts: partOf(
      z.object({
        rules: z.array(
          z.object({
            rule_name: z.string(),
            opened: z.number(),
            resolved: z.number(),
            /** Of the resolved ones, those that turned out to be a false positive, benign or expected. */
            noise: z.number(),
          }),
        ),
        /** False: there were too many alerts, and these are of the newest. */
        complete: z.boolean(),
      }),
    ),
  }),
});
export type RuleActivity = z.output<typeof ruleActivityEndpoint.answer>;
