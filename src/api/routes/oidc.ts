import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { User } from '../../store/state/accounts.ts';
import { clearCookie, readCookie, setCookie } from '../auth/cookies.ts';
import { detailOf, type FromProvider, OIDC_WAIT_MS, Oidc } from '../auth/oidc.ts';
import type { OidcSettings } from '../auth/settings.ts';
import type { SignIn } from '../auth/sign-in.ts';
import { finishOidcEndpoint, type OidcFaultKind, startOidcEndpoint } from '../contract/oidc.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';

const COOKIE = 'earshot_oidc';
/** Lax: the provider, another site, leads back here, and the cookie has to come along. It is good for nothing but that. */
const COOKIE_OPTIONS = { maxAgeSecs: OIDC_WAIT_MS / 1000, sameSite: 'lax' } as const;

/** Signing in through an OpenID provider. */
export function oidcRoutes(app: FastifyInstance, access: Access, deps: ApiDeps, signIn: SignIn): void {
  const oidc = new Oidc(deps.now);
  const redirectUri = () => `${deps.pageUrl()}${finishOidcEndpoint.path}`;

  serve(app, access, startOidcEndpoint, async ({ query, request, reply }) => {
    try {
      const { key, url } = await oidc.begin(settingsOf(deps), redirectUri(), query.to);
      setCookie(request, reply, COOKIE, key, COOKIE_OPTIONS);
      return leadTo(reply, url.href);
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      deps.telemetry.log('error', 'the OpenID provider cannot be asked', { error: detailOf(error) });
      return leadTo(reply, faultUrl('unreachable'));
    }
  });

  serve(app, access, finishOidcEndpoint, async ({ request, reply }) => {
    const settings = settingsOf(deps);
    const key = readCookie(request, COOKIE);
    clearCookie(request, reply, COOKIE, 'lax');
    const callback = new URL(redirectUri());
    callback.search = /\?.*$/s.exec(request.url)?.[0] ?? '';
    const finished = await oidc.finish(settings, key, callback);
    if (!finished.ok) return refuse(deps, request, reply, finished.error.kind, finished.error.detail);
    const user = await admitted(deps, request, finished.value);
    if (typeof user === 'string') return refuse(deps, request, reply, user, finished.value.user.name);
    await signIn.open({ request, reply }, user, 'provider');
    return leadTo(reply, finished.value.to);
  });
}

function settingsOf({ auth }: ApiDeps): OidcSettings {
  const { oidc } = auth();
  if (oidc === false) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'No OpenID provider is configured (auth.oidc).');
  return oidc;
}

/** The account of who the provider vouches for; made at their first sign-in. */
async function admitted(deps: ApiDeps, request: FastifyRequest, { subject, user }: FromProvider): Promise<User | OidcFaultKind> {
  const found = await deps.accounts.users.fromProvider(subject, user);
  if (!found.ok) return found.error;
  const { after, before } = found.value;
  const what = before === undefined ? 'user_create' : 'user_change';
  if (before === undefined || before.role !== after.role || before.datasets.join() !== after.datasets.join())
    deps.onAudit({
      action: what,
      category: ['iam'],
      type: ['user', before === undefined ? 'creation' : 'change'],
      outcome: 'success',
      target: after.name,
      address: request.ip,
      message: `the OpenID provider's groups made ${after.name} ${after.role}`,
      about: { role: after.role, datasets: [...after.datasets], subject },
    });
  return after.disabled ? 'disabled' : after;
}

function refuse(deps: ApiDeps, request: FastifyRequest, reply: FastifyReply, kind: OidcFaultKind, detail: string): '' {
  deps.onAudit({
    action: 'sign_in',
    category: ['authentication'],
    type: ['start'],
    outcome: 'failure',
    address: request.ip,
    message: `a sign-in through the OpenID provider was refused: ${kind}`,
    about: { way: 'provider', reason: kind, detail },
  });
  return leadTo(reply, faultUrl(kind));
}

const faultUrl = (kind: OidcFaultKind): string => `/?sign_in=${kind}`;

function leadTo(reply: FastifyReply, address: string): '' {
  reply.code(303).header('location', address).type('text/plain');
  return '';
}
