import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { err, ok } from '../../lib/result.ts';
import { storable } from '../../lib/storable-text.ts';
import type { NewUser, User, UserRow, UserStore } from './accounts.ts';
import type { State, StateTransaction } from './state.ts';

const KNOWN_ADDRESSES = 20;

export const userOf = (row: UserRow): User => ({
  id: row.id,
  name: row.name,
  displayName: row.display_name,
  role: row.role,
  datasets: z.array(z.string()).parse(JSON.parse(row.datasets)),
  hasPassword: row.password !== null,
  fromProvider: row.provider_subject !== null,
  disabled: row.disabled === 1,
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at ?? undefined,
});

export const newRow = ({ name, displayName, role, datasets }: NewUser, now: number): UserRow => ({
  id: randomUUID(),
  name: storable(name),
  display_name: storable(displayName),
  role,
  datasets: JSON.stringify(datasets.map(storable)),
  password: null,
  provider_subject: null,
  disabled: 0,
  created_at: now,
  last_sign_in_at: null,
});

/** Makes whoever changes users wait for one another: of two administrators who remove each other, one stays. */
export async function lockUsers(tx: StateTransaction): Promise<void> {
  await tx
    .insertInto('locks')
    .values({ name: 'users', taken: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((set) => ({ taken: set('locks.taken', '+', 1) })))
    .execute();
}

export function createUserStore(read: State['read'], transaction: State['transaction'], now: () => number): UserStore {
  return {
    any: async () => (await read((db) => db.selectFrom('users').select('id').limit(1).executeTakeFirst())) !== undefined,

    list: async () => (await read((db) => db.selectFrom('users').selectAll().orderBy('name').execute())).map(userOf),

    byId: async (id) => {
      const row = await read((db) => db.selectFrom('users').selectAll().where('id', '=', storable(id)).executeTakeFirst());
      return row && userOf(row);
    },

    byName: async (name) => {
      const row = await read((db) => db.selectFrom('users').selectAll().where('name', '=', storable(name)).executeTakeFirst());
      return row && userOf(row);
    },

    create: async (user) => {
      const row = newRow(user, now());
      const added = await transaction(async (tx) => {
        await lockUsers(tx);
        return tx
          .insertInto('users')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doNothing())
          .returning('id')
          .executeTakeFirst();
      });
      return added && userOf(row);
    },

    credentials: async (name, address) => {
      const row = await read((db) =>
        db
          .selectFrom('users')
          .leftJoin('known_addresses', (join) =>
            join.onRef('known_addresses.user_id', '=', 'users.id').on('known_addresses.address', '=', storable(address)),
          )
          .selectAll('users')
          .select('known_addresses.seen_at')
          .where('name', '=', storable(name))
          .executeTakeFirst(),
      );
      return row && { user: userOf(row), password: row.password ?? undefined, known: row.seen_at !== null };
    },

    setPassword: async (id, password) => {
      await transaction((tx) => tx.updateTable('users').set({ password }).where('id', '=', id).execute());
    },

    signedIn: (id, address) => transaction((tx) => rememberSignIn(tx, id, storable(address), now())),

    change: (id, change) =>
      transaction(async (tx) => {
        await lockUsers(tx);
        const before = await tx.selectFrom('users').selectAll().where('id', '=', storable(id)).executeTakeFirst();
        if (before === undefined) return err('not_found');
        const { displayName, role = before.role, datasets, disabled = before.disabled === 1 } = change;
        const row = {
          ...before,
          ...(displayName !== undefined && { display_name: storable(displayName) }),
          ...(datasets !== undefined && { datasets: JSON.stringify(datasets.map(storable)) }),
          role,
          disabled: disabled ? 1 : 0,
        };
        if ((role !== 'admin' || disabled) && (await isLastAdmin(tx, before))) return err('last_admin');
        const { id: _, ...values } = row;
        await tx.updateTable('users').set(values).where('id', '=', before.id).execute();
        if (disabled) await tx.deleteFrom('sessions').where('user_id', '=', before.id).execute();
        if (disabled) await tx.deleteFrom('setup_links').where('user_id', '=', before.id).execute();
        return ok(userOf(row));
      }),

    remove: (id) =>
      transaction(async (tx) => {
        await lockUsers(tx);
        const row = await tx.selectFrom('users').selectAll().where('id', '=', storable(id)).executeTakeFirst();
        if (row === undefined) return err('not_found');
        if (await isLastAdmin(tx, row)) return err('last_admin');
        await tx.deleteFrom('users').where('id', '=', row.id).execute();
        return ok(userOf(row));
      }),

    fromProvider: (subject, user) =>
      transaction(async (tx) => {
        await lockUsers(tx);
        const fresh = { ...newRow(user, now()), provider_subject: storable(subject) };
        const before = await tx.selectFrom('users').selectAll().where('provider_subject', '=', fresh.provider_subject).executeTakeFirst();
        if (before === undefined) {
          const added = await tx
            .insertInto('users')
            .values(fresh)
            .onConflict((conflict) => conflict.column('name').doNothing())
            .returning('id')
            .executeTakeFirst();
          return added === undefined ? err('name_taken') : ok({ after: userOf(fresh), before: undefined });
        }
        // Names at the provider change hands; the subject does not, and the name here stays what it was.
        const { display_name, role, datasets } = fresh;
        await tx.updateTable('users').set({ display_name, role, datasets }).where('id', '=', before.id).execute();
        return ok({ after: userOf({ ...before, display_name, role, datasets }), before: userOf(before) });
      }),
  };
}

async function rememberSignIn(tx: StateTransaction, id: string, address: string, at: number): Promise<void> {
  await tx.updateTable('users').set({ last_sign_in_at: at }).where('id', '=', id).execute();
  await tx
    .insertInto('known_addresses')
    .values({ user_id: id, address, seen_at: at })
    .onConflict((conflict) => conflict.columns(['user_id', 'address']).doUpdateSet({ seen_at: at }))
    .execute();
  const kept = await tx
    .selectFrom('known_addresses')
    .select('address')
    .where('user_id', '=', id)
    .orderBy('seen_at', 'desc')
    .limit(KNOWN_ADDRESSES)
    .execute();
  const addresses = kept.map((row) => row.address);
  await tx.deleteFrom('known_addresses').where('user_id', '=', id).where('address', 'not in', addresses).execute();
}

/** Whether nobody else is left who can sign in as an administrator. Who was invited and has not come yet does not count. */
async function isLastAdmin(tx: StateTransaction, user: UserRow): Promise<boolean> {
  if (user.role !== 'admin' || user.disabled === 1) return false;
  const other = await tx
    .selectFrom('users')
    .select('id')
    .where('id', '!=', user.id)
    .where('role', '=', 'admin')
    .where('disabled', '=', 0)
    .where((where) => where.or([where('password', 'is not', null), where('provider_subject', 'is not', null)]))
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}
