import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { isoTime, noBody, nothing, queryText, range, time } from './fields.ts';

/** What may be counted over time. */
export const DETECTION_SERIES = ['level', 'rule', 'technique'] as const;
export type DetectionSeries = (typeof DETECTION_SERIES)[number];

/** Events, and the search that finds exactly those. */
const counted = z.object({ value: z.string(), count: z.number(), q: z.string() });

/** The most frequent values of a field; the counts of the others together, and events without a value. */
const facet = z.object({ values: z.array(counted), others: z.number(), missing: z.number() });

const detectedRule = z.object({
  id: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  /** ATT&CK, such as `T1078`; of the rule as it is now. */
  techniques: z.array(z.string()),
  count: z.number(),
  people: z.number(),
  last_at: isoTime,
  /** Events that a time as long as the range has had on average since `compared_since`. */
  usual: z.number(),
  q: z.string(),
});

/** Events that rules of a level, and above, hit; of no others is anything said. All counts are of events: one that two rules hit is one, and counts under both of them. */
export const detectionsEndpoint = endpoint({
  method: 'GET',
  path: '/api/detections',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    q: queryText,
    from: time.optional(),
    to: time.optional(),
    by: z.enum(DETECTION_SERIES).default('level'),
    least_level: z.enum(LEVELS).default('informational'),
  }),
  body: noBody,
  answer: z.object({
    ...range,
    q: z.string(),
    total: z.number(),
    /** In as long a time just before. */
    total_before: z.number(),
    interval_ms: z.number(),
    /** Each event once: under its worst level, or under the first of its rules or techniques by frequency. */
    bars: z.array(z.object({ start: isoTime, count: z.number(), values: z.record(z.string(), z.number()) })),
    /** Titles of rules that are among the values of the bars. */
    rules: z.array(detectedRule),
    levels: z.array(counted),
    techniques: z.array(counted.extend({ rules: z.array(z.string()) })),
    people: facet,
    hosts: facet,
    addresses: facet,
    products: facet,
    datasets: facet,
    compared_since: isoTime,
    /** What is not as it was since `compared_since`. */
    anomalies: z.array(
      z.discriminatedUnion('kind', [
        /** A rule that had hit nothing. */
        z.object({ kind: z.literal('new_rule'), rule: detectedRule }),
        /** At least three times what is usual, and five events. */
        z.object({ kind: z.literal('more_than_usual'), rule: detectedRule }),
        /** A rule had never hit this person; others it had. */
        z.object({
          kind: z.literal('new_person'),
          rule: detectedRule,
          person: z.string(),
          count: z.number(),
          first_at: isoTime,
          q: z.string(),
        }),
      ]),
    ),
  }),
});
export type DetectionsJson = z.output<typeof detectionsEndpoint.answer>;
export type DetectedRuleJson = z.output<typeof detectedRule>;
