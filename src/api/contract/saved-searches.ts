import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, time } from './fields.ts';

/** What a person keeps of the explorer. */
export const savedSearch = z.object({
  id: z.string(),
  name: z.string(),
  q: z.string(),
  /** As written, so that `now-24h` stays relative. */
  from: z.string(),
  to: z.string(),
  columns: z.array(z.string()),
  /** Seen by all. */
  shared: z.boolean(),
  /** Name of who made it. */
  owner: z.string(),
  /** The caller may change and delete it. */
  own: z.boolean(),
  created_at: isoTime,
  changed_at: isoTime,
});
export type SavedSearch = z.output<typeof savedSearch>;

const content = z.strictObject({
  /** Unique for its owner. */
  name: z.string().trim().min(1).max(100),
  q: z.string().max(8000),
  from: time.default('now-24h'),
  to: time.default('now'),
  columns: z.array(identifier).max(50).default([]),
  /** Needs the scope `lists:write`. */
  shared: z.boolean().default(false),
});
const byId = z.strictObject({ id: identifier });

/** One's own and those of all, by name. */
export const listSavedSearchesEndpoint = endpoint({
  method: 'GET',
  path: '/api/saved-searches',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ searches: z.array(savedSearch) }),
});

/** 409 when the name is taken, or the caller has 500 already. */
export const createSavedSearchEndpoint = endpoint({
  method: 'POST',
  path: '/api/saved-searches',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: content,
  answer: savedSearch,
});

/** Replaces it. Its owner may; and whoever may write lists, where it is of all. */
export const changeSavedSearchEndpoint = endpoint({
  method: 'PUT',
  path: '/api/saved-searches/:id',
  scopes: ['events:read'],
  params: byId,
  query: nothing,
  body: content,
  answer: savedSearch,
});

export const deleteSavedSearchEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/saved-searches/:id',
  scopes: ['events:read'],
  params: byId,
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ deleted: z.literal(true) }),
});
