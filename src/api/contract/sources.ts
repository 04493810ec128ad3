import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { isoTime, noBody, nothing, wholeNumber } from './fields.ts';
import { partOf } from './part.ts';

const reasons = z.record(z.string(), z.number());

/** A configured door for messages. Counts are since the hub's start. */
const door = z.object({
  name: z.string(),
  type: z.string(),
  state: z.enum(['listening', 'reading', 'failed']),
  /** Such as `udp://127.0.0.1:5514`. */
  listening: z.array(z.string()),
  fault: z.string().optional(),
  /** Of a source that asks for its messages: how long ago all that there was had been read, and what of the past is still to be read. */
  polling: z
    .object({
      lag_secs: z.number(),
      interval_secs: z.number(),
      calls_per_minute: z.number(),
      past_left_secs: z.number(),
      past_secs: z.number(),
    })
    .optional(),
  /** Messages of all datasets, for who may see them all. */
  received: z.number().optional(),
  received_bytes: z.number().optional(),
  connections: z.number(),
  resent: z.number(),
  /** By reason. Messages that were not kept, those of which only the beginning was, and connections that were not taken or cut. */
  dropped: reasons,
  truncated: reasons,
  refused: reasons,
  /** The peers of it, the latest first: a few. */
  refusals: z.array(z.object({ address: z.string(), why: z.string(), times: z.number(), last_at: isoTime })),
});

/** Who speaks: the events of a dataset from a host, or where they name none, from a peer. */
const speaker = z.object({
  /** '' where the events have none. */
  dataset: z.string(),
  host: z.string().optional(),
  peer: z.string().optional(),
  last_seen: isoTime,
  silent_secs: z.number(),
  /** Silent for longer than it has ever been in the days that were looked at. */
  quiet: z.boolean(),
  longest_pause_secs: z.number(),
  median_pause_secs: z.number(),
  /** Events in the last fourteen days. */
  total: z.number(),
  /** Of each of the last 24 hours, the oldest first. */
  hours: z.array(z.number()),
  /** Over the last five minutes. */
  per_minute: z.number(),
  /** Between the event's own time and when it came; absent where nothing came in 24 hours. */
  lag: z.object({ median_secs: z.number(), p95_secs: z.number() }).optional(),
  /** Events of the last 24 hours that could not be read as they were meant, and the search that finds them. */
  faulty: z.number(),
  faulty_q: z.string(),
  /** The search that finds its events. */
  q: z.string(),
});

export const listSourcesEndpoint = endpoint({
  method: 'GET',
  path: '/api/sources',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({
    now: isoTime,
    doors: partOf(z.array(door)),
    speakers: partOf(z.object({ speakers: z.array(speaker), complete: z.boolean() })),
    /** What went wrong in the last 24 hours, by tag. */
    faults: partOf(
      z.object({
        from: isoTime,
        to: isoTime,
        total: z.number(),
        q: z.string(),
        tags: z.array(z.object({ tag: z.string(), count: z.number(), q: z.string() })),
      }),
    ),
  }),
});
export type Sources = z.output<typeof listSourcesEndpoint.answer>;

/** The newest events that could not be read as they were meant. */
export const faultSamplesEndpoint = endpoint({
  method: 'GET',
  path: '/api/sources/faults',
  scopes: ['events:read'],
  params: nothing,
  query: z.strictObject({
    /** One of the tags of the list. Absent: any of them. */
    tag: z.string().max(100).optional(),
    limit: wholeNumber(1, 50).default(10),
  }),
  body: noBody,
  answer: z.object({
    samples: z.array(
      z.object({
        id: z.string(),
        timestamp: isoTime,
        source: z.string(),
        dataset: z.string(),
        tags: z.array(z.string()),
        /** The beginning of the message as received; bytes that are not UTF-8 are U+FFFD. */
        original: z.string(),
        cut: z.boolean(),
      }),
    ),
  }),
});
