import type { Kysely, RawBuilder } from 'kysely';

/** What has rows in the table of hits, and since when. */
export async function counters(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('counters')
    .addColumn('identity', key, (column) => column.primaryKey().notNull())
    .addColumn('rule_id', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('from_seqs', 'text', (column) => column.notNull())
    .addColumn('filled_to', 'bigint')
    .addColumn('began_at', 'bigint', (column) => column.notNull())
    .addColumn('live_at', 'bigint')
    .execute();
}
