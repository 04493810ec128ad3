import type { z } from 'zod';

/** What a token may do. `admin` may do everything. */
export const SCOPES = ['events:read', 'alerts:write', 'metrics:read', 'ingest', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** One endpoint as both sides know it: the server checks what comes in, the page knows what comes back. */
export interface Endpoint<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  /** In Fastify's form, such as `/api/events/:id`. */
  readonly path: string;
  /** Any one of these is enough. */
  readonly scopes: readonly Scope[];
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
}

export const endpoint = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: Endpoint<P, Q, B, A>,
): Endpoint<P, Q, B, A> => definition;
