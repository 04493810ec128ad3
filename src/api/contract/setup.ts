import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { nothing } from './fields.ts';
import { password, session, userName } from './session.ts';

const code = z.string().min(1).max(128);

/** What a one-time link is for. It stays usable. 404 when it is not known, was used, or is too old. */
export const lookSetupEndpoint = endpoint({
  method: 'POST',
  path: '/api/setup/look',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.strictObject({ code }),
  answer: z.object({
    /** Makes the first account: its name is free to choose. */
    first: z.boolean(),
    /** Takes the place of a password, and ends the sessions that were opened with it. */
    reset: z.boolean(),
    /** Whose link it is. */
    name: z.string().optional(),
    display_name: z.string().optional(),
  }),
});

/** Uses the link up, and signs in. `name` and `display_name` only for the first account. */
export const acceptSetupEndpoint = endpoint({
  method: 'POST',
  path: '/api/setup',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.strictObject({ code, name: userName.optional(), display_name: z.string().max(128).optional(), password }),
  answer: session,
});
