import type { Kysely, RawBuilder } from 'kysely';

/** Who listens for which words, who may, what was heard and is not told yet, and what is on its way to them. */
export async function listening(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('listeners')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('owner', key, (column) => column.notNull())
    .addColumn('owner_name', 'text', (column) => column.notNull())
    .addColumn('phrase', key, (column) => column.notNull())
    .addColumn('typed', 'text', (column) => column.notNull())
    .addColumn('notifier', key, (column) => column.notNull())
    .addColumn('person', key, (column) => column.notNull())
    .addColumn('place', key, (column) => column.notNull())
    .addColumn('quiet_from', 'bigint')
    .addColumn('quiet_to', 'bigint')
    .addColumn('per_hour', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('listeners_once', ['owner', 'phrase', 'notifier', 'place'])
    .execute();
  await db.schema
    .createTable('listening_grants')
    .addColumn('kind', key, (column) => column.notNull())
    .addColumn('who', key, (column) => column.notNull())
    .addColumn('datasets', 'text', (column) => column.notNull())
    .addColumn('granted_by', 'text', (column) => column.notNull())
    .addColumn('granted_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('listening_grants_pk', ['kind', 'who'])
    .execute();
  await db.schema
    .createTable('overheard')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('phrases', 'text', (column) => column.notNull())
    .addColumn('part', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('overheard_at').on('overheard').columns(['at', 'key']).execute();
  await db.schema
    .createTable('listening_accounts')
    .addColumn('listener', key, (column) => column.primaryKey().notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .execute();
  await db.schema.createIndex('listening_accounts_due').on('listening_accounts').column('due_at').execute();
  await db.schema
    .createTable('whispers')
    .addColumn('key', key, (column) => column.primaryKey().notNull())
    .addColumn('notifier', key, (column) => column.notNull())
    .addColumn('place', key)
    .addColumn('listener', key, (column) => column.notNull())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('possible_repeat', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('tried_at', 'bigint')
    .addColumn('why', 'text')
    .execute();
  await db.schema.createIndex('whispers_waiting').on('whispers').columns(['state', 'notifier', 'due_at']).execute();
  await db.schema.createIndex('whispers_changed').on('whispers').column('changed_at').execute();
}
