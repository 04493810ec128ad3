import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { storable } from '../../lib/storable-text.ts';
import type { SessionBounds, SessionStore } from './accounts.ts';
import type { State } from './state.ts';
import { userOf } from './users.ts';

/** 256 random bits: nobody guesses them, so a plain hash is enough to keep them. */
const FORM = /^[A-Za-z0-9_-]{43}$/;
/** Writing each use would cost more than the request; a session may end this much early. */
const USE_EVERY_MS = 60_000;
const AGENT_LENGTH = 300;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createSessionStore(read: State['read'], now: () => number): SessionStore {
  return {
    open: async (userId, { way, address, agent }) => {
      const token = randomBytes(32).toString('base64url');
      const id = randomUUID();
      const at = now();
      const row = { id, hash: sha256(token), user_id: userId, way, address: storable(address), created_at: at, used_at: at };
      await read((db) =>
        db
          .insertInto('sessions')
          .values({ ...row, agent: storable(agent.slice(0, AGENT_LENGTH)) })
          .execute(),
      );
      return { id, token };
    },

    find: async (token, bounds) => {
      if (!FORM.test(token)) return undefined;
      const at = now();
      const row = await read((db) =>
        db
          .selectFrom('sessions')
          .innerJoin('users', 'users.id', 'sessions.user_id')
          .selectAll('users')
          .select(['sessions.id as session_id', 'sessions.used_at'])
          .where('hash', '=', sha256(token))
          .where('disabled', '=', 0)
          .where('sessions.used_at', '>', at - bounds.idleMs)
          .where('sessions.created_at', '>', at - bounds.mostMs)
          .executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      if (at - row.used_at >= USE_EVERY_MS) {
        const used = read((db) => db.updateTable('sessions').set({ used_at: at }).where('id', '=', row.session_id).execute());
        // A full disk must not lock out the people who come to mend it.
        await used.catch(() => {});
      }
      return { id: row.session_id, user: userOf(row) };
    },

    list: async (userId, bounds) => {
      const rows = await read((db) =>
        db
          .selectFrom('sessions')
          .selectAll()
          .where('user_id', '=', storable(userId))
          .where('used_at', '>', now() - bounds.idleMs)
          .where('created_at', '>', now() - bounds.mostMs)
          .orderBy('used_at', 'desc')
          .execute(),
      );
      return rows.map(({ id, way, address, agent, created_at, used_at }) => ({
        id,
        way,
        address,
        agent,
        createdAt: created_at,
        usedAt: used_at,
      }));
    },

    end: async (userId, which) => {
      const gone = await read((db) => {
        const own = db.deleteFrom('sessions').where('user_id', '=', storable(userId));
        const some = 'id' in which ? own.where('id', '=', storable(which.id)) : own.where('id', '!=', which.except ?? '');
        return some.executeTakeFirst();
      });
      return Number(gone.numDeletedRows);
    },

    prune: async ({ idleMs, mostMs }: SessionBounds) => {
      await read((db) =>
        db
          .deleteFrom('sessions')
          .where((where) => where.or([where('used_at', '<=', now() - idleMs), where('created_at', '<=', now() - mostMs)]))
          .execute(),
      );
    },
  };
}
