import { z } from 'zod';
import { ROLES } from '../../model/role.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing } from './fields.ts';
import { userName } from './session.ts';

/** Names of datasets, with `*` as a wildcard: `linux.*`, or `*` for all. */
export const datasetPatterns = z
  .array(z.string().regex(/^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}$/, 'a dataset is written as linux.auth, linux.* or *'))
  .max(100);

const user = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  role: z.enum(ROLES),
  datasets: z.array(z.string()),
  /** `invited`: has no password yet. */
  state: z.enum(['active', 'invited', 'disabled']),
  /** Signs in through the OpenID provider, whose groups give role and datasets at each sign-in. */
  from_provider: z.boolean(),
  created_at: isoTime,
  last_sign_in_at: isoTime.optional(),
});
export type User = z.output<typeof user>;

/** A one-time link is the page's `/setup#CODE`. The code is shown this once. */
const link = z.object({ code: z.string(), expires_at: isoTime });

export const session = z.object({
  id: z.string(),
  way: z.enum(['password', 'provider', 'link']),
  address: z.string(),
  /** What the browser calls itself. */
  agent: z.string(),
  created_at: isoTime,
  used_at: isoTime,
});

const oneUser = z.strictObject({ id: identifier });
const displayName = z.string().trim().max(128);

export const listUsersEndpoint = endpoint({
  method: 'GET',
  path: '/api/users',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({ users: z.array(user) }),
});

/** 409 when the name is taken. */
export const createUserEndpoint = endpoint({
  method: 'POST',
  path: '/api/users',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: userName, display_name: displayName.default(''), role: z.enum(ROLES), datasets: datasetPatterns }),
  answer: z.object({ user, link }),
});

/** What is absent stays. 409 for the last administrator, who can be neither disabled nor given another role. */
export const changeUserEndpoint = endpoint({
  method: 'PUT',
  path: '/api/users/:id',
  scopes: ['admin'],
  params: oneUser,
  query: nothing,
  body: z.strictObject({
    display_name: displayName.optional(),
    role: z.enum(ROLES).optional(),
    datasets: datasetPatterns.optional(),
    disabled: z.boolean().optional(),
  }),
  answer: user,
});

export const removeUserEndpoint = endpoint({
  method: 'DELETE',
  path: '/api/users/:id',
  scopes: ['admin'],
  params: oneUser,
  query: nothing,
  body: noBody,
  answer: z.object({ removed: z.string() }),
});

/** A new link, which takes the place of an earlier one. Their password works until the link is used. 409 for who is disabled, or the provider's. */
export const inviteUserEndpoint = endpoint({
  method: 'POST',
  path: '/api/users/:id/invite',
  scopes: ['admin'],
  params: oneUser,
  query: nothing,
  body: noBody.or(nothing),
  answer: link,
});

export const listUserSessionsEndpoint = endpoint({
  method: 'GET',
  path: '/api/users/:id/sessions',
  scopes: ['admin'],
  params: oneUser,
  query: nothing,
  body: noBody,
  answer: z.object({ sessions: z.array(session) }),
});

/** Signs them out, everywhere. */
export const endUserSessionsEndpoint = endpoint({
  method: 'POST',
  path: '/api/users/:id/sessions/end',
  scopes: ['admin'],
  params: oneUser,
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ ended: z.number() }),
});
