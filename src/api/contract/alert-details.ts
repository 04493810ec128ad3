import { z } from 'zod';
import { isoTime } from './fields.ts';

/** Why an alert is one, beyond its events. */
export const alertDetails = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('correlation'),
    /** Sigma's word, such as `event_count`. */
    type: z.string(),
    timespan_secs: z.number(),
    /** Whose values are counted or reckoned with. */
    fields: z.string().optional(),
    /** Such as `at least 10`; empty where all rules must be there. */
    condition: z.string(),
    /** The largest value that a window had. */
    value: z.number().optional(),
    /** How many events there are of what it counts; of a correlation, how many of its windows hold. */
    rules: z.array(
      z.object({
        rule_id: z.string(),
        title: z.string(),
        count: z.number(),
        counted_rule_ids: z.array(z.string()).optional().describe('Of a correlation: the rules behind it.'),
      }),
    ),
  }),
  z.object({
    kind: z.literal('baseline'),
    /** Of the rules whose hits are counted. */
    rule_ids: z.array(z.string()),
    measure: z.string(),
    value: z.number(),
    against: z.string(),
    norm: z.number().optional(),
    history_days: z.number(),
    first_seen: z.string().optional(),
    bucket_start: isoTime,
  }),
  z.object({
    kind: z.literal('silence'),
    last_at: isoTime,
    expected_secs: z.number(),
    times: z.number().optional().describe('So many events are expected within it; absent where one is enough.'),
    silent_secs: z.number(),
    learned: z.boolean(),
  }),
]);
