import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { fieldNames, noBody, nothing, queryText, time } from './fields.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;

/** Columns of a CSV where none are asked for. */
export const EXPORT_COLUMNS = [
  '@timestamp',
  'event.id',
  'event.dataset',
  'event.action',
  'event.outcome',
  'user.name',
  'user.target.name',
  'source.ip',
  'host.name',
  'rule.name',
  'message',
  'event.original',
] as const;

/**
 * All events of a query as a file, newest first. NDJSON: nested ECS, as `earshot search --json` prints it. CSV (RFC 4180): a header, then a
 * line an event; a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return has a `'` before it, because spreadsheets run it.
 *
 * The header `x-earshot-total` has how many there will be, for progress. The transfer ends properly only when all were written; otherwise
 * the connection is broken off, which every HTTP client reports. The trailer `x-earshot-rows` has how many were written.
 */
export const exportEndpoint = endpoint({
  method: 'GET',
  path: '/api/events/export',
  scopes: ['events:export'],
  params: nothing,
  query: z.strictObject({
    q: queryText,
    from: time.optional(),
    to: time.optional(),
    format: z.enum(EXPORT_FORMATS).default('ndjson'),
    /** Fields, separated by commas. Only for CSV. */
    columns: fieldNames(100).optional(),
  }),
  body: noBody,
  produces: ['application/x-ndjson', 'text/csv'],
  answer: z.string(),
});
