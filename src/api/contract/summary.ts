import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { histogramAnswer, topValuesAnswer } from './events.ts';
import { fieldNames, identifier, noBody, nothing, queryText, range, time, wholeNumber } from './fields.ts';

/** A query in one look: how many, when, and the most frequent values of several fields. For an address range as for anything else. */
export const summaryEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/summary',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    q: queryText,
    from: time.optional(),
    to: time.optional(),
    /** Separated by commas, at most eight. */
    fields: fieldNames(8),
    /** Counts the histogram by this field's values. */
    by: identifier.optional(),
    buckets: wholeNumber(2, 1000).optional(),
    size: wholeNumber(1, 100).default(10),
    /** `without`: for who has it already. */
    histogram: z.enum(['with', 'without']).default('with'),
  }),
  body: noBody,
  answer: z.object({
    ...range,
    total: z.number(),
    histogram: histogramAnswer.optional(),
    /** In the order asked for. */
    top: z.array(topValuesAnswer),
  }),
});
