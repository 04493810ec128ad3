import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, noBody, nothing } from './fields.ts';

/** The process answers. */
export const healthEndpoint = endpoint({
  method: 'GET',
  path: '/healthz',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ status: z.literal('ok') }),
});

/** It can do its work; 503 with the reasons when it cannot. */
export const readyEndpoint = endpoint({
  method: 'GET',
  path: '/readyz',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ status: z.enum(['ok', 'not_ready']), reasons: z.array(z.string()).optional() }),
});

/** In Prometheus's text form. */
export const metricsEndpoint = endpoint({
  method: 'GET',
  path: '/metrics',
  scopes: ['metrics:read'],
  params: nothing,
  query: nothing,
  body: noBody,
  produces: ['text/plain'],
  answer: z.string(),
});

/**
 * Takes events in: JSON, NDJSON or lines, plain or compressed. The scope `ingest:<source>` is enough for one source; a source may ask for a
 * signature instead of a token. A body with an `Idempotency-Key` is stored once in seven days, however often it comes; another body
 * with the same key is refused (422).
 */
export const ingestEndpoint = endpoint({
  method: 'POST',
  path: '/ingest/:source',
  scopes: ['ingest'],
  params: z.strictObject({ source: identifier }),
  query: z.looseObject({}),
  body: z.unknown(),
  answer: z.object({ accepted: z.number(), duplicate: z.boolean() }),
});
