import type { Kysely, RawBuilder } from 'kysely';

/** How the networks that a system trusts differed from the team's lists when they were last looked at. */
export async function trustLooks(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('trust_looks')
    .addColumn('system', key, (column) => column.primaryKey().notNull())
    .addColumn('looked_at', 'bigint', (column) => column.notNull())
    .addColumn('only_in_system', 'text', (column) => column.notNull())
    .addColumn('only_in_lists', 'text', (column) => column.notNull())
    .execute();
}
