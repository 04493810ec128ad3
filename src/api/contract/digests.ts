import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing } from './fields.ts';

const planned = z.object({
  name: z.string(),
  /** Name of the notifier. */
  to: z.string(),
  /** Absent: the notifier's own. */
  channel: z.string().optional(),
  every: z.enum(['day', 'week']),
  next_at: isoTime,
  /** When the last one was due; absent until the hub has taken note of it. */
  last_at: isoTime.optional(),
});
export type PlannedDigestJson = z.output<typeof planned>;

/** For administrators: a digest tells of what its own settings say, whatever datasets a reader may see. */
export const listDigestsEndpoint = endpoint({
  method: 'GET',
  path: '/api/digests',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ digests: z.array(planned) }),
});

/** What it would say if it were due now. */
export const previewDigestEndpoint = endpoint({
  method: 'GET',
  path: '/api/digests/:name',
  scopes: ['admin'],
  params: z.strictObject({ name: identifier }),
  query: nothing,
  body: noBody,
  /** Line by line; what a message has as a link is left out. */
  answer: z.object({ name: z.string(), lines: z.array(z.string()) }),
});
export type DigestPreviewJson = z.output<typeof previewDigestEndpoint.answer>;
