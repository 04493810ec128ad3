import type { Kysely, RawBuilder } from 'kysely';

/** Which digest was told last. */
export async function digests(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('digests')
    .addColumn('name', key, (column) => column.primaryKey().notNull())
    .addColumn('terms', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute();
}
