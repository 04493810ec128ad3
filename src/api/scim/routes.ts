import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ok, type Result } from '../../lib/result.ts';
import type { StoredGroup, StoredUser } from '../../store/state/people-tables.ts';
import { actorOf, type Caller } from '../caller.ts';
import type { ApiDeps } from '../deps.ts';
import { type ApiProblem, problemOf } from '../problem.ts';
import type { Access } from '../serve.ts';
import { MOST_RESULTS, RESOURCE_TYPES, SCHEMAS, SERVICE_PROVIDER_CONFIG } from './discovery.ts';
import { errorDocument, invalid, noSuch, ScimFault } from './fault.ts';
import { lookUpOf } from './filter.ts';
import { patchBody, patched } from './patch.ts';
import { groupJson, groupOf, locationOf, membersOf, patchedGroup, ROOT, userJson, userOf, wanted } from './resource.ts';

const MEDIA_TYPE = 'application/scim+json; charset=utf-8';
const BODY_LIMIT_BYTES = 2 * 1024 * 1024;
const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

const query = z.object({
  filter: z.string().max(1_000).optional(),
  startIndex: z.coerce.number().int().catch(1),
  count: z.coerce.number().int().catch(100),
  attributes: z.string().max(1_000).optional(),
  excludedAttributes: z.string().max(1_000).optional(),
});
type Query = z.output<typeof query>;

/**
 * The server side of SCIM 2.0 (RFC 7643, 7644), through which an identity provider keeps the directory up to date. A protocol of its own,
 * with its own forms of requests and errors; that is why it is not among the endpoints of the contract. A change counts for events within
 * five seconds: a provider sends thousands at once, and each would be a directory read anew.
 */
export function scimRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  void app.register(
    async (scim) => {
      const callers = new WeakMap<FastifyRequest, Caller>();
      const parse = scim.getDefaultJsonParser('error', 'error');
      scim.addContentTypeParser<string>('application/scim+json', { parseAs: 'string' }, (request, body, done) =>
        // Some name the type of a body that is not there.
        body === '' ? done(null, undefined) : parse(request, body, done),
      );
      scim.addHook('onRequest', async (request, reply) => {
        void reply.type(MEDIA_TYPE);
        callers.set(request, await access.admit(request, ['scim']));
      });
      writeFaults(scim, deps);
      const audit = (request: FastifyRequest, deed: Deed) => auditDeed(deps, callers.get(request), deed);
      userRoutes(scim, deps, audit);
      groupRoutes(scim, deps, audit);
      discoveryRoutes(scim);
      // Else the page would answer for it.
      scim.all('/*', () => {
        throw new ScimFault(404, 'There is nothing at this address.');
      });
    },
    { prefix: ROOT, bodyLimit: BODY_LIMIT_BYTES },
  );
}

type Audit = (request: FastifyRequest, deed: Deed) => void;

