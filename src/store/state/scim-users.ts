import { randomUUID } from 'node:crypto';
import { err, ok, type Result } from '../../lib/result.ts';
import { storable } from '../../lib/storable-text.ts';
import { noteChange } from './look-up-changes.ts';
import type { ScimAttributes, ScimKeys, ScimQuery, ScimStore, ScimUserRow, StoredUser } from './people-tables.ts';
import type { State, StateDb, StateTransaction } from './state.ts';

type UserStore = Pick<ScimStore, 'users' | 'user' | 'createUser' | 'changeUser' | 'deleteUser'>;

export const foldName = (name: string): string => storable(name.toLowerCase());

export const attributesOf = (text: string): ScimAttributes => JSON.parse(text) as ScimAttributes;

/** Escaped as JSON, so that also what no text column takes (NUL, half a surrogate pair) is kept as it was sent. */
export const attributesText = (attributes: ScimAttributes): string => storable(JSON.stringify(attributes));

export function createScimUsers(read: State['read'], transaction: State['transaction'], now: () => number): UserStore {
  return {
    users: (query) =>
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
        return { total: Number(total), found: await withGroups(db, rows) };
      }),

    user: (id) => read((db) => byId(db, id)),

    createUser: (keys, attributes) =>
      transaction(async (tx) => {
        const at = now();
        const row: ScimUserRow = {
          id: randomUUID(),
          ...columns(keys),
          resource: attributesText(attributes),
          created_at: at,
          changed_at: at,
        };
        const added = await tx
          .insertInto('scim_users')
          .values(row)
          .onConflict((conflict) => conflict.column('user_name_key').doNothing())
          .returning('id')
          .executeTakeFirst();
        if (added === undefined) return err('taken');
        await noteChange(tx, 'people');
        return ok({ id: row.id, attributes, groups: [], createdAt: at, changedAt: at });
      }),

    changeUser: <F>(id: string, change: (user: StoredUser) => Result<{ keys: ScimKeys; attributes: ScimAttributes }, F>) =>
      transaction(async (tx): Promise<Result<StoredUser, 'taken' | 'not_found' | F>> => {
        // Before anything is read: two changes of one user follow each other.
        await noteChange(tx, 'people');
        const user = await byId(tx, id);
        if (user === undefined) return err('not_found');
        const changed = change(user);
        if (!changed.ok) return changed;
        const { keys, attributes } = changed.value;
        const holder = await tx.selectFrom('scim_users').select('id').where('user_name_key', '=', foldName(keys.name)).executeTakeFirst();
        if (holder !== undefined && holder.id !== user.id) return err('taken');
        const at = now();
        await tx
          .updateTable('scim_users')
          .set({ ...columns(keys), resource: attributesText(attributes), changed_at: at })
          .where('id', '=', user.id)
          .execute();
        return ok({ ...user, attributes, changedAt: at });
      }),

    deleteUser: (id) =>
      transaction(async (tx) => {
        const gone = await tx.deleteFrom('scim_users').where('id', '=', storable(id)).executeTakeFirst();
        if (gone.numDeletedRows > 0n) await noteChange(tx, 'people');
        return gone.numDeletedRows > 0n;
      }),
  };
}

const columns = ({ name, externalId }: ScimKeys) => ({
  user_name_key: foldName(name),
  external_id: externalId === undefined ? null : storable(externalId),
});

function matching(db: StateDb | StateTransaction, where: ScimQuery['where']) {
  const all = db.selectFrom('scim_users');
  if (where === undefined) return all;
  if (where.attribute === 'name') return all.where('user_name_key', '=', foldName(where.value));
  return all.where(where.attribute === 'id' ? 'id' : 'external_id', '=', storable(where.value));
}

async function byId(db: StateDb | StateTransaction, id: string): Promise<StoredUser | undefined> {
  const rows = await matching(db, { attribute: 'id', value: id }).selectAll().execute();
  return (await withGroups(db, rows))[0];
}

async function withGroups(db: StateDb | StateTransaction, rows: readonly ScimUserRow[]): Promise<StoredUser[]> {
  const ids = rows.map(({ id }) => id);
  const memberships =
    ids.length === 0
      ? []
      : await db
          .selectFrom('scim_members')
          .innerJoin('scim_groups', 'scim_groups.id', 'scim_members.group_id')
          .select(['scim_members.user_id', 'scim_groups.id', 'scim_groups.resource'])
          .where('scim_members.user_id', 'in', ids)
          .orderBy('scim_groups.name_key')
          .execute();
  const byUser = Map.groupBy(memberships, ({ user_id }) => user_id);
  return rows.map((row) => ({
    id: row.id,
    attributes: attributesOf(row.resource),
    groups: (byUser.get(row.id) ?? []).map(({ id, resource }) => ({ id, name: String(attributesOf(resource).displayName ?? '') })),
    createdAt: row.created_at,
    changedAt: row.changed_at,
  }));
}
