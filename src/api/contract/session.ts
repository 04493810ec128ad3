import { z } from 'zod';
import { ROLES } from '../../model/role.ts';
import { endpoint, SCOPES } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

/** Who is signed in, and what the page needs to know of them. */
export const session = z.object({
  name: z.string(),
  display_name: z.string(),
  /** Absent for a token. */
  role: z.enum(ROLES).optional(),
  scopes: z.array(z.enum(SCOPES)),
  /** With `*` as a wildcard. */
  datasets: z.array(z.string()),
  /** Goes with every request that changes something, as `x-csrf-token`; empty for a token, which needs none. */
  csrf_token: z.string(),
  /** Earshot's version. */
  version: z.string(),
});
export type Session = z.output<typeof session>;

/** 401 without one. */
export const sessionEndpoint = endpoint({
  method: 'GET',
  path: '/api/session',
  scopes: 'signed_in',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: session,
});

/** How one may sign in here. */
export const signInWaysEndpoint = endpoint({
  method: 'GET',
  path: '/api/sign-in',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({
    /** Nobody has an account yet: the one-time link of the first start makes the first. */
    setup: z.boolean(),
    /** Label of the button, where an OpenID provider is configured; its address is `/api/oidc/start`. */
    oidc: z.string().optional(),
  }),
});

/** Read in lower case: two people must not differ by it. */
export const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,127}$/, 'a name is 1 to 128 of a-z, 0-9, ., _, -, + and @, and begins with a letter or digit');

/** What speaks against a new one comes back as a fault of `body.password`. */
export const password = z.string().min(1).max(1024);

/** Answers with a cookie. 401 says only that name and password do not go together; 429 that there were too many attempts. */
export const signInEndpoint = endpoint({
  method: 'POST',
  path: '/api/sign-in',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: z.string().trim().toLowerCase().min(1).max(128), password }),
  answer: session,
});

/** Ends this session, or with `everywhere` all of the user's. */
export const signOutEndpoint = endpoint({
  method: 'POST',
  path: '/api/sign-out',
  scopes: 'signed_in',
  params: nothing,
  query: nothing,
  body: z.strictObject({ everywhere: z.boolean().default(false) }),
  answer: z.object({ ended: z.number() }),
});
