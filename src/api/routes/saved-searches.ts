import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { MOST_SAVED_SEARCHES, type SavedSearch, type SavedSearchContent } from '../../store/state/saved-searches.ts';
import { actorOf, type Caller, demand } from '../caller.ts';
import {
  changeSavedSearchEndpoint,
  createSavedSearchEndpoint,
  deleteSavedSearchEndpoint,
  listSavedSearchesEndpoint,
  type savedSearch,
} from '../contract/saved-searches.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';

export function savedSearchRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { savedSearches } = deps;

  /** One that the caller may change. Another's that is not for all is not there for them. */
  const changeable = async (id: string, caller: Caller): Promise<SavedSearch> => {
    const found = await savedSearches.get(id);
    const own = found?.owner === keyOf(caller);
    if (found === undefined || !(own || found.shared)) throw notFound(id);
    if (found.shared) demand(caller, ['lists:write']);
    return found;
  };

  serve(app, access, listSavedSearchesEndpoint, async ({ caller }) => ({
    searches: (await savedSearches.list(keyOf(caller))).map((search) => toJson(search, caller)),
  }));

  serve(app, access, createSavedSearchEndpoint, async ({ body, caller }) => {
    if (body.shared) demand(caller, ['lists:write']);
    const created = await savedSearches.create({ key: keyOf(caller), name: caller.name }, contentOf(body));
    if (!created.ok) {
      throw created.error === 'taken'
        ? taken(body.name)
        : new ApiProblem(409, 'EAR_API_CONFLICT', `You have ${MOST_SAVED_SEARCHES} saved searches: delete one first.`);
    }
    auditChange(deps, caller, 'save', created.value);
    return toJson(created.value, caller);
  });

  serve(app, access, changeSavedSearchEndpoint, async ({ params, body, caller }) => {
    await changeable(params.id, caller);
    if (body.shared) demand(caller, ['lists:write']);
    const changed = await savedSearches.change(params.id, contentOf(body));
    if (!changed.ok) throw changed.error === 'taken' ? taken(body.name) : notFound(params.id);
    auditChange(deps, caller, 'change', changed.value);
    return toJson(changed.value, caller);
  });

  serve(app, access, deleteSavedSearchEndpoint, async ({ params, caller }) => {
    const search = await changeable(params.id, caller);
    if (!(await savedSearches.delete(params.id))) throw notFound(params.id);
    auditChange(deps, caller, 'delete', search);
    return { deleted: true as const };
  });
}

/** Names of users change, their ids do not. */
const keyOf = ({ kind, name, session }: Caller): string => (session === undefined ? `${kind}:${name}` : `user:${session.user.id}`);

const notFound = (id: string) => new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no saved search ${id.slice(0, 100)}.`);
const taken = (name: string) => new ApiProblem(409, 'EAR_API_CONFLICT', `There is a saved search "${name}" already.`);

const contentOf = ({ q, ...body }: z.output<(typeof createSavedSearchEndpoint)['body']>): SavedSearchContent => ({ ...body, query: q });

function toJson(search: SavedSearch, caller: Caller): z.input<typeof savedSearch> {
  const { id, name, query: q, from, to, columns, shared, ownerName, createdAt, changedAt } = search;
  const own = search.owner === keyOf(caller);
  return {
    id,
    name,
    q,
    from,
    to,
    columns: [...columns],
    shared,
    owner: ownerName,
    own,
    created_at: iso(createdAt),
    changed_at: iso(changedAt),
  };
}

function auditChange(
  { onAudit }: ApiDeps,
  caller: Caller,
  change: 'save' | 'change' | 'delete',
  { id, name, query, shared }: SavedSearch,
): void {
  onAudit({
    action: `saved_search_${change}`,
    category: ['configuration'],
    type: [change === 'save' ? 'creation' : change === 'change' ? 'change' : 'deletion'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name}: ${change} the search "${name}"${shared ? ' of all' : ''}`,
    about: { saved_search: id, query, shared },
  });
}
