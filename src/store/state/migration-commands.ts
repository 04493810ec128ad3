import type { Kysely } from 'kysely';

/** What people type is kept as their clicks are. */
export async function commands(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('clicks')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('click'))
    .execute();
}
