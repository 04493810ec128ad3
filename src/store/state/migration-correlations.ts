import type { Kysely, RawBuilder } from 'kysely';

/** How far correlations have looked, and a ledger of it by which a stretch that nobody looked at is seen. */
export async function correlations(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .createTable('correlation_cursors')
    .addColumn('pass', key, (column) => column.primaryKey().notNull())
    .addColumn('seqs', 'text', (column) => column.notNull())
    .addColumn('watermark', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('correlation_runs')
    .addColumn('pass', key, (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('counters', 'text', (column) => column.notNull())
    .addColumn('from_seqs', 'text', (column) => column.notNull())
    .addColumn('to_seqs', 'text', (column) => column.notNull())
    .addColumn('from_watermark', 'bigint', (column) => column.notNull())
    .addColumn('to_watermark', 'bigint', (column) => column.notNull())
    .addColumn('ticks', 'bigint', (column) => column.notNull())
    .addColumn('slowest_ms', 'bigint', (column) => column.notNull())
    .addColumn('cut', 'bigint', (column) => column.notNull())
    .addColumn('began_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('correlation_runs_pk', ['pass', 'position'])
    .execute();
}
