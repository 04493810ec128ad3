import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { EarshotError } from '../../lib/errors.ts';
import { type DatabaseKind, migrations } from './migrations.ts';
import type { StateDb } from './state.ts';

/** Runs what is missing, each opener waiting for the other. A migration that this program does not know means a newer one was here. */
export async function migrate(db: StateDb, kind: DatabaseKind): Promise<void> {
  const known = migrations(kind);
  await refuseNewer(db, known);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // Another, newer program may have come between the look and the lock.
  await refuseNewer(db, known);
  throw error;
}

async function refuseNewer(db: StateDb, known: Record<string, Migration>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const unknown = rows.filter((row) => !(row.name in known)).map((row) => row.name);
  if (unknown.length === 0) return;
  throw new EarshotError('EAR_STATE_NEWER', `the state database has steps that this program does not know: ${unknown.join(', ')}`);
}
