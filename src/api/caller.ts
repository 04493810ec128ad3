import type { FastifyRequest } from 'fastify';
import type { AuditEvent } from '../model/audit.ts';
import type { User } from '../store/state/accounts.ts';
import { readSessionCookie, refuseForgery } from './auth/cookies.ts';
import { boundsOf } from './auth/settings.ts';
import { SCOPES_OF_ROLE, type Scope } from './contract/endpoint.ts';
import type { ApiDeps } from './deps.ts';
import { ApiProblem } from './problem.ts';

/** Who asks. */
export interface Caller {
  /** `local`: over the hub's own socket. `nobody`: at an endpoint for anyone. */
  readonly kind: 'user' | 'token' | 'local' | 'nobody';
  /** Name of the user or token. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** The datasets whose events they may see, with `*` as a wildcard: `linux.*`. */
  readonly datasets: readonly string[];
  readonly address?: string;
  /** Of a user who is signed in. */
  readonly session?: SignedIn;
}

export interface SignedIn {
  readonly id: string;
  /** What the cookie holds. */
  readonly token: string;
  readonly user: User;
}

export const ALL_DATASETS: readonly string[] = ['*'];

/** Over the hub's own Unix socket, which only its user can open, everything is allowed. */
export const LOCAL: Caller = { kind: 'local', name: 'local', scopes: ['admin'], datasets: ALL_DATASETS };

export const NOBODY: Caller = { kind: 'nobody', name: 'nobody', scopes: [], datasets: [] };

const MAX_TOKEN_LENGTH = 512;

type Knows = Pick<ApiDeps, 'tokens' | 'accounts' | 'auth'>;

/** Who asks, by token or by session. With both, the token counts: no page sends one. Throws an {@link ApiProblem}. */
export async function authenticate(request: FastifyRequest, deps: Knows): Promise<Caller> {
  const { authorization } = request.headers;
  const cookie = readSessionCookie(request);
  return authorization === undefined && cookie !== undefined ? bySession(request, cookie, deps) : byToken(request, deps.tokens);
}

/** Whether there is anything by which we could know who asks. */
export const bringsProof = (request: FastifyRequest): boolean =>
  request.headers.authorization !== undefined || readSessionCookie(request) !== undefined;

async function bySession(request: FastifyRequest, token: string, { accounts, auth }: Knows): Promise<Caller> {
  const found = await accounts.sessions.find(token, boundsOf(auth()));
  if (found === undefined) throw new ApiProblem(401, 'EAR_API_AUTH', 'The session has ended. Sign in again.');
  refuseForgery(request, token);
  return callerOf({ ...found, token }, request.ip);
}

/** A user as they are now: a session knows only whose it is. */
export const callerOf = (session: SignedIn, address: string): Caller => ({
  kind: 'user',
  name: session.user.name,
  scopes: SCOPES_OF_ROLE[session.user.role],
  datasets: session.user.datasets,
  address,
  session,
});

/** Reads and verifies the bearer token (RFC 6750, section 2.1: in the header and nowhere else). */
async function byToken(request: FastifyRequest, tokens: ApiDeps['tokens']): Promise<Caller> {
  const header = request.headers.authorization;
  const token = header === undefined ? undefined : /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header)?.[1];
  if (token === undefined) throw new ApiProblem(401, 'EAR_API_AUTH', 'The request has no bearer token.');
  const identity = token.length <= MAX_TOKEN_LENGTH ? await tokens.verify(token) : undefined;
  if (identity === undefined) throw new ApiProblem(401, 'EAR_API_AUTH', 'The token is not known, or was revoked.');
  return { kind: 'token', name: identity.name, scopes: identity.scopes, datasets: identity.datasets ?? ALL_DATASETS, address: request.ip };
}

/** The caller, as the audit trail has whoever acts. */
export const actorOf = ({ kind, name, address }: Caller): Pick<AuditEvent, 'actor' | 'actorKind' | 'address'> => ({
  actor: name,
  ...(kind !== 'nobody' && { actorKind: kind }),
  ...(address !== undefined && { address }),
});

/** Throws an {@link ApiProblem} unless the caller has one of the scopes. */
export function demand(caller: Caller, scopes: readonly (Scope | `ingest:${string}`)[] | 'signed_in'): void {
  if (scopes === 'signed_in') return;
  if (caller.scopes.includes('admin') || scopes.some((scope) => caller.scopes.includes(scope))) return;
  const who = caller.kind === 'token' ? `The token ${caller.name}` : `${caller.name}, with the role ${caller.session?.user.role},`;
  throw new ApiProblem(403, 'EAR_API_SCOPE', `${who} lacks the scope ${scopes.join(' or ')}.`);
}

const DENIED_EVERY_MS = 60_000;
const REMEMBERED = 10_000;

/** Denied requests as audit events: one a minute for each address and reason, with how many there were, so that a flood cannot fill the store. */
export class DeniedAudit {
  readonly #seen = new Map<string, { at: number; more: number }>();
  readonly #onAudit: (event: AuditEvent) => void;
  readonly #now: () => number;

  constructor(onAudit: (event: AuditEvent) => void, now: () => number) {
    this.#onAudit = onAudit;
    this.#now = now;
  }

  denied(request: FastifyRequest, problem: ApiProblem, caller: Caller | undefined): void {
    const key = `${request.ip} ${problem.code} ${caller?.kind ?? ''} ${caller?.name ?? ''}`;
    const seen = this.#seen.get(key);
    const now = this.#now();
    if (seen !== undefined && now - seen.at < DENIED_EVERY_MS) {
      seen.more += 1;
      return;
    }
    if (this.#seen.size >= REMEMBERED) this.#seen.clear();
    this.#seen.set(key, { at: now, more: 0 });
    this.#onAudit({
      action: 'api_denied',
      category: ['authentication'],
      type: ['denied'],
      outcome: 'failure',
      ...(caller && actorOf(caller)),
      ...(request.ip !== '' && request.ip !== undefined && { address: request.ip }),
      message: `${request.method} ${pathOf(request)} was denied: ${problem.message}`,
      about: { path: pathOf(request), code: problem.code, more_since_last: seen?.more ?? 0 },
    });
  }
}

/** The path without its query, as searches may hold names of people; and without the link by which somebody answers: whoever reads it could. */
export const pathOf = ({ url = '' }: { readonly url?: string | undefined }): string =>
  (url.split('?', 1)[0] ?? '').replace(/^(\/+answer\/+).*/is, '$1…').slice(0, 200);
