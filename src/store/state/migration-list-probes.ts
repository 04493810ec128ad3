import type { Kysely, RawBuilder } from 'kysely';

/** What rules ask of lists, and since when. */
export async function listProbes(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('list_probes')
    .addColumn('node', 'bigint', (column) => column.notNull())
    .addColumn('name', key, (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('list_probes_pk', ['node', 'name'])
    .execute();
}
