import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { ROLES } from '../../model/role.ts';
import type { SessionBounds } from '../../store/state/accounts.ts';
import { datasetPatterns } from '../contract/users.ts';

const sessionSettings = z
  .strictObject({
    idle_timeout_mins: z.number().int().min(5).max(43_200).default(480).describe('A session that was not used for so long has ended.'),
    lifetime_hours: z
      .number()
      .int()
      .min(1)
      .max(8_760)
      .default(168)
      .describe('So long after the sign-in a session ends, however much it is used.'),
  })
  .prefault({})
  .describe('Sessions of people who are signed in.');

const oidcSettings = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine((text) => isSafe(text), 'must be https (http only on loopback)')
    .describe("The provider's issuer, such as https://idp.example.com/realms/acme; its discovery document is below it."),
  client_id: z
    .string()
    .min(1)
    .describe('The client that was registered for Earshot. Its redirect address is PUBLIC_URL/api/oidc/callback.'),
  client_secret: secret().describe("The client's secret."),
  label: z.string().min(1).max(60).default('Sign in with OpenID').describe('What the button says.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
    .default(['openid', 'profile', 'email'])
    .describe('Scopes to ask for; openid is always among them.'),
  name_claim: z.string().min(1).default('preferred_username').describe('Claim of the ID token with the name of the user here.'),
  display_name_claim: z.string().min(1).default('name').describe('Claim with the name as people know it.'),
  groups_claim: z.string().min(1).default('groups').describe('Claim with the groups, a list of texts.'),
  groups: z
    .array(
      z.strictObject({
        group: z.string().min(1).describe('Name of the group; * is everybody.'),
        role: z.enum(ROLES).describe('Role that it gives.'),
        datasets: datasetPatterns.default(['*']).describe('Datasets that it shows, with * as a wildcard.'),
      }),
    )
    .min(1)
    .describe('What groups give: of several, the highest role and all their datasets. Who is in none cannot sign in.'),
});
export type OidcSettings = z.output<typeof oidcSettings>;

/** Settings of who may come in. */
export const authSettings = z
  .strictObject({
    session: sessionSettings,
    oidc: z
      .union([z.literal(false), oidcSettings])
      .default(false)
      .describe('Sign-in through an OpenID provider (authorization code with PKCE), or false.'),
  })
  .prefault({})
  .describe('How people sign in.');

export type AuthSettings = z.output<typeof authSettings>;

export const boundsOf = ({ session }: AuthSettings): SessionBounds => ({
  idleMs: session.idle_timeout_mins * 60_000,
  mostMs: session.lifetime_hours * 3_600_000,
});

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
