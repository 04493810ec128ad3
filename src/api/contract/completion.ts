import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, noBody, nothing, queryText, range, time, wholeNumber } from './fields.ts';

/** A field that a query may name. */
const field = z.object({
  name: z.string(),
  /** ECS's type; absent for a field that is not of ECS. */
  type: z.string().optional(),
  description: z.string().optional(),
  /** How many of the recent events looked at have it; 0: known to ECS only. */
  count: z.number(),
});

/** Fields for completion: those of recent events first, the most frequent first; then the rest of ECS by name. */
export const listFieldsEndpoint = endpoint({
  method: 'GET',
  path: '/api/fields',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    /** Of the name, or of any part of it after a dot (`name` finds `user.name`); case counts for nothing. */
    prefix: z.string().max(200).default(''),
    limit: wholeNumber(1, 3000).default(50),
  }),
  body: noBody,
  answer: z.object({
    fields: z.array(field),
    /** How many recent events the counts are of. */
    sampled: z.number(),
  }),
});

/** Values of a field that begin so, the most frequent first, in events of the rest of the query. Counts are of the newest events looked at. */
export const fieldValuesEndpoint = endpoint({
  method: 'GET',
  path: '/api/fields/values',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    field: identifier,
    prefix: z.string().max(500).default(''),
    q: queryText,
    from: time.optional(),
    to: time.optional(),
    size: wholeNumber(1, 100).default(20),
  }),
  body: noBody,
  answer: z.object({
    ...range,
    field: z.string(),
    values: z.array(z.object({ value: z.string(), count: z.number() })),
  }),
});

/** Whether a query can be understood, and where not. Always 200. */
export const checkQueryEndpoint = endpoint({
  method: 'GET',
  path: '/api/query/check',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ q: queryText }),
  body: noBody,
  answer: z.discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      /** The query as it was understood, in its plainest form. */
      printed: z.string(),
      /** The fields it names, in order. */
      fields: z.array(z.string()),
    }),
    z.object({
      ok: z.literal(false),
      /** `at` and `length` in UTF-16 units. */
      fault: z.object({ code: z.string(), message: z.string(), at: z.number(), length: z.number() }),
    }),
  ]),
});
