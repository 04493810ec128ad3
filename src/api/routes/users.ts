import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { SessionInfo, User } from '../../store/state/accounts.ts';
import { iamEvent } from '../auth/iam-event.ts';
import { boundsOf } from '../auth/settings.ts';
import { SETUP_LINK_MS } from '../auth/setup-url.ts';
import { mayWork } from '../colleagues.ts';
import { colleaguesEndpoint } from '../contract/colleagues.ts';
import {
  changeUserEndpoint,
  createUserEndpoint,
  endUserSessionsEndpoint,
  inviteUserEndpoint,
  listUserSessionsEndpoint,
  listUsersEndpoint,
  removeUserEndpoint,
} from '../contract/users.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';

/** People and what they may do, for administrators. */
export function userRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { users, setupLinks } = deps.accounts;

  serve(app, access, listUsersEndpoint, async () => ({ users: (await users.list()).map(toJson) }));

  serve(app, access, createUserEndpoint, async ({ body, caller }) => {
    const { name, display_name: displayName, role, datasets } = body;
    const user = await users.create({ name, displayName, role, datasets });
    if (user === undefined) throw new ApiProblem(409, 'EAR_API_CONFLICT', `There is a user ${name} already.`);
    const link = await setupLinks.create(user.id, SETUP_LINK_MS);
    const message = `${caller.name} made the user ${name} (${role}) and a link for them`;
    deps.onAudit(iamEvent(caller, { action: 'user_create', type: ['user', 'creation'], target: name, message, about: { role, datasets } }));
    return { user: toJson(user), link: { code: link.code, expires_at: iso(link.expiresAt) } };
  });

  serve(app, access, changeUserEndpoint, async ({ params, body, caller }) => {
    const { display_name: displayName, role, datasets, disabled } = body;
    const changed = await users.change(params.id, {
      ...(displayName !== undefined && { displayName }),
      ...(role !== undefined && { role }),
      ...(datasets !== undefined && { datasets }),
      ...(disabled !== undefined && { disabled }),
    });
    if (!changed.ok) throw changed.error === 'not_found' ? noSuchUser() : lastAdmin();
    const { name } = changed.value;
    const what = Object.entries(body).map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(', ') || 'none' : value}`);
    const message = `${caller.name} changed the user ${name}: ${what.join('; ')}`;
    deps.onAudit(
      iamEvent(caller, { action: 'user_change', type: ['user', 'change'], target: name, message, about: JSON.parse(JSON.stringify(body)) }),
    );
    return toJson(changed.value);
  });

  serve(app, access, removeUserEndpoint, async ({ params, caller }) => {
    const removed = await users.remove(params.id);
    if (!removed.ok) throw removed.error === 'not_found' ? noSuchUser() : lastAdmin();
    const { name } = removed.value;
    const message = `${caller.name} removed the user ${name}`;
    deps.onAudit(iamEvent(caller, { action: 'user_remove', type: ['user', 'deletion'], target: name, message }));
    return { removed: name };
  });

  serve(app, access, inviteUserEndpoint, async ({ params, caller }) => {
    const user = await users.byId(params.id);
    if (user === undefined) throw noSuchUser();
    if (user.disabled) throw new ApiProblem(409, 'EAR_API_CONFLICT', `${user.name} is disabled: a link would let nobody in.`);
    // With a password of their own they could come in after the provider has put them out.
    if (user.fromProvider)
      throw new ApiProblem(409, 'EAR_API_CONFLICT', `${user.name} signs in through the provider: their password is there.`);
    const { code, expiresAt } = await setupLinks.create(user.id, SETUP_LINK_MS);
    const message = `${caller.name} made a link by which ${user.name} may choose a password`;
    deps.onAudit(iamEvent(caller, { action: 'user_invite', type: ['user', 'change'], target: user.name, message }));
    return { code, expires_at: iso(expiresAt) };
  });

  serve(app, access, colleaguesEndpoint, async () => ({
    colleagues: (await users.list()).filter(mayWork).map(({ name, displayName }) => ({ name, display_name: displayName })),
  }));

  userSessionRoutes(app, access, deps);
}

function userSessionRoutes(app: FastifyInstance, access: Access, { accounts, auth, onAudit }: ApiDeps): void {
  serve(app, access, listUserSessionsEndpoint, async ({ params }) => {
    if ((await accounts.users.byId(params.id)) === undefined) throw noSuchUser();
    return { sessions: (await accounts.sessions.list(params.id, boundsOf(auth()))).map(toSessionJson) };
  });

  serve(app, access, endUserSessionsEndpoint, async ({ params, caller }) => {
    const user = await accounts.users.byId(params.id);
    if (user === undefined) throw noSuchUser();
    const ended = await accounts.sessions.end(user.id, {});
    const message = `${caller.name} signed ${user.name} out everywhere`;
    onAudit(iamEvent(caller, { action: 'sessions_end', type: ['user', 'change'], target: user.name, message, about: { sessions: ended } }));
    return { ended };
  });
}

const noSuchUser = (): ApiProblem => new ApiProblem(404, 'EAR_API_NOT_FOUND', 'There is no such user.');
const lastAdmin = (): ApiProblem =>
  new ApiProblem(409, 'EAR_API_CONFLICT', 'This is the last administrator: make another one first, who has signed in.');

const toJson = (user: User): z.input<typeof changeUserEndpoint.answer> => ({
  id: user.id,
  name: user.name,
  display_name: user.displayName,
  role: user.role,
  datasets: [...user.datasets],
  state: user.disabled ? 'disabled' : user.hasPassword || user.fromProvider ? 'active' : 'invited',
  from_provider: user.fromProvider,
  created_at: iso(user.createdAt),
  ...(user.lastSignInAt !== undefined && { last_sign_in_at: iso(user.lastSignInAt) }),
});

export const toSessionJson = ({ id, way, address, agent, createdAt, usedAt }: SessionInfo) => ({
  id,
  way,
  address,
  agent,
  created_at: iso(createdAt),
  used_at: iso(usedAt),
});
