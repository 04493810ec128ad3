import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { noBody, nothing } from './fields.ts';

/** Why a sign-in through the provider did not work, as the page's address has it: `/?sign_in=no_group`. */
export const OIDC_FAULTS = ['unreachable', 'expired', 'provider', 'no_name', 'no_group', 'name_taken', 'disabled'] as const;
export type OidcFaultKind = (typeof OIDC_FAULTS)[number];

/** Leads to the provider. 404 where none is configured. */
export const startOidcEndpoint = endpoint({
  method: 'GET',
  path: '/api/oidc/start',
  scopes: 'anyone',
  params: nothing,
  query: z.strictObject({
    /** Address of the page to come back to. */
    to: z
      .string()
      .max(4000)
      .regex(/^\/(?![/\\])[^\\\p{Cc}]*$/u)
      .default('/'),
  }),
  body: noBody,
  produces: ['text/plain'],
  answer: z.literal(''),
});

/** Where the provider leads back to. Leads on to the page, signed in, or with the reason why not. */
export const finishOidcEndpoint = endpoint({
  method: 'GET',
  path: '/api/oidc/callback',
  scopes: 'anyone',
  params: nothing,
  query: z.looseObject({}),
  body: noBody,
  produces: ['text/plain'],
  answer: z.literal(''),
});
