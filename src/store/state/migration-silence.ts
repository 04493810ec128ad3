import type { Kysely, RawBuilder } from 'kysely';

/** When what is watched for silence spoke last, how it has spoken, and when the hub could not listen. */
export async function silence(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('silence_keys')
    .addColumn('identity', key, (column) => column.notNull())
    .addColumn('key', key, (column) => column.notNull())
    .addColumn('group_values', 'text', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('rhythm', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('told_at', 'bigint')
    .addPrimaryKeyConstraint('silence_keys_pk', ['identity', 'key'])
    .execute();
  await db.schema.createIndex('silence_keys_due').on('silence_keys').column('due_at').execute();
  await db.schema
    .createTable('silence_clocks')
    .addColumn('node', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('listened_until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('silence_deaf')
    .addColumn('node', 'bigint', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('silence_deaf_pk', ['node', 'since'])
    .execute();
}
