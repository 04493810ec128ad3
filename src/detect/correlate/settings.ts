import { z } from 'zod';

/** What correlations are given at run time. */
export const correlationsSettings = z
  .strictObject({
    late_secs: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .default(3_600)
      .describe(
        'An event that arrives later than this after its own time is counted in a pass of its own. What only time can decide, such as that something did not happen, is decided when this has passed.',
      ),
    wait_secs: z
      .number()
      .int()
      .min(0)
      .max(600)
      .default(10)
      .describe('How long after its receipt an event may take to be searchable, before what is not there counts as not having happened.'),
    keep_days: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(35)
      .describe(
        'How many days the hits that correlations count are kept. A correlation with a longer timespan keeps them as long as it needs, up to the shortest retention of events.',
      ),
  })
  .prefault({})
  .describe('Correlations: what counts hits of rules.');
