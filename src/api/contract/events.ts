import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, queryText, range, time, wholeNumber } from './fields.ts';

const span = { q: queryText, from: time.optional(), to: time.optional() };

/** A rule that matched, with what made it match. */
const hit = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  level: z.enum(LEVELS),
  matches: z.array(z.object({ field: z.string(), value: z.string(), leaf: z.string() })),
});

export const event = z.object({
  id: z.string(),
  timestamp: isoTime,
  ingested: isoTime,
  source: z.string(),
  /** By dotted ECS path. */
  fields: z.record(z.string(), z.json()),
  /** The message as received; bytes that are not UTF-8 are U+FFFD, and all bytes are in `original_base64`. */
  original: z.string(),
  original_base64: z.string().optional(),
  hits: z.array(hit),
});

/** Time or memory ended the search before the range did. What is shown is true; there may be more. */
const stopped = z.enum(['timeout', 'memory']).optional();

export const searchEventsEndpoint = endpoint({
  method: 'GET',
  path: '/api/events',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ ...span, limit: wholeNumber(1, 500).default(50), cursor: z.string().max(100).optional() }),
  body: noBody,
  answer: z.object({
    ...range,
    events: z.array(event),
    /** Give it with the same `q`, `from` and `to` for the next page. Absent at the end. */
    cursor: z.string().optional(),
    stopped,
  }),
});

const bar = z.object({
  start: isoTime,
  count: z.number(),
  values: z.record(z.string(), z.number()).optional(),
  others: z.number().optional(),
});

export const histogramAnswer = z.object({ interval_ms: z.number(), total: z.number(), bars: z.array(bar) });

/** Counts of events; one with several values counts under each. `missing`: events without a value. */
export const topValuesAnswer = z.object({
  field: z.string(),
  total: z.number(),
  missing: z.number(),
  values: z.array(z.object({ value: z.string(), count: z.number() })),
  distinct: z.number(),
  others: z.number(),
});

export const histogramEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/histogram',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    ...span,
    interval_ms: wholeNumber(1, 315_360_000_000).optional(),
    buckets: wholeNumber(2, 1000).optional(),
    by: identifier.optional(),
  }),
  body: noBody,
  answer: histogramAnswer.extend(range),
});

export const topValuesEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/top',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({ ...span, field: identifier, size: wholeNumber(1, 1000).default(10) }),
  body: noBody,
  answer: topValuesAnswer.extend(range),
});

const byId = z.strictObject({ id: identifier });

export const oneEventEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/:id',
  scopes: ['events:read'],
  params: byId,
  query: nothing,
  body: noBody,
  answer: event,
});

export const surroundingsEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/:id/surroundings',
  scopes: ['events:read'],
  params: byId,
  query: z.strictObject({
    /** `session`: by whatever field tells the event's session from others; a day before and after at most. */
    by: z.enum(['user.name', 'source.ip', 'host.name', 'session']).default('user.name'),
    before: wholeNumber(0, 200).default(20),
    after: wholeNumber(0, 200).default(20),
  }),
  body: noBody,
  answer: z.object({
    event,
    by: z.string(),
    /** What the others share; absent when the event has no such field. */
    value: z.string().optional(),
    /** Newest first. */
    before: z.array(event),
    /** Oldest first. */
    after: z.array(event),
    stopped,
  }),
});
