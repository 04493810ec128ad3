import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, noBody, nothing } from './fields.ts';

/** Networks are `192.0.2.0/24` or `AS64496`. */
const networks = z.array(z.string());

const compared = z.object({
  /** Name of the system in `acts.systems`. */
  system: z.string(),
  /** Another as soon as the system's list is another, or what only the lists have; a change names it. */
  version: z.string(),
  in_system: networks,
  only_in_system: networks,
  only_in_lists: networks,
  /** On the lists, and nothing that the system takes. */
  not_taken: networks,
});
export type TrustComparedJson = z.output<typeof compared>;

/** What another system trusts, beside the lists `trusted_ranges`, `trusted_networks` and `vpn_ranges`. */
export const trustedNetworksEndpoint = endpoint({
  method: 'GET',
  path: '/api/trusted-networks',
  scopes: ['respond'],
  params: nothing,
  /** Absent: the only one that has such a list. */
  query: z.strictObject({ system: identifier.optional() }),
  body: noBody,
  answer: compared,
});

/** 409 when the system's list, or what only the lists have, has changed since, or there is nothing to change. The answer was read after it was written. */
export const changeTrustedNetworksEndpoint = endpoint({
  method: 'POST',
  path: '/api/trusted-networks',
  scopes: ['admin'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    system: identifier.optional(),
    version: z.string().min(1).max(64),
    /** Whether the system is to trust all that only the lists have. */
    add: z.boolean().default(false),
    remove: z.array(z.string().min(1).max(64)).max(1_000).default([]),
    reason: z.string().max(2_000).default(''),
  }),
  answer: z.object({ added: networks, removed: networks, now: compared }),
});
export type TrustChangedJson = z.output<typeof changeTrustedNetworksEndpoint.answer>;
