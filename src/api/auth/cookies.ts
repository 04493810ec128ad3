import { createHmac, timingSafeEqual } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem } from '../problem.ts';

/** Only those who ask for cookies have them read: most requests are a sender's or a program's. */
export const useCookies = (app: FastifyInstance): void => void app.register(fastifyCookie, { hook: false });

/** Over TLS, as the hub's own or a trusted proxy's: cookies are then for TLS alone. */
const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

/** `__Host-` (RFC 6265bis): set over TLS, for this host alone and all of it; another host of the domain cannot plant it. */
const nameOf = (request: FastifyRequest, name: string): string => (isSecure(request) ? `__Host-${name}` : name);

const SESSION = 'earshot_session';

export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const { cookie } = request.headers;
  return cookie === undefined ? undefined : request.server.parseCookie(cookie)[nameOf(request, name)];
}

interface CookieOptions {
  readonly maxAgeSecs: number;
  /** `lax`: also comes along when another site leads here. */
  readonly sameSite: 'strict' | 'lax';
}

export function setCookie(request: FastifyRequest, reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const { maxAgeSecs: maxAge, sameSite } = options;
  const text = request.server.serializeCookie(nameOf(request, name), value, {
    path: '/',
    httpOnly: true,
    secure: isSecure(request),
    sameSite,
    maxAge,
  });
  reply.raw.appendHeader('set-cookie', text);
}

export const readSessionCookie = (request: FastifyRequest): string | undefined => readCookie(request, SESSION);

/**
 * Strict, also for who comes from an OpenID provider or a link in a chat: the page itself needs no cookie, and what it then asks is asked
 * from its own site.
 */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, maxAgeSecs: number): void {
  setCookie(request, reply, SESSION, token, { maxAgeSecs, sameSite: 'strict' });
}

export const clearCookie = (request: FastifyRequest, reply: FastifyReply, name: string, sameSite: CookieOptions['sameSite']): void =>
  setCookie(request, reply, name, '', { maxAgeSecs: 0, sameSite });

export const clearSessionCookie = (request: FastifyRequest, reply: FastifyReply): void => clearCookie(request, reply, SESSION, 'strict');

/** Bound to the session: who cannot read the cookie cannot make it, and it ends with the session. */
export const csrfTokenOf = (sessionToken: string): string => createHmac('sha256', sessionToken).update('csrf').digest('base64url');

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses a change that another site had a browser ask for. `sessionToken`: where a cookie is what counts. Throws an {@link ApiProblem}. */
export function refuseForgery(request: FastifyRequest, sessionToken: string | undefined): void {
  if (READS.has(request.method)) return;
  const { 'sec-fetch-site': site, origin, 'x-csrf-token': given } = request.headers;
  // What the browser itself says counts more than the origin, whose host a proxy may have renamed.
  const foreign = site === undefined ? origin !== undefined && !isOwn(origin, request.host) : site !== 'same-origin' && site !== 'none';
  if (foreign) throw new ApiProblem(403, 'EAR_ACCESS_FORGERY', 'The request comes from another site.');
  if (sessionToken === undefined) return;
  const wanted = Buffer.from(csrfTokenOf(sessionToken));
  const token = Buffer.from(typeof given === 'string' ? given : '');
  if (token.length !== wanted.length || !timingSafeEqual(token, wanted))
    throw new ApiProblem(403, 'EAR_ACCESS_FORGERY', 'The request has no x-csrf-token of this session.');
}

/** By host and port: a proxy that ends TLS changes the scheme. */
const isOwn = (origin: string, host: string): boolean => URL.canParse(origin) && new URL(origin).host === host;
