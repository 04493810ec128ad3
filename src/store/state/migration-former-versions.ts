import type { Kysely, RawBuilder } from 'kysely';

/** What stands behind an alert when the definition that opened it has changed. */
export async function formerVersions(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema.alterTable('alerts').addColumn('found_by', key).execute();
  for (const column of ['former_first', 'former_last'] as const) await db.schema.alterTable('alerts').addColumn(column, 'bigint').execute();
  await db.schema.createIndex('alerts_found_by').on('alerts').columns(['found_by', 'first_trigger']).execute();
}
