import { randomUUID } from 'node:crypto';
import { err, ok, type Result } from '../../lib/result.ts';
import { storable } from '../../lib/storable-text.ts';
import { noteChange } from './look-up-changes.ts';
import type { GroupChange, ScimGroupRow, ScimKeys, ScimQuery, ScimStore, StoredGroup } from './people-tables.ts';
import { attributesOf, attributesText, foldName } from './scim-users.ts';
import type { State, StateDb, StateTransaction } from './state.ts';

type GroupStore = Pick<ScimStore, 'groups' | 'group' | 'createGroup' | 'changeGroup' | 'deleteGroup'>;

/** Rows of one statement. */
const CHUNK = 500;

export function createScimGroups(read: State['read'], transaction: State['transaction'], now: () => number): GroupStore {
  return {
    groups: (query) =>
      read(async (db) => {
        const { total } = await matching(db, query.where)
          .select((select) => select.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow();
        const rows = await matching(db, query.where)
          .selectAll()
          .orderBy('created_at')
          .orderBy('id')
          .limit(query.limit)
          .offset(query.offset)
          .execute();
        const found = rows.map(groupOf);
        return { total: Number(total), found: query.withMembers ? await withMembers(db, found) : found };
      }),

    group: (id) => read((db) => byId(db, id)),

    createGroup: (change) =>
      transaction(async (tx) => {
        const at = now();
        const id = randomUUID();
        const row: ScimGroupRow = {
          id,
          ...columns(change.keys),
          resource: attributesText(change.attributes),
          created_at: at,
          changed_at: at,
        };
        const added = await tx
          .insertInto('scim_groups')
          .values(row)
          .onConflict((conflict) => conflict.column('name_key').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (added === undefined) return err('taken' as const);
        await changeMembers(tx, id, change.members);
        await noteChange(tx, 'people');
        const [group] = await withMembers(tx, [groupOf(row)]);
        return ok(group ?? groupOf(row));
      }).catch(unknownMember),

    changeGroup: <F>(id: string, change: (group: StoredGroup) => Result<GroupChange, F>) =>
      transaction(async (tx): Promise<Result<StoredGroup, 'taken' | 'not_found' | 'no_such_member' | F>> => {
        // Before anything is read: two changes of one group follow each other.
        await noteChange(tx, 'people');
        const group = await byId(tx, id);
        if (group === undefined) return err('not_found');
        const changed = change(group);
        if (!changed.ok) return changed;
        const { keys, attributes, members } = changed.value;
        const holder = await tx.selectFrom('scim_groups').select('id').where('name_key', '=', foldName(keys.name)).executeTakeFirst();
        if (holder !== undefined && holder.id !== group.id) return err('taken');
        const resource = attributesText(attributes);
        await tx
          .updateTable('scim_groups')
          .set({ ...columns(keys), resource, changed_at: now() })
          .where('id', '=', group.id)
          .execute();
        await changeMembers(tx, group.id, members);
        return ok((await byId(tx, id)) ?? group);
      }).catch(unknownMember),

    deleteGroup: (id) =>
      transaction(async (tx) => {
        const gone = await tx.deleteFrom('scim_groups').where('id', '=', storable(id)).executeTakeFirst();
        if (gone.numDeletedRows > 0n) await noteChange(tx, 'people');
        return gone.numDeletedRows > 0n;
      }),
  };
}

/** Undoes the transaction. */
class NoSuchMember extends Error {}

function unknownMember(error: unknown): Result<never, 'no_such_member'> {
  if (error instanceof NoSuchMember) return err('no_such_member');
  throw error;
}

const columns = ({ name, externalId }: ScimKeys) => ({
  name_key: foldName(name),
  external_id: externalId === undefined ? null : storable(externalId),
});

const groupOf = ({ id, resource, created_at, changed_at }: ScimGroupRow): StoredGroup => ({
  id,
  attributes: attributesOf(resource),
  createdAt: created_at,
  changedAt: changed_at,
});

function matching(db: StateDb | StateTransaction, where: ScimQuery['where']) {
  const all = db.selectFrom('scim_groups');
  if (where === undefined) return all;
  if (where.attribute === 'name') return all.where('name_key', '=', foldName(where.value));
  return all.where(where.attribute === 'id' ? 'id' : 'external_id', '=', storable(where.value));
}

async function byId(db: StateDb | StateTransaction, id: string): Promise<StoredGroup | undefined> {
  const rows = await matching(db, { attribute: 'id', value: id }).selectAll().execute();
  return (await withMembers(db, rows.map(groupOf)))[0];
}

async function changeMembers(tx: StateTransaction, groupId: string, change: GroupChange['members']): Promise<void> {
  if (change === undefined) return;
  const { set, add = [], remove = [] } = change;
  if (set !== undefined) await tx.deleteFrom('scim_members').where('group_id', '=', groupId).execute();
  for (const ids of chunks(remove))
    await tx.deleteFrom('scim_members').where('group_id', '=', groupId).where('user_id', 'in', ids).execute();
  for (const ids of chunks([...new Set([...(set ?? []), ...add])])) {
    const known = await tx.selectFrom('scim_users').select('id').where('id', 'in', ids).execute();
    if (known.length < ids.length) throw new NoSuchMember();
    await tx
      .insertInto('scim_members')
      .values(ids.map((id) => ({ group_id: groupId, user_id: id })))
      .onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing())
      .execute();
  }
}

function chunks(ids: readonly string[]): string[][] {
  const all = ids.map(storable);
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) => all.slice(i * CHUNK, (i + 1) * CHUNK));
}

async function withMembers(db: StateDb | StateTransaction, groups: readonly StoredGroup[]): Promise<StoredGroup[]> {
  if (groups.length === 0) return [];
  const ids = groups.map(({ id }) => id);
  const rows = await db
    .selectFrom('scim_members')
    .innerJoin('scim_users', 'scim_users.id', 'scim_members.user_id')
    .select(['scim_members.group_id', 'scim_users.id', 'scim_users.user_name_key'])
    .where('scim_members.group_id', 'in', ids)
    .orderBy('scim_users.user_name_key')
    .execute();
  const byGroup = Map.groupBy(rows, ({ group_id }) => group_id);
  return groups.map((group) => ({
    ...group,
    members: (byGroup.get(group.id) ?? []).map(({ id, user_name_key }) => ({ id, name: user_name_key })),
  }));
}
