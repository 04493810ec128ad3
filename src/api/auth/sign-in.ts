import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AuditEvent } from '../../model/audit.ts';
import type { SessionInfo, User } from '../../store/state/accounts.ts';
import { type Caller, callerOf, DeniedAudit } from '../caller.ts';
import { SCOPES, SCOPES_OF_ROLE } from '../contract/endpoint.ts';
import type { session } from '../contract/session.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { csrfTokenOf, readSessionCookie, setSessionCookie } from './cookies.ts';
import type { Passwords } from './passwords.ts';
import { boundsOf } from './settings.ts';
import { addressGroup, type SignInThrottle } from './throttle.ts';

type Session = z.input<typeof session>;

/** Over which way somebody comes in, and what is to be written of it. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Lets people in: checks the password, opens a session, gives the cookie. */
export class SignIn {
  readonly #deps: ApiDeps;
  readonly #passwords: Passwords;
  readonly #throttle: SignInThrottle;
  readonly #throttled: DeniedAudit;

  constructor(deps: ApiDeps, passwords: Passwords, throttle: SignInThrottle) {
    this.#deps = deps;
    this.#passwords = passwords;
    this.#throttle = throttle;
    this.#throttled = new DeniedAudit(deps.onAudit, deps.now);
  }

  /** Throws an {@link ApiProblem} 401 that does not say which of the two is wrong, 429 for too many attempts. */
  async byPassword(exchange: Exchange, name: string, password: string): Promise<Session> {
    return this.open(exchange, await this.check(exchange.request, name, password), 'password');
  }

  /** The user whose password it is. Throws as {@link SignIn.byPassword}. */
  async check(request: FastifyRequest, name: string, password: string): Promise<User> {
    const { ip } = request;
    const credentials = await this.#deps.accounts.users.credentials(name, addressGroup(ip));
    const attempt = this.#throttle.attempt(name, addressGroup(ip), credentials?.known === true);
    if (typeof attempt === 'number') throw this.#tooMany(request, attempt);
    const matches = await this.#passwords.verify(password, credentials?.password);
    if (credentials === undefined || !matches || credentials.user.disabled) {
      this.#audit('failure', ip, 'password', credentials?.user.name);
      throw new ApiProblem(401, 'EAR_ACCESS_SIGN_IN', 'Name and password do not go together.');
    }
    attempt.succeeded();
    return credentials.user;
  }

  /** Opens a session for who has proven who they are. One that the browser had before ends: a session is never taken over into another. */
  async open({ request, reply }: Exchange, user: User, way: SessionInfo['way']): Promise<Session> {
    const { accounts, auth } = this.#deps;
    const bounds = boundsOf(auth());
    const earlier = readSessionCookie(request);
    const before = earlier === undefined ? undefined : await accounts.sessions.find(earlier, bounds);
    if (before !== undefined) await accounts.sessions.end(before.user.id, { id: before.id });
    const opened = await accounts.sessions.open(user.id, { way, address: request.ip, agent: request.headers['user-agent'] ?? '' });
    await accounts.users.signedIn(user.id, addressGroup(request.ip));
    setSessionCookie(request, reply, opened.token, bounds.mostMs / 1000);
    this.#audit('success', request.ip, way, user.name);
    return toSession(callerOf({ ...opened, user }, request.ip), this.#deps.version);
  }

  #tooMany(request: FastifyRequest, waitMs: number): ApiProblem {
    const seconds = Math.ceil(waitMs / 1000);
    const problem = new ApiProblem(429, 'EAR_ACCESS_THROTTLED', `Too many attempts. The next one is in ${seconds} s.`, {}, seconds);
    this.#throttled.denied(request, problem, undefined);
    return problem;
  }

  #audit(outcome: AuditEvent['outcome'], address: string, way: SessionInfo['way'], name: string | undefined): void {
    this.#deps.onAudit({
      action: 'sign_in',
      category: ['authentication'],
      type: ['start'],
      outcome,
      // A name that nobody has is not kept: it may be a password, typed into the wrong field.
      ...(name !== undefined && { actor: name, actorKind: 'user' }),
      address,
      message: `${name ?? 'somebody with a name that nobody has'} ${outcome === 'success' ? 'signed in' : 'could not sign in'}`,
      about: { way },
    });
  }
}

/** What the page needs to know of who asks. */
export const toSession = ({ name, scopes, datasets, session }: Caller, version: string): Session => ({
  name,
  display_name: session?.user.displayName || name,
  ...(session !== undefined && { role: session.user.role }),
  scopes: session === undefined ? SCOPES.filter((scope) => scopes.includes(scope)) : [...SCOPES_OF_ROLE[session.user.role]],
  datasets: [...datasets],
  csrf_token: session === undefined ? '' : csrfTokenOf(session.token),
  version,
});
