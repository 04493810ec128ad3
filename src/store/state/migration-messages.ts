import type { Kysely, RawBuilder } from 'kysely';

/** Messages that are kept up to date, and what the outbox needs to find one again whose outcome it does not know. */
export async function messages(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('notifier', key, (column) => column.notNull())
    .addColumn('ref', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('shown_changes', 'bigint', (column) => column.notNull())
    .addColumn('shown_count', 'bigint', (column) => column.notNull())
    .addColumn('posted_at', 'bigint', (column) => column.notNull())
    .addColumn('edited_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alerts_changed').on('alerts').column('changed_at').execute();
  await db.schema.alterTable('outbox').addColumn('tried_at', 'bigint').execute();
  await db.schema.alterTable('outbox').addColumn('joined', 'text').execute();
}
