import type { Kysely, RawBuilder } from 'kysely';

/** What the identity directory was told over SCIM, named lists, and how often either has changed. */
export async function people(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('look_up_changes')
    .addColumn('name', key, (column) => column.primaryKey().notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('named_lists')
    .addColumn('name', key, (column) => column.primaryKey().notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('fields', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('list_entries')
    .addColumn('list_name', key, (column) => column.notNull().references('named_lists.name').onDelete('cascade'))
    .addColumn('value_key', key, (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('list_entries_pk', ['list_name', 'value_key'])
    .execute();
  await scim(db, key);
}

async function scim(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('scim_users')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('user_name_key', key, (column) => column.notNull().unique())
    .addColumn('external_id', key)
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('scim_users_external').on('scim_users').column('external_id').execute();
  await db.schema
    .createTable('scim_groups')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('name_key', key, (column) => column.notNull().unique())
    .addColumn('external_id', key)
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('scim_members')
    .addColumn('group_id', key, (column) => column.notNull().references('scim_groups.id').onDelete('cascade'))
    .addColumn('user_id', key, (column) => column.notNull().references('scim_users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('scim_members_pk', ['group_id', 'user_id'])
    .execute();
  await db.schema.createIndex('scim_members_user').on('scim_members').column('user_id').execute();
}
