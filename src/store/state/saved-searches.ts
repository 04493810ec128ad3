import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { err, ok, type Result } from '../../lib/result.ts';
import { storable } from '../../lib/storable-text.ts';
import type { State } from './state.ts';

export interface SavedSearchRow {
  id: string;
  /** Who made it: `user:` and their id, which outlives a change of name, or `token:` and its name. */
  owner: string;
  owner_name: string;
  name: string;
  query: string;
  range_from: string;
  range_to: string;
  /** JSON array. */
  columns: string;
  shared: number;
  created_at: number;
  changed_at: number;
}

export interface SavedSearchContent {
  readonly name: string;
  readonly query: string;
  /** As written: `now-24h` stays relative. */
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  readonly shared: boolean;
}

export interface SavedSearch extends SavedSearchContent {
  readonly id: string;
  readonly owner: string;
  readonly ownerName: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface SavedSearchStore {
  /** Those of the owner and those that are for all, by name. */
  list(owner: string): Promise<SavedSearch[]>;
  get(id: string): Promise<SavedSearch | undefined>;
  create(
    owner: { readonly key: string; readonly name: string },
    content: SavedSearchContent,
  ): Promise<Result<SavedSearch, 'taken' | 'full'>>;
  change(id: string, content: SavedSearchContent): Promise<Result<SavedSearch, 'taken' | 'not_found'>>;
  delete(id: string): Promise<boolean>;
}

export const MOST_SAVED_SEARCHES = 500;
const MOST_LISTED = 2_000;

export function createSavedSearches(read: State['read'], transaction: State['transaction'], now: () => number): SavedSearchStore {
  return {
    list: async (owner) => {
      const rows = await read((db) =>
        db
          .selectFrom('saved_searches')
          .selectAll()
          .where((where) => where.or([where('owner', '=', owner), where('shared', '=', 1)]))
          .orderBy('name')
          .orderBy('id')
          .limit(MOST_LISTED)
          .execute(),
      );
      return rows.map(searchOf);
    },

    get: async (id) => {
      const row = await read((db) => db.selectFrom('saved_searches').selectAll().where('id', '=', storable(id)).executeTakeFirst());
      return row && searchOf(row);
    },

    create: (owner, content) =>
      transaction(async (tx) => {
        const { count } = await tx
          .selectFrom('saved_searches')
          .select((select) => select.fn.countAll().as('count'))
          .where('owner', '=', owner.key)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_SAVED_SEARCHES) return err('full' as const);
        const at = now();
        const who = { id: randomUUID(), owner: owner.key, owner_name: storable(owner.name), created_at: at, changed_at: at };
        const row = await tx
          .insertInto('saved_searches')
          .values({ ...who, ...columnsOf(content) })
          .onConflict((conflict) => conflict.columns(['owner', 'name']).doNothing())
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? err('taken' as const) : ok(searchOf(row));
      }),

    change: (id, content) =>
      transaction(async (tx) => {
        const row = await tx.selectFrom('saved_searches').selectAll().where('id', '=', storable(id)).executeTakeFirst();
        if (row === undefined) return err('not_found' as const);
        const other = await tx
          .selectFrom('saved_searches')
          .select('id')
          .where('owner', '=', row.owner)
          .where('name', '=', storable(content.name))
          .where('id', '!=', row.id)
          .executeTakeFirst();
        if (other !== undefined) return err('taken' as const);
        const changed = await tx
          .updateTable('saved_searches')
          .set({ ...columnsOf(content), changed_at: now() })
          .where('id', '=', row.id)
          .returningAll()
          .executeTakeFirst();
        return changed === undefined ? err('not_found' as const) : ok(searchOf(changed));
      }),

    delete: async (id) => {
      const gone = await transaction((tx) => tx.deleteFrom('saved_searches').where('id', '=', storable(id)).executeTakeFirst());
      return gone.numDeletedRows > 0n;
    },
  };
}

const columnsOf = ({ name, query, from, to, columns, shared }: SavedSearchContent) => ({
  name: storable(name),
  query: storable(query),
  range_from: storable(from),
  range_to: storable(to),
  columns: JSON.stringify(columns.map(storable)),
  shared: shared ? 1 : 0,
});

const searchOf = (row: SavedSearchRow): SavedSearch => ({
  id: row.id,
  owner: row.owner,
  ownerName: row.owner_name,
  name: row.name,
  query: row.query,
  from: row.range_from,
  to: row.range_to,
  columns: z.array(z.string()).parse(JSON.parse(row.columns)),
  shared: row.shared === 1,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});
