import type { Kysely, RawBuilder } from 'kysely';

/** People who were asked whether it was them. */
export async function asks(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('asks')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('alert_id', key, (column) => column.notNull())
    .addColumn('person', key, (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('asked_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('changes', 'bigint', (column) => column.notNull())
    .addColumn('ask', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('asks_due').on('asks').column('due_at').execute();
  await db.schema.createIndex('asks_person').on('asks').columns(['person', 'state']).execute();
  await db.schema.createIndex('asks_asked').on('asks').column('asked_at').execute();
}
