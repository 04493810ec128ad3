import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { GroupChange, ScimAttributes, ScimKeys, StoredGroup, StoredUser } from '../../store/state/people-tables.ts';
import { iso } from '../time-range.ts';
import { invalid } from './fault.ts';
import { ENTERPRISE, type Operation, parsePath, patched } from './patch.ts';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ROOT = '/scim/v2';

/** What the server makes itself, and what it must not keep. */
const NOT_KEPT = new Set(['id', 'meta', 'schemas', 'groups', 'members', 'password']);

const text = z.string().trim().min(1).max(256);
const object = z.record(z.string(), z.unknown());

/** Attributes as they are kept, with what has a column of its own. Throws a {@link ScimFault}. */
export function userOf(body: unknown): { readonly keys: ScimKeys; readonly attributes: ScimAttributes } {
  const attributes = kept(body);
  const parsed = z.object({ userName: text, externalId: text.optional() }).safeParse(attributes);
  if (!parsed.success) throw invalid(faultOf(parsed.error));
  const { userName: name, externalId } = parsed.data;
  return { keys: { name, externalId }, attributes };
}

export function groupOf(body: unknown): { readonly keys: ScimKeys; readonly attributes: ScimAttributes } {
  const attributes = kept(body);
  const parsed = z.object({ displayName: text, externalId: text.optional() }).safeParse(attributes);
  if (!parsed.success) throw invalid(faultOf(parsed.error));
  const { displayName: name, externalId } = parsed.data;
  return { keys: { name, externalId }, attributes };
}

const faultOf = ({ issues }: z.ZodError): string => issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

function kept(body: unknown): ScimAttributes {
  const parsed = object.safeParse(body);
  if (!parsed.success) throw invalid('The body is a JSON object of attributes.', 'invalidSyntax');
  const entries = Object.entries(parsed.data).filter(([key, value]) => !NOT_KEPT.has(key.toLowerCase()) && value !== null);
  return Object.fromEntries(entries.map(([key, value]) => (key.toLowerCase() === 'active' ? ['active', asBoolean(value)] : [key, value])));
}

/** Entra writes `"False"` where it means false. */
function asBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw invalid('active: write true or false');
}

const memberIds = z.array(z.object({ value: text })).max(10_000);

/** Ids of members, as a body or an operation lists them. Throws a {@link ScimFault}. */
export function membersOf(value: unknown): string[] {
  const parsed = memberIds.safeParse(Array.isArray(value) ? value : [value]);
  if (!parsed.success) throw invalid('members: write [{"value": "id of a user"}]');
  return parsed.data.map((member) => member.value);
}

/** What the operations make of a group. Throws a {@link ScimFault}. */
export function patchedGroup(group: StoredGroup, operations: readonly Operation[]): GroupChange {
  let set: string[] | undefined;
  const add = new Set<string>();
  const remove = new Set<string>();
  let attributes = group.attributes;
  const change = (op: Operation['op'], ids: readonly string[]) => {
    for (const id of ids) {
      (op === 'remove' ? add : remove).delete(id);
      (op === 'remove' ? remove : add).add(id);
      if (op === 'remove') set = set?.filter((each) => each !== id);
    }
  };
  const ofMembers = ({ op, value }: Operation) => {
    const isAll = op === 'replace' || (op === 'remove' && value === undefined);
    if (!isAll) return change(op, membersOf(value));
    set = op === 'replace' ? membersOf(value) : [];
    add.clear();
    remove.clear();
  };
  for (const each of operations) {
    const path = each.path === undefined ? undefined : parsePath(each.path);
    if (path?.attribute.toLowerCase() === 'members') {
      if (path.filter === undefined) ofMembers(each);
      else if (each.op === 'remove' && path.filter.attribute === 'value') change('remove', [String(path.filter.value)]);
      else throw invalid('Of members only those of one value can be removed by a filter.', 'invalidPath');
      continue;
    }
    const { members, ...others } = path === undefined ? (object.safeParse(each.value).data ?? {}) : { members: undefined };
    if (members !== undefined) ofMembers({ ...each, value: members });
    if (path !== undefined || Object.keys(others).length > 0)
      attributes = patched(attributes, [path === undefined ? { ...each, value: others } : each]);
  }
  const members = { ...(set && { set }), add: [...add], remove: [...remove] };
  return { ...groupOf(attributes), members };
}

/** Which attributes an answer has (RFC 7644, section 3.9): whole ones, by name. */
export interface Wanted {
  readonly only: ReadonlySet<string> | undefined;
  readonly not: ReadonlySet<string>;
}

export const wanted = (query: { readonly attributes?: string | undefined; readonly excludedAttributes?: string | undefined }): Wanted => {
  const names = (list: string) => new Set(list.split(',').map((name) => (name.split('.', 1)[0] ?? '').trim().toLowerCase()));
  return {
    only: query.attributes === undefined ? undefined : names(query.attributes),
    not: names(query.excludedAttributes ?? ''),
  };
};

const ALWAYS = new Set(['id', 'schemas']);

function shown(resource: ScimAttributes, { only, not }: Wanted): ScimAttributes {
  const isShown = (key: string) => ALWAYS.has(key) || (!not.has(key.toLowerCase()) && (only === undefined || only.has(key.toLowerCase())));
  return Object.fromEntries(Object.entries(resource).filter(([key]) => isShown(key)));
}

export function userJson(user: StoredUser, request: FastifyRequest, which: Wanted): ScimAttributes {
  const { id, attributes, groups } = user;
  const schemas = Object.hasOwn(attributes, ENTERPRISE) ? [USER_SCHEMA, ENTERPRISE] : [USER_SCHEMA];
  const all = {
    schemas,
    id,
    ...attributes,
    active: attributes.active !== false,
    groups: groups.map((group) => ({ value: group.id, display: group.name, $ref: locationOf(request, 'Groups', group.id) })),
    meta: metaOf(request, 'User', user),
  };
  return shown(all, which);
}

export function groupJson(group: StoredGroup, request: FastifyRequest, which: Wanted): ScimAttributes {
  const { id, attributes, members } = group;
  const all = {
    schemas: [GROUP_SCHEMA],
    id,
    ...attributes,
    ...(members && {
      members: members.map((member) => ({ value: member.id, display: member.name, $ref: locationOf(request, 'Users', member.id) })),
    }),
    meta: metaOf(request, 'Group', group),
  };
  return shown(all, which);
}

export const locationOf = (request: FastifyRequest, kind: 'Users' | 'Groups', id: string): string =>
  `${request.protocol}://${request.host}${ROOT}/${kind}/${id}`;

const metaOf = (request: FastifyRequest, resourceType: 'User' | 'Group', { id, createdAt, changedAt }: StoredUser | StoredGroup) => ({
  resourceType,
  created: iso(createdAt),
  lastModified: iso(changedAt),
  location: locationOf(request, `${resourceType}s`, id),
});
