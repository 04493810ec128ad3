import { z } from 'zod';
import { LIST_KINDS } from '../../model/named-list.ts';
import { endpoint } from './endpoint.ts';
import { isoTime, noBody, nothing, time, wholeNumber } from './fields.ts';

const READ = ['events:read', 'lists:write'] as const;
const reason = z.string().trim().min(1).max(1_000);
const listName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'a list is named with a-z, 0-9 and _, a letter first');

const list = z.object({
  name: z.string(),
  kind: z.enum(LIST_KINDS),
  reason: z.string(),
  author: z.string(),
  created_at: isoTime,
  /** Paths that a list of texts is compared with. */
  fields: z.array(z.string()),
  /** The file that it is read from: it is changed there, and not here. */
  file: z.string().optional(),
  entries: z.number(),
  expired: z.number(),
});

const entry = z.object({
  value: z.string(),
  reason: z.string(),
  author: z.string(),
  created_at: isoTime,
  expires_at: isoTime.optional(),
  /** It does not match any more. */
  expired: z.boolean(),
});

export const listListsEndpoint = endpoint({
  method: 'GET',
  path: '/api/lists',
  scopes: READ,
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ lists: z.array(list), faults: z.array(z.object({ file: z.string(), line: z.number(), message: z.string() })) }),
});

const byName = z.strictObject({ name: listName });

export const oneListEndpoint = endpoint({
  method: 'GET',
  path: '/api/lists/:name',
  scopes: READ,
  params: byName,
  query: z.strictObject({
    /** Part of a value, reason or author. */
    q: z.string().max(256).default(''),
    limit: wholeNumber(1, 1_000).default(200),
    /** Where to go on: the `cursor` of the page before. */
    cursor: wholeNumber(0, 1_000_000).default(0),
  }),
  body: noBody,
  answer: list.extend({ found: z.number(), page: z.array(entry), cursor: z.string().optional() }),
});

export const createListEndpoint = endpoint({
  method: 'POST',
  path: '/api/lists',
  scopes: ['lists:write'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    name: listName,
    kind: z.enum(LIST_KINDS),
    reason,
    fields: z.array(z.string().min(1).max(256)).max(10).default([]),
  }),
  answer: list,
});

export const describeListEndpoint = endpoint({
  method: 'PUT',
  path: '/api/lists/:name',
  scopes: ['lists:write'],
  params: byName,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: list,
});

export const deleteListEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/lists/:name',
  scopes: ['lists:write'],
  params: byName,
  query: nothing,
  body: noBody,
  answer: z.object({ deleted: z.string() }),
});

/** Adds entries; one with the value of another takes its place. What comes in after the answer is compared with them. */
export const putEntriesEndpoint = endpoint({
  method: 'POST',
  path: '/api/lists/:name/entries',
  scopes: ['lists:write'],
  params: byName,
  query: nothing,
  body: z.strictObject({
    values: z.array(z.string().min(1).max(1_024)).min(1).max(1_000),
    reason,
    expires: time.optional(),
  }),
  answer: list,
});

export const deleteEntryEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/lists/:name/entries',
  scopes: ['lists:write'],
  params: byName,
  query: z.strictObject({ value: z.string().min(1).max(1_024) }),
  body: noBody,
  answer: list,
});