function userRoutes(app: FastifyInstance, { scim }: ApiDeps, audit: Audit): void {
  const done = (request: FastifyRequest, result: Result<StoredUser, string>): StoredUser => {
    if (result.ok) return result.value;
    throw result.error === 'taken' ? taken('userName') : noSuch('user', idOf(request));
  };

  app.get('/Users', async (request) => {
    const asked = query.parse(request.query);
    const { total, found } = await scim.users({ ...lookUpOf(asked.filter, 'userName'), ...pageOf(asked) });
    const resources = found.map((user) => userJson(user, request, wanted(asked)));
    return listOf(resources, total, asked);
  });

  app.get('/Users/:id', async (request) => {
    const user = await scim.user(idOf(request));
    if (user === undefined) throw noSuch('user', idOf(request));
    return userJson(user, request, wanted(query.parse(request.query)));
  });

  app.post('/Users', async (request, reply) => {
    const { keys, attributes } = userOf(request.body);
    const user = done(request, await scim.createUser(keys, attributes));
    audit(request, { action: 'scim_user_create', type: 'creation', about: aboutUser(user) });
    return created(reply, locationOf(request, 'Users', user.id), userJson(user, request, wanted({})));
  });

  app.put('/Users/:id', async (request) => {
    const wish = userOf(request.body);
    const user = done(request, await scim.changeUser(idOf(request), () => ok(wish)));
    audit(request, { action: 'scim_user_change', type: 'change', about: aboutUser(user) });
    return userJson(user, request, wanted({}));
  });

  app.patch('/Users/:id', async (request) => {
    const { Operations: operations } = checkedPatch(request.body);
    const change = ({ attributes }: StoredUser) => ok(userOf(patched(attributes, operations)));
    const user = done(request, await scim.changeUser(idOf(request), change));
    audit(request, { action: 'scim_user_change', type: 'change', about: aboutUser(user) });
    return userJson(user, request, wanted(query.parse(request.query)));
  });

  app.delete('/Users/:id', async (request, reply) => {
    const user = await scim.user(idOf(request));
    if (user === undefined || !(await scim.deleteUser(user.id))) throw noSuch('user', idOf(request));
    audit(request, { action: 'scim_user_delete', type: 'deletion', about: aboutUser(user) });
    return reply.code(204).send();
  });
}

function groupRoutes(app: FastifyInstance, { scim }: ApiDeps, audit: Audit): void {
  const done = (request: FastifyRequest, result: Result<StoredGroup, string>): StoredGroup => {
    if (result.ok) return result.value;
    if (result.error === 'no_such_member') throw invalid('members: one of them is no user of this directory');
    throw result.error === 'taken' ? taken('displayName') : noSuch('group', idOf(request));
  };

  app.get('/Groups', async (request) => {
    const asked = query.parse(request.query);
    const which = wanted(asked);
    const withMembers = !which.not.has('members') && (which.only?.has('members') ?? true);
    const { total, found } = await scim.groups({ ...lookUpOf(asked.filter, 'displayName'), ...pageOf(asked), withMembers });
    const resources = found.map((group) => groupJson(group, request, which));
    return listOf(resources, total, asked);
  });

  app.get('/Groups/:id', async (request) => {
    const group = await scim.group(idOf(request));
    if (group === undefined) throw noSuch('group', idOf(request));
    return groupJson(group, request, wanted(query.parse(request.query)));
  });

  app.post('/Groups', async (request, reply) => {
    const group = done(request, await scim.createGroup({ ...groupOf(request.body), members: { set: sentMembers(request.body) } }));
    audit(request, { action: 'scim_group_create', type: 'creation', about: aboutGroup(group) });
    return created(reply, locationOf(request, 'Groups', group.id), groupJson(group, request, wanted({})));
  });

  app.put('/Groups/:id', async (request) => {
    const wish = { ...groupOf(request.body), members: { set: sentMembers(request.body) } };
    const group = done(request, await scim.changeGroup(idOf(request), () => ok(wish)));
    audit(request, { action: 'scim_group_change', type: 'change', about: aboutGroup(group) });
    return groupJson(group, request, wanted({}));
  });

  app.patch('/Groups/:id', async (request, reply) => {
    const { Operations: operations } = checkedPatch(request.body);
    const group = done(request, await scim.changeGroup(idOf(request), (before) => ok(patchedGroup(before, operations))));
    audit(request, { action: 'scim_group_change', type: 'change', about: aboutGroup(group) });
    // Groups may be large, and no provider reads the answer.
    return reply.code(204).send();
  });

  app.delete('/Groups/:id', async (request, reply) => {
    const group = await scim.group(idOf(request));
    if (group === undefined || !(await scim.deleteGroup(group.id))) throw noSuch('group', idOf(request));
    audit(request, { action: 'scim_group_delete', type: 'deletion', about: aboutGroup(group) });
    return reply.code(204).send();
  });
}

