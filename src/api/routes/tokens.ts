import type { FastifyInstance } from 'fastify';
import { iamEvent } from '../auth/iam-event.ts';
import { createTokenEndpoint, listTokensEndpoint, revokeTokenEndpoint } from '../contract/tokens.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';

/** Tokens of the API, for administrators. */
export function tokenRoutes(app: FastifyInstance, access: Access, { tokens, onAudit }: ApiDeps): void {
  serve(app, access, listTokensEndpoint, async () => ({
    tokens: (await tokens.list()).map(({ id, name, scopes, datasets, createdAt, lastUsedAt }) => ({
      id,
      name,
      scopes: [...scopes],
      ...(datasets !== undefined && { datasets: [...datasets] }),
      created_at: iso(createdAt),
      ...(lastUsedAt !== undefined && { last_used_at: iso(lastUsedAt) }),
    })),
  }));

  serve(app, access, createTokenEndpoint, async ({ body: { name, scopes, datasets }, caller }) => {
    const created = await tokens.create({ name, scopes, ...(datasets !== undefined && { datasets }) });
    if (created === undefined) throw new ApiProblem(409, 'EAR_API_CONFLICT', `There is a token ${name} already.`);
    const message = `${caller.name} made the token ${name}, for ${scopes.join(', ')}${datasets === undefined ? '' : ` on ${datasets.join(', ')}`}`;
    const about = { token: name, scopes, ...(datasets !== undefined && { datasets }) };
    onAudit(iamEvent(caller, { action: 'token_create', type: ['creation'], message, about }));
    return created;
  });

  serve(app, access, revokeTokenEndpoint, async ({ params: { name }, caller }) => {
    if (!(await tokens.revoke(name))) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no token ${name.slice(0, 100)}.`);
    onAudit(
      iamEvent(caller, {
        action: 'token_revoke',
        type: ['deletion'],
        message: `${caller.name} revoked the token ${name}`,
        about: { token: name },
      }),
    );
    return { revoked: name };
  });
}
