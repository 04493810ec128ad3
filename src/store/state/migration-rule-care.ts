import type { Kysely, RawBuilder } from 'kysely';

/** What people say of rules: exceptions, and how far a rule is trusted. */
export async function ruleCare(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_exceptions')
    .addColumn('id', key, (column) => column.primaryKey().notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('selection', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema
    .createTable('rule_maturity')
    .addColumn('rule_id', key, (column) => column.primaryKey().notNull())
    .addColumn('maturity', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}
