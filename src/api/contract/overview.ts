import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { isoTime, noBody, nothing, range } from './fields.ts';
import { partOf } from './part.ts';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

const perLevel = z.object({
  informational: z.number(),
  low: z.number(),
  medium: z.number(),
  high: z.number(),
  critical: z.number(),
});

const figures = z.object({
  total: z.number(),
  by_level: perLevel,
  /** The sum of `risk_weights` over the alerts. */
  risk: z.number(),
  /** Of those opened in the time that got so far; absent where none did. */
  median_acknowledge_secs: z.number().optional(),
  median_resolve_secs: z.number().optional(),
});

const quietSource = z.object({
  dataset: z.string(),
  host: z.string().optional(),
  peer: z.string().optional(),
  last_seen: isoTime,
  silent_secs: z.number(),
  /** The longest that it was silent before, in the time that was looked at. */
  longest_pause_secs: z.number(),
  /** The search that finds its events. */
  q: z.string(),
});

const health = z.object({
  intake: partOf(
    z.object({
      open: z.boolean(),
      /** Why nothing is taken in. */
      why: z.string().optional(),
      raw_log_bytes: z.number(),
      raw_log_max_bytes: z.number(),
      /** Age of the oldest message that cannot be found yet. */
      lag_secs: z.number(),
      sources: z.number(),
      /** Sources that could not be had as configured. */
      faults: z.array(z.object({ source: z.string(), fault: z.string() })),
    }),
  ),
  /** `events`: of all datasets, for who may see them all. */
  engine: partOf(z.object({ events: z.number().optional(), bytes: z.number() })),
  /** How far correlations are behind what is received, and how much time they have passed over, which should be none. */
  correlations: z.object({ lag_secs: z.number(), gap_secs: z.number() }).optional(),
  disk: partOf(z.object({ level: z.enum(['ok', 'warn', 'stop']), free_bytes: z.number(), total_bytes: z.number() })),
  outbox: partOf(z.object({ waiting: z.number(), dead: z.number() })),
});

/**
 * A period up to now against the same length of time before it. Each part is there or says why not. Answers are some seconds old at most.
 *
 * Numbers are those that searches over the same range find: `events` of `*`, `detections` of `queries`, `alerts` those with an event in the
 * range, as the list of alerts has them.
 */
export const overviewEndpoint = endpoint({
  method: 'GET',
  path: '/api/overview',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ period: z.enum(PERIODS).default('day') }),
  body: noBody,
  answer: z.object({
    period: z.enum(PERIODS),
    ...range,
    before: z.object(range),
    events: partOf(
      z.object({
        total: z.number(),
        before: z.number(),
        interval_ms: z.number(),
        bars: z.array(z.object({ start: isoTime, count: z.number() })),
      }),
    ),
    /** Events that a rule above informational matched, each under the highest level of its rules: what is informational is there to be counted. */
    detections: partOf(
      z.object({
        total: z.number(),
        before: z.number(),
        interval_ms: z.number(),
        bars: z.array(z.object({ start: isoTime, levels: perLevel })),
        queries: z.object({
          informational: z.string(),
          low: z.string(),
          medium: z.string(),
          high: z.string(),
          critical: z.string(),
          all: z.string(),
        }),
      }),
    ),
    alerts: partOf(
      z.object({
        now: figures,
        before: figures,
        risk_weights: perLevel,
        /** The most frequent first. */
        rules: z.array(
          z.object({ rule_id: z.string(), rule_name: z.string(), title: z.string(), level: z.enum(LEVELS), count: z.number() }),
        ),
        /** Alerts of the rules that are not listed. */
        other_rules: z.number(),
        people: z.array(z.object({ name: z.string(), count: z.number() })),
      }),
    ),
    quiet: partOf(
      z.object({
        /** Most surprising first. */
        sources: z.array(quietSource),
        /** How many are quiet, beyond those listed, and how many spoke at all in the days that were looked at. */
        total: z.number(),
        heard: z.number(),
        days: z.number(),
      }),
    ),
    health,
  }),
});
export type Overview = z.output<typeof overviewEndpoint.answer>;
