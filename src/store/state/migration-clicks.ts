import type { Kysely, RawBuilder } from 'kysely';

/** Clicks on messages, kept before they are acknowledged. */
export async function clicks(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('clicks')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('click', 'text')
    .addColumn('outcome', 'text')
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('clicks_due').on('clicks').columns(['state', 'due_at', 'key']).execute();
  await db.schema.createIndex('clicks_received').on('clicks').column('received_at').execute();
}
