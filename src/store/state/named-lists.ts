import { z } from 'zod';
import { storable } from '../../lib/storable-text.ts';
import type { NamedList } from '../../model/named-list.ts';
import { noteChange } from './look-up-changes.ts';
import type { ListEntryRow, ListRow, ListStore } from './people-tables.ts';
import type { State, StateTransaction } from './state.ts';

/** Rows of one statement: both databases bound the number of its parameters. */
const CHUNK = 500;

const keyOf = (value: string): string => storable(value.toLowerCase());

export function createListStore(read: State['read'], transaction: State['transaction'], now: () => number): ListStore {
  return {
    all: async () => {
      const lists = await read((db) => db.selectFrom('named_lists').selectAll().orderBy('name').execute());
      const entries = await read((db) =>
        db.selectFrom('list_entries').selectAll().orderBy('list_name').orderBy('created_at').orderBy('value_key').execute(),
      );
      const byList = Map.groupBy(entries, ({ list_name }) => list_name);
      return lists.map((row) => listOf(row, byList.get(row.name) ?? []));
    },

    create: ({ name, kind, reason, author, fields }) =>
      transaction(async (tx) => {
        const row: ListRow = {
          name: storable(name),
          kind,
          reason: storable(reason),
          author: storable(author),
          fields: JSON.stringify(fields.map(storable)),
          created_at: now(),
        };
        const added = await tx
          .insertInto('named_lists')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doNothing())
          .returning('name')
          .executeTakeFirst();
        if (added !== undefined) await noteChange(tx, 'lists');
        return added !== undefined;
      }),

    describe: (name, reason) =>
      transaction(async (tx) => {
        const changed = await tx
          .updateTable('named_lists')
          .set({ reason: storable(reason) })
          .where('name', '=', storable(name))
          .executeTakeFirst();
        if (changed.numUpdatedRows > 0n) await noteChange(tx, 'lists');
        return changed.numUpdatedRows > 0n;
      }),

    delete: (name) =>
      transaction(async (tx) => {
        const gone = await tx.deleteFrom('named_lists').where('name', '=', storable(name)).executeTakeFirst();
        if (gone.numDeletedRows > 0n) await noteChange(tx, 'lists');
        return gone.numDeletedRows > 0n;
      }),

    put: (name, entries, most) =>
      transaction(async (tx) => {
        // First, so that two who fill one list wait for one another.
        await noteChange(tx, 'lists');
        const list = await tx.selectFrom('named_lists').select('name').where('name', '=', storable(name)).executeTakeFirst();
        if (list === undefined) return 'not_found';
        const all = entries.map(
          ({ value, reason, author, expiresAt }): ListEntryRow => ({
            list_name: list.name,
            value_key: keyOf(value),
            value: storable(value),
            reason: storable(reason),
            author: storable(author),
            created_at: now(),
            expires_at: expiresAt ?? null,
          }),
        );
        const rows = [...new Map(all.map((row) => [row.value_key, row])).values()];
        await removeKeys(tx, list.name, rows);
        const { count } = await tx
          .selectFrom('list_entries')
          .select((select) => select.fn.countAll<number>().as('count'))
          .where('list_name', '=', list.name)
          .executeTakeFirstOrThrow();
        if (Number(count) + rows.length > most) throw new ListFull();
        for (let at = 0; at < rows.length; at += CHUNK)
          await tx
            .insertInto('list_entries')
            .values(rows.slice(at, at + CHUNK))
            .execute();
        return 'done' as const;
      }).catch((error: unknown) => {
        if (error instanceof ListFull) return 'full';
        throw error;
      }),

    remove: (name, value) =>
      transaction(async (tx) => {
        const gone = await tx
          .deleteFrom('list_entries')
          .where('list_name', '=', storable(name))
          .where('value_key', '=', keyOf(value))
          .executeTakeFirst();
        if (gone.numDeletedRows > 0n) await noteChange(tx, 'lists');
        return gone.numDeletedRows > 0n;
      }),
  };
}

/** Undoes the transaction. */
class ListFull extends Error {}

async function removeKeys(tx: StateTransaction, list: string, rows: readonly ListEntryRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) {
    const keys = rows.slice(at, at + CHUNK).map(({ value_key }) => value_key);
    await tx.deleteFrom('list_entries').where('list_name', '=', list).where('value_key', 'in', keys).execute();
  }
}

const listOf = ({ name, kind, reason, author, fields, created_at }: ListRow, entries: readonly ListEntryRow[]): NamedList => ({
  name,
  kind,
  reason,
  author,
  createdAt: created_at,
  fields: z.array(z.string()).parse(JSON.parse(fields)),
  entries: entries.map((entry) => ({
    value: entry.value,
    reason: entry.reason,
    author: entry.author,
    createdAt: entry.created_at,
    ...(entry.expires_at !== null && { expiresAt: entry.expires_at }),
  })),
});
