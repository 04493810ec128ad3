import type { Kysely } from 'kysely';

/** What is for one place alone may have a picture. */
export async function whisperCharts(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('whispers').addColumn('chart', 'text').execute();
}
