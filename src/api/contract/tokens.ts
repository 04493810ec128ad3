import { z } from 'zod';
import { endpoint, SCOPES } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing } from './fields.ts';
import { datasetPatterns } from './users.ts';

const rights = {
  /** `ingest:NAME` is for one HTTP source. */
  scopes: z.array(z.union([z.enum(SCOPES), z.templateLiteral(['ingest:', z.string().min(1).max(64)])])).min(1),
  /** The datasets whose events it may see. Absent: all. */
  datasets: datasetPatterns.optional(),
};

export const listTokensEndpoint = endpoint({
  method: 'GET',
  path: '/api/tokens',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({
    tokens: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        scopes: z.array(z.string()),
        datasets: z.array(z.string()).optional(),
        created_at: isoTime,
        last_used_at: isoTime.optional(),
      }),
    ),
  }),
});

/** The token's text is shown this once. 409 when the name is taken. */
export const createTokenEndpoint = endpoint({
  method: 'POST',
  path: '/api/tokens',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a name is 1 to 64 of a-z, 0-9, ., _ and -'), ...rights }),
  answer: z.object({ id: z.string(), token: z.string() }),
});

export const revokeTokenEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/tokens/:name',
  scopes: ['admin'],
  params: z.strictObject({ name: identifier }),
  query: nothing,
  body: noBody,
  answer: z.object({ revoked: z.string() }),
});
