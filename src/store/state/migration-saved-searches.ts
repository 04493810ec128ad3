import type { Kysely, RawBuilder } from 'kysely';

/** Searches that people keep. */
export async function savedSearches(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('saved_searches')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('owner', key, (column) => column.notNull())
    .addColumn('owner_name', 'text', (column) => column.notNull())
    .addColumn('name', key, (column) => column.notNull())
    .addColumn('query', 'text', (column) => column.notNull())
    .addColumn('range_from', 'text', (column) => column.notNull())
    .addColumn('range_to', 'text', (column) => column.notNull())
    .addColumn('columns', 'text', (column) => column.notNull())
    .addColumn('shared', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('saved_searches_name', ['owner', 'name'])
    .execute();
  await db.schema.createIndex('saved_searches_shared').on('saved_searches').columns(['shared', 'name']).execute();
}
