import type { Kysely, RawBuilder } from 'kysely';

/** What is not told in one place for a while. */
export async function mutes(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('mutes')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('notifier', key, (column) => column.notNull())
    .addColumn('place', key, (column) => column.notNull())
    .addColumn('is_alert_place', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('what', key, (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('mutes_once', ['notifier', 'place', 'kind', 'what'])
    .execute();
}
