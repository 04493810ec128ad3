import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { storable } from '../../lib/storable-text.ts';
import type { State, TokenStore } from './state.ts';

const PREFIX = 'ear_';
/** 256 random bits: nobody guesses them, so a plain hash is enough to keep them. */
const FORM = /^ear_[A-Za-z0-9_-]{43}$/;
/** `last_used_at` is for people: writing it at every request would cost more than the request. */
const USE_EVERY_MS = 60_000;

const listOf = (text: string): string[] => z.array(z.string()).parse(JSON.parse(text));
const rightsOf = ({ scopes, datasets }: { readonly scopes: string; readonly datasets: string | null }) => ({
  scopes: listOf(scopes),
  ...(datasets !== null && { datasets: listOf(datasets) }),
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createTokenStore(read: State['read'], transaction: State['transaction'], now: () => number): TokenStore {
  return {
    create: async ({ name, scopes, datasets }) => {
      const token = PREFIX + randomBytes(32).toString('base64url');
      const id = randomUUID();
      const row = {
        id,
        name: storable(name),
        hash: sha256(token),
        scopes: JSON.stringify(scopes),
        datasets: datasets === undefined ? null : JSON.stringify(datasets),
        created_at: now(),
        last_used_at: null,
      };
      const added = await transaction((tx) =>
        tx
          .insertInto('tokens')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doNothing())
          .returning('id')
          .executeTakeFirst(),
      );
      return added === undefined ? undefined : { id, token };
    },

    verify: async (token) => {
      if (!FORM.test(token)) return undefined;
      const hash = sha256(token);
      const row = await read((db) => db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst());
      if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) return undefined;
      const at = now();
      if (at - (row.last_used_at ?? 0) >= USE_EVERY_MS) {
        const used = read((db) => db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', row.id).execute());
        // A full disk must not lock out the people who come to mend it.
        await used.catch(() => {});
      }
      return { name: row.name, ...rightsOf(row) };
    },

    list: async () => {
      const rows = await read((db) => db.selectFrom('tokens').selectAll().orderBy('name').execute());
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        ...rightsOf(row),
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at ?? undefined,
      }));
    },

    revoke: async (name) => {
      const gone = await transaction((tx) => tx.deleteFrom('tokens').where('name', '=', storable(name)).executeTakeFirst());
      return gone.numDeletedRows > 0n;
    },
  };
}
