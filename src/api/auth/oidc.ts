import { randomBytes } from 'node:crypto';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { err, ok, type Result } from '../../lib/result.ts';
import type { NewUser } from '../../store/state/accounts.ts';
import { type OidcRefusal, userOfClaims } from './oidc-rights.ts';
import type { OidcSettings } from './settings.ts';

/** A person has this long to sign in at the provider. */
export const OIDC_WAIT_MS = 600_000;
const WAITING = 10_000;
const TIMEOUT_SECS = 10;
const DISCOVERED_MS = 3_600_000;

interface Waiting {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Path of the page to come back to. */
  readonly to: string;
  readonly until: number;
}

/** Who came back from the provider, known there as `subject`. */
export interface FromProvider {
  readonly subject: string;
  readonly user: NewUser;
  readonly to: string;
}

/** `expired`: this browser did not begin it, or too long ago, or it was used. `provider`: it refused, or what it sent is not sound. */
export interface OidcFault {
  readonly kind: 'expired' | 'provider' | OidcRefusal;
  readonly detail: string;
}

/**
 * Sign-in through an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core, section 3.1). What was begun is
 * kept here, under a value that only the browser has: it can be finished there, and once.
 */
export class Oidc {
  readonly #now: () => number;
  /** The oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #discovered: { readonly settings: OidcSettings; readonly at: number; readonly configuration: Promise<Configuration> } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Where to send the browser, and what it has to bring back. Throws when the provider cannot be reached. */
  async begin(settings: OidcSettings, redirectUri: string, to: string): Promise<{ readonly key: string; readonly url: URL }> {
    const configuration = await this.#configuration(settings);
    const [key, state, nonce, verifier] = [randomBytes(32).toString('base64url'), randomState(), randomNonce(), randomPKCECodeVerifier()];
    this.#waiting.set(key, { state, nonce, verifier, to, until: this.#now() + OIDC_WAIT_MS });
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= WAITING) break;
      this.#waiting.delete(oldest);
    }
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: [...new Set(['openid', ...settings.scopes])].join(' '),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { key, url };
  }

  /** `callback`: the address at which the browser came back, with what the provider gave it. */
  async finish(settings: OidcSettings, key: string | undefined, callback: URL): Promise<Result<FromProvider, OidcFault>> {
    const waiting = key === undefined ? undefined : this.#waiting.get(key);
    if (key !== undefined) this.#waiting.delete(key);
    if (waiting === undefined || waiting.until <= this.#now())
      return err({ kind: 'expired', detail: 'this browser did not begin it, or too long ago' });
    try {
      // Asked anew, keys too: the library looks at none again for a minute, and a key that was changed in it would keep everybody out.
      const tokens = await authorizationCodeGrant(await this.#discover(settings), callback, {
        expectedState: waiting.state,
        expectedNonce: waiting.nonce,
        pkceCodeVerifier: waiting.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) return err({ kind: 'provider', detail: 'it gave no ID token' });
      const user = userOfClaims(claims, settings);
      if (typeof user === 'string') return err({ kind: user, detail: REFUSALS[user] });
      return ok({ subject: `${claims.iss}#${claims.sub}`, user, to: waiting.to });
    } catch (error) {
      return err({ kind: 'provider', detail: detailOf(error) });
    }
  }

  /** The provider's own word about itself, asked for again now and then. */
  #configuration(settings: OidcSettings): Promise<Configuration> {
    const known = this.#discovered;
    if (known?.settings === settings && this.#now() - known.at < DISCOVERED_MS) return known.configuration;
    return this.#discover(settings);
  }

  /** One that could not be had is not kept. */
  #discover(settings: OidcSettings): Promise<Configuration> {
    const issuer = new URL(settings.issuer);
    // The ID token comes straight from the provider, over TLS; its signature is checked all the same.
    const execute = [enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : [])];
    const configuration = discovery(issuer, settings.client_id, settings.client_secret.reveal(), undefined, {
      execute,
      timeout: TIMEOUT_SECS,
    });
    this.#discovered = { settings, at: this.#now(), configuration };
    configuration.catch(() => {
      this.#discovered = undefined;
    });
    return configuration;
  }
}

const REFUSALS: Readonly<Record<OidcRefusal, string>> = {
  no_name: 'its name for them is none that a user can have here',
  no_group: 'none of their groups gives a role here',
};

/** The library's words, with the provider's own where it refused, or the reason below them. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}${reasonOf(error)}`.slice(0, 300);
}

function reasonOf(error: Error): string {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError)
    return ` (${[error.error, error.error_description].filter((word) => word !== undefined).join(': ')})`;
  return error.cause instanceof Error ? ` (${error.cause.message})` : '';
}
