import { z } from 'zod';
import { ROLES } from '../../model/role.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing } from './fields.ts';
import { password } from './session.ts';
import { session } from './users.ts';

/** Of who is signed in. A token has none of it: 409. */
export const accountEndpoint = endpoint({
  method: 'GET',
  path: '/api/account',
  scopes: 'signed_in',
  params: nothing,
  query: nothing,
  body: noBody,
  answer: z.object({
    name: z.string(),
    display_name: z.string(),
    role: z.enum(ROLES),
    datasets: z.array(z.string()),
    has_password: z.boolean(),
    created_at: isoTime,
    /** The latest used first. */
    sessions: z.array(session.extend({ current: z.boolean() })),
  }),
});

/** Ends their other sessions. 401 when the current password is another. */
export const changePasswordEndpoint = endpoint({
  method: 'POST',
  path: '/api/account/password',
  scopes: 'signed_in',
  params: nothing,
  query: nothing,
  body: z.strictObject({ current: password, password }),
  answer: z.object({ ended: z.number() }),
});

/** Ends one of their own sessions. */
export const endSessionEndpoint = endpoint({
  method: 'POST',
  path: '/api/account/sessions/:id/end',
  scopes: 'signed_in',
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody.or(nothing),
  answer: z.object({ ended: z.number() }),
});
