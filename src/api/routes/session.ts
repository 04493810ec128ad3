import type { FastifyInstance } from 'fastify';
import { clearSessionCookie } from '../auth/cookies.ts';
import { type Passwords, passwordFault } from '../auth/passwords.ts';
import { type SignIn, toSession } from '../auth/sign-in.ts';
import { actorOf } from '../caller.ts';
import { sessionEndpoint, signInEndpoint, signInWaysEndpoint, signOutEndpoint } from '../contract/session.ts';
import { acceptSetupEndpoint, lookSetupEndpoint } from '../contract/setup.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { sessionOf } from './account.ts';

export interface SignInParts {
  readonly signIn: SignIn;
  readonly passwords: Passwords;
}

/** Coming in and going out. */
export function sessionRoutes(app: FastifyInstance, access: Access, deps: ApiDeps, { signIn, passwords }: SignInParts): void {
  const { accounts, version, onAudit } = deps;

  serve(app, access, sessionEndpoint, async ({ caller }) => toSession(caller, version));

  serve(app, access, signInWaysEndpoint, async () => {
    const { oidc } = deps.auth();
    return { setup: !(await accounts.users.any()), ...(oidc !== false && { oidc: oidc.label }) };
  });

  serve(app, access, signInEndpoint, async ({ body, request, reply }) => signIn.byPassword({ request, reply }, body.name, body.password));

  serve(app, access, signOutEndpoint, async ({ body, caller, request, reply }) => {
    const session = sessionOf(caller);
    const ended = await accounts.sessions.end(session.user.id, body.everywhere ? {} : { id: session.id });
    clearSessionCookie(request, reply);
    onAudit({
      action: 'sign_out',
      category: ['authentication'],
      type: ['end'],
      outcome: 'success',
      ...actorOf(caller),
      message: `${caller.name} signed out${body.everywhere ? ' everywhere' : ''}`,
      about: { everywhere: body.everywhere, sessions: ended },
    });
    return { ended };
  });

  serve(app, access, lookSetupEndpoint, async ({ body }) => {
    const found = await accounts.setupLinks.look(body.code);
    if (found === undefined) throw noSuchLink();
    if (found === 'first') return { first: true, reset: false };
    return { first: false, reset: found.hasPassword, name: found.name, display_name: found.displayName };
  });

  serve(app, access, acceptSetupEndpoint, async ({ body, request, reply }) => {
    const found = await accounts.setupLinks.look(body.code);
    if (found === undefined) throw noSuchLink();
    const { name, displayName } =
      found === 'first'
        ? { name: body.name ?? '', displayName: body.display_name ?? '' }
        : { name: found.name, displayName: found.displayName };
    if (name === '') throw inputProblem('body.name', 'choose a name');
    const fault = passwordFault(body.password, [name, displayName]);
    if (fault !== undefined) throw inputProblem('body.password', fault);
    const hash = await passwords.hash(body.password);
    const user =
      found === 'first'
        ? await accounts.setupLinks.acceptFirst(body.code, { name, displayName }, hash)
        : await accounts.setupLinks.accept(body.code, hash);
    if (user === undefined) throw noSuchLink();
    onAudit({
      action: found === 'first' ? 'user_create' : 'password_set',
      category: ['iam'],
      type: found === 'first' ? ['user', 'creation'] : ['user', 'change'],
      outcome: 'success',
      actor: user.name,
      actorKind: 'user',
      target: user.name,
      address: request.ip,
      message: found === 'first' ? `${user.name} made the first account` : `${user.name} chose a password by a link`,
    });
    return signIn.open({ request, reply }, user, 'link');
  });
}

const noSuchLink = (): ApiProblem => new ApiProblem(404, 'EAR_ACCESS_LINK', 'The link is not known, was used, or is too old.');
