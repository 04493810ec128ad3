import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { fieldsFault, MOST_ENTRIES, MOST_PATTERNS } from '../../lists/list-file.ts';
import { listValue } from '../../lists/list-value.ts';
import type { ListEntry, NamedList } from '../../model/named-list.ts';
import { actorOf, type Caller } from '../caller.ts';
import {
  createListEndpoint,
  deleteEntryEndpoint,
  deleteListEndpoint,
  describeListEndpoint,
  listListsEndpoint,
  oneListEndpoint,
  putEntriesEndpoint,
} from '../contract/lists.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { filterTime, iso } from '../time-range.ts';

export function listRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { lists, lookUps, now } = deps;

  const listOf = (name: string): NamedList => {
    const list = lookUps.tables.lists.find((each) => each.name === name);
    if (list === undefined) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no list ${name}.`);
    return list;
  };
  const ownList = (name: string): NamedList => {
    const list = listOf(name);
    if (list.file === undefined) return list;
    throw new ApiProblem(409, 'EAR_API_CONFLICT', `The list ${name} is read from ${list.file}: change it there.`);
  };
  /** The change counts when this is over: for every event that comes in from then on. */
  const changed = async (caller: Caller, list: string, what: string, about: Record<string, string | number>) => {
    auditChange(deps, caller, list, what, about);
    await lookUps.refresh();
  };

  serve(app, access, listListsEndpoint, async () => ({
    lists: lookUps.tables.lists.map((list) => toJson(list, now())),
    faults: lookUps.faults.map((fault) => ({ ...fault })),
  }));

  serve(app, access, oneListEndpoint, async ({ params, query }) => {
    const list = listOf(params.name);
    const wanted = query.q.toLowerCase();
    const found = list.entries.filter(({ value, reason, author }) => `${value}\n${reason}\n${author}`.toLowerCase().includes(wanted));
    const end = query.cursor + query.limit;
    return {
      ...toJson(list, now()),
      found: found.length,
      page: found.slice(query.cursor, end).map((entry) => entryJson(entry, now())),
      ...(end < found.length && { cursor: `${end}` }),
    };
  });

  serve(app, access, createListEndpoint, async ({ body, caller }) => {
    const fault = fieldsFault(body.kind, body.fields);
    if (fault !== undefined) throw inputProblem('body.fields', fault);
    const isFree = !lookUps.tables.lists.some(({ name }) => name === body.name);
    if (!isFree || !(await lists.create({ ...body, author: caller.name })))
      throw new ApiProblem(409, 'EAR_API_CONFLICT', `There is a list ${body.name} already.`);
    await changed(caller, body.name, 'list_create', { kind: body.kind, reason: body.reason });
    return toJson(listOf(body.name), now());
  });

  serve(app, access, describeListEndpoint, async ({ params, body, caller }) => {
    ownList(params.name);
    await lists.describe(params.name, body.reason);
    await changed(caller, params.name, 'list_change', { reason: body.reason });
    return toJson(listOf(params.name), now());
  });

  serve(app, access, deleteListEndpoint, async ({ params, caller }) => {
    const { entries } = ownList(params.name);
    await lists.delete(params.name);
    await changed(caller, params.name, 'list_delete', { entries: entries.length });
    return { deleted: params.name };
  });

  serve(app, access, putEntriesEndpoint, async ({ params, body, caller }) => {
    const { kind } = ownList(params.name);
    const expiresAt = filterTime('from', body.expires, now());
    if (expiresAt !== undefined && expiresAt <= now()) throw inputProblem('body.expires', 'it is over already');
    const common = { reason: body.reason, author: caller.name, ...(expiresAt !== undefined && { expiresAt }) };
    const entries = body.values.map((text, i) => {
      const value = listValue(kind, text);
      if (!value.ok) throw inputProblem(`body.values[${i}]`, value.error);
      return { value: value.value, ...common };
    });
    const most = kind === 'user_agent' ? MOST_PATTERNS : MOST_ENTRIES;
    const done = await lists.put(params.name, entries, most);
    if (done === 'full') throw new ApiProblem(409, 'EAR_API_CONFLICT', `The list ${params.name} would have more than ${most} entries.`);
    const values = entries.map(({ value }) => value);
    await changed(caller, params.name, 'list_entries_add', {
      values: values.slice(0, 100).join(' '),
      count: values.length,
      reason: body.reason,
      ...(expiresAt !== undefined && { expires: iso(expiresAt) }),
    });
    return toJson(listOf(params.name), now());
  });

  serve(app, access, deleteEntryEndpoint, async ({ params, query, caller }) => {
    ownList(params.name);
    if (!(await lists.remove(params.name, query.value)))
      throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `${query.value} is not on the list ${params.name}.`);
    await changed(caller, params.name, 'list_entry_remove', { values: query.value });
    return toJson(listOf(params.name), now());
  });
}

const isExpired = ({ expiresAt }: ListEntry, now: number): boolean => expiresAt !== undefined && expiresAt <= now;

function toJson(list: NamedList, now: number): z.input<typeof createListEndpoint.answer> {
  const { name, kind, reason, author, createdAt, fields, file, entries } = list;
  return {
    name,
    kind,
    reason,
    author,
    created_at: iso(createdAt),
    fields: [...fields],
    ...(file !== undefined && { file }),
    entries: entries.length,
    expired: entries.filter((entry) => isExpired(entry, now)).length,
  };
}

function entryJson(entry: ListEntry, now: number): z.input<typeof oneListEndpoint.answer>['page'][number] {
  const { value, reason, author, createdAt, expiresAt } = entry;
  return {
    value,
    reason,
    author,
    created_at: iso(createdAt),
    ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
    expired: isExpired(entry, now),
  };
}

function auditChange({ onAudit }: ApiDeps, caller: Caller, list: string, action: string, about: Record<string, string | number>): void {
  onAudit({
    action,
    category: ['configuration'],
    type: ['change'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name} changed the list ${list}: ${action.replaceAll('_', ' ')}`,
    about: { list, ...about },
  });
}
