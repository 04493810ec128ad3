import type { Kysely, RawBuilder } from 'kysely';

/** What Earshot does in other systems when people ask for it. */
export async function acts(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('acts')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('alert_id', key)
    .addColumn('planned_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('expected_until', 'bigint')
    .addColumn('unaudited', 'bigint', (column) => column.notNull())
    .addColumn('changes', 'bigint', (column) => column.notNull())
    .addColumn('act', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('acts_planned').on('acts').columns(['planned_at', 'id']).execute();
  await db.schema.createIndex('acts_alert').on('acts').columns(['alert_id', 'planned_at']).execute();
  await db.schema.createIndex('acts_state').on('acts').column('state').execute();
  await db.schema.createIndex('acts_due').on('acts').column('due_at').execute();
  await db.schema.createIndex('acts_expected').on('acts').column('expected_until').execute();
  await db.schema.createIndex('acts_unaudited').on('acts').column('unaudited').execute();
}
