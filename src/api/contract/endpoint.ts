import type { z } from 'zod';
import type { Role } from '../../model/role.ts';

/**
 * What a caller may do; a token has a list of these, a user those of their role.
 *
 * - `events:read` events, alerts, rules, people: of the datasets that the caller may see.
 * - `events:export` events in bulk. `alerts:write` the work on alerts. `lists:write` named lists and saved searches of all.
 * - `rules:write` exceptions from rules, and whether a rule is on trial; only with all datasets.
 * - `respond` what changes another system. `scim` the identity directory's interface. `metrics:read` and `ingest` are for machines.
 * - `admin` everything, and what only an administrator may do.
 */
export const SCOPES = [
  'events:read',
  'events:export',
  'alerts:write',
  'lists:write',
  'rules:write',
  'respond',
  'scim',
  'metrics:read',
  'ingest',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['events:read'],
  analyst: ['events:read', 'events:export', 'alerts:write', 'lists:write', 'rules:write'],
  responder: ['events:read', 'events:export', 'alerts:write', 'lists:write', 'rules:write', 'respond'],
  admin: ['admin'],
};

/** One endpoint as both sides know it: the server checks what comes in, the page knows what comes back. */
export interface Endpoint<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Fastify's form, such as `/api/events/:id`. */
  readonly path: string;
  /** Any one of these is enough. `signed_in`: any user or token. `anyone`: also who is neither. */
  readonly scopes: readonly Scope[] | 'signed_in' | 'anyone';
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** With `produces`: one message or line of it. */
  readonly answer: Answer;
  /** Media types of an answer that is no JSON document: a stream or a file. */
  readonly produces?: readonly string[];
}

export const endpoint = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  definition: Endpoint<P, Q, B, A>,
): Endpoint<P, Q, B, A> => definition;
