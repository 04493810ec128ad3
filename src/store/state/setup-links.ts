import { createHash, randomBytes } from 'node:crypto';
import type { SetupLinks } from './accounts.ts';
import type { State, StateDb, StateTransaction } from './state.ts';
import { lockUsers, newRow, userOf } from './users.ts';

const FORM = /^[A-Za-z0-9_-]{43}$/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createSetupLinks(read: State['read'], transaction: State['transaction'], now: () => number): SetupLinks {
  return {
    create: async (userId, ttlMs) => {
      const code = randomBytes(32).toString('base64url');
      const expiresAt = now() + ttlMs;
      await transaction(async (tx) => {
        const earlier = tx.deleteFrom('setup_links');
        await (userId === undefined ? earlier.where('user_id', 'is', null) : earlier.where('user_id', '=', userId)).execute();
        await tx.deleteFrom('setup_links').where('expires_at', '<=', now()).execute();
        await tx
          .insertInto('setup_links')
          .values({ hash: sha256(code), user_id: userId ?? null, expires_at: expiresAt })
          .execute();
      });
      return { code, expiresAt };
    },

    look: (code) =>
      read(async (db) => {
        const link = await valid(db, code, now());
        if (link === undefined) return undefined;
        if (link.user_id === null) return (await someone(db)) ? undefined : 'first';
        const row = await db.selectFrom('users').selectAll().where('id', '=', link.user_id).where('disabled', '=', 0).executeTakeFirst();
        return row && userOf(row);
      }),

    accept: (code, password) =>
      transaction(async (tx) => {
        const link = await used(tx, code, now());
        if (link === undefined || link.user_id === null) return undefined;
        const row = await tx
          .updateTable('users')
          .set({ password })
          .where('id', '=', link.user_id)
          .where('disabled', '=', 0)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return undefined;
        await tx.deleteFrom('sessions').where('user_id', '=', row.id).execute();
        return userOf(row);
      }),

    acceptFirst: (code, first, password) =>
      transaction(async (tx) => {
        await lockUsers(tx);
        const link = await used(tx, code, now());
        if (link === undefined || link.user_id !== null || (await someone(tx))) return undefined;
        const row = { ...newRow({ ...first, role: 'admin', datasets: ['*'] }, now()), password };
        await tx.insertInto('users').values(row).execute();
        return userOf(row);
      }),
  };
}

const someone = async (db: StateDb): Promise<boolean> =>
  (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;

async function valid(db: StateDb, code: string, now: number) {
  if (!FORM.test(code)) return undefined;
  return db.selectFrom('setup_links').selectAll().where('hash', '=', sha256(code)).where('expires_at', '>', now).executeTakeFirst();
}

/** Takes the link away: of two who use it at once, one gets it. */
async function used(tx: StateTransaction, code: string, now: number) {
  if (!FORM.test(code)) return undefined;
  return tx.deleteFrom('setup_links').where('hash', '=', sha256(code)).where('expires_at', '>', now).returningAll().executeTakeFirst();
}