function discoveryRoutes(app: FastifyInstance): void {
  const one = <T extends { readonly id: string }>(all: readonly T[], id: string): T => {
    const found = all.find((each) => each.id === id);
    if (found === undefined) throw noSuch('description of', id);
    return found;
  };
  const whole = (resources: readonly object[]) => listOf(resources, resources.length, query.parse({}));
  app.get('/ServiceProviderConfig', async () => SERVICE_PROVIDER_CONFIG);
  app.get('/ResourceTypes', async () => whole(RESOURCE_TYPES));
  app.get('/ResourceTypes/:id', async (request) => one(RESOURCE_TYPES, idOf(request)));
  app.get('/Schemas', async () => whole(SCHEMAS));
  app.get('/Schemas/:id', async (request) => one(SCHEMAS, idOf(request)));
}

function writeFaults(app: FastifyInstance, { telemetry }: ApiDeps): void {
  app.setErrorHandler((error, request, reply) => {
    void reply.type(MEDIA_TYPE);
    if (error instanceof ScimFault) return reply.code(error.status).send(errorDocument(error.status, error.message, error.scimType));
    const known: ApiProblem | undefined = problemOf(error);
    if (known === undefined)
      telemetry.log('error', 'a SCIM request failed', { request: request.id, error: error instanceof Error ? error.stack : String(error) });
    const status = known?.status ?? 500;
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (known?.retryAfterSecs !== undefined) void reply.header('retry-after', `${known.retryAfterSecs}`);
    const isSyntax = status === 400 || status === 415;
    return reply
      .code(status)
      .send(errorDocument(status, known?.message ?? 'The request could not be done.', isSyntax ? 'invalidSyntax' : undefined));
  });
}

const idOf = (request: FastifyRequest): string => z.object({ id: z.string() }).parse(request.params).id;

/** Counted from 1; what is out of range is brought into it (RFC 7644, section 3.4.2.4). */
const pageOf = ({ startIndex, count }: Query) => ({
  offset: Math.max(startIndex, 1) - 1,
  limit: Math.min(Math.max(count, 0), MOST_RESULTS),
});

const listOf = (resources: readonly object[], totalResults: number, asked: Query) => ({
  schemas: [LIST_SCHEMA],
  totalResults,
  startIndex: Math.max(asked.startIndex, 1),
  itemsPerPage: resources.length,
  Resources: resources,
});

const created = (reply: FastifyReply, location: string, resource: object) => reply.code(201).header('location', location).send(resource);

const taken = (attribute: string): ScimFault => new ScimFault(409, `Another has this ${attribute}.`, 'uniqueness');

function checkedPatch(body: unknown): z.output<typeof patchBody> {
  const parsed = patchBody.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid('Operations: write [{"op": "add" | "replace" | "remove", "path": …, "value": …}]', 'invalidSyntax');
}

const sentMembers = (body: unknown): string[] => {
  const members = z.object({ members: z.unknown() }).safeParse(body).data?.members;
  return members === undefined || members === null ? [] : membersOf(members);
};

interface Deed {
  readonly action: string;
  readonly type: 'creation' | 'change' | 'deletion';
  readonly about: Readonly<Record<string, string | boolean>>;
}

const aboutUser = ({ id, attributes }: StoredUser) => ({
  person: id,
  name: String(attributes.userName ?? ''),
  active: attributes.active !== false,
});
const aboutGroup = ({ id, attributes }: StoredGroup) => ({ group: id, name: String(attributes.displayName ?? '') });

function auditDeed({ onAudit }: ApiDeps, caller: Caller | undefined, { action, type, about }: Deed): void {
  const actor = caller?.name ?? 'nobody';
  onAudit({
    action,
    category: ['iam'],
    type: ['person' in about ? 'user' : 'group', type],
    outcome: 'success',
    ...(caller === undefined ? { actor } : actorOf(caller)),
    message: `${actor}: ${action.replaceAll('_', ' ')} ${about.name}`,
    about,
  });
}
