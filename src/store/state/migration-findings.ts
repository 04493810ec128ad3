import type { Kysely, RawBuilder } from 'kysely';

/** Alerts that no single event tells: what a correlation, a baseline or silence has found. They grow by the time of what they found. */
export async function findings(db: Kysely<unknown>, key: RawBuilder<unknown>): Promise<void> {
  await db.schema
    .alterTable('alerts')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('rule'))
    .execute();
  await db.schema.alterTable('alerts').addColumn('details', 'text').execute();
  for (const column of ['first_trigger', 'last_trigger'] as const)
    await db.schema.alterTable('alerts').addColumn(column, 'bigint').execute();
  await db.schema.alterTable('alerts').addColumn('part_of', key).execute();
  await db.schema.createIndex('alerts_triggers').on('alerts').columns(['episode_key', 'last_trigger']).execute();
}
