import type { FastifyInstance } from 'fastify';
import { iamEvent } from '../auth/iam-event.ts';
import { passwordFault } from '../auth/passwords.ts';
import { boundsOf } from '../auth/settings.ts';
import type { Caller, SignedIn } from '../caller.ts';
import { accountEndpoint, changePasswordEndpoint, endSessionEndpoint } from '../contract/account.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import type { SignInParts } from './session.ts';
import { toSessionJson } from './users.ts';

/** What people do with their own account. */
export function accountRoutes(app: FastifyInstance, access: Access, deps: ApiDeps, { signIn, passwords }: SignInParts): void {
  const { accounts, auth, onAudit } = deps;

  serve(app, access, accountEndpoint, async ({ caller }) => {
    const { id, user } = sessionOf(caller);
    const sessions = await accounts.sessions.list(user.id, boundsOf(auth()));
    return {
      name: user.name,
      display_name: user.displayName,
      role: user.role,
      datasets: [...user.datasets],
      has_password: user.hasPassword,
      created_at: iso(user.createdAt),
      sessions: sessions.map((session) => ({ ...toSessionJson(session), current: session.id === id })),
    };
  });

  serve(app, access, changePasswordEndpoint, async ({ body, caller, request }) => {
    const { id, user } = sessionOf(caller);
    if (!user.hasPassword) throw new ApiProblem(409, 'EAR_API_CONFLICT', 'This account has no password: it signs in through the provider.');
    const fault = passwordFault(body.password, [user.name, user.displayName]);
    if (fault !== undefined) throw inputProblem('body.password', fault);
    await signIn.check(request, user.name, body.current);
    await accounts.users.setPassword(user.id, await passwords.hash(body.password));
    const ended = await accounts.sessions.end(user.id, { except: id });
    const message = `${user.name} changed their password`;
    onAudit(
      iamEvent(caller, { action: 'password_change', type: ['user', 'change'], target: user.name, message, about: { sessions: ended } }),
    );
    return { ended };
  });

  serve(app, access, endSessionEndpoint, async ({ params, caller }) => {
    const { user } = sessionOf(caller);
    const ended = await accounts.sessions.end(user.id, { id: params.id });
    if (ended === 0) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'You have no such session: it may have ended.');
    const message = `${user.name} ended one of their sessions`;
    onAudit(iamEvent(caller, { action: 'sessions_end', type: ['user', 'change'], target: user.name, message, about: { sessions: ended } }));
    return { ended };
  });
}

export function sessionOf({ session }: Caller): SignedIn {
  if (session === undefined)
    throw new ApiProblem(409, 'EAR_API_CONFLICT', 'This is for who has signed in: a token has no account and no session.');
  return session;
}
