import type { LookUpVersions, PeopleTables } from './people-tables.ts';
import type { State, StateTransaction } from './state.ts';

type Watched = PeopleTables['look_up_changes']['name'];

/** Goes with every change of people, lists or what is said of rules, so that all hubs on the database read them again. Who changes the same waits here. */
export async function noteChange(tx: StateTransaction, name: Watched): Promise<void> {
  await tx
    .insertInto('look_up_changes')
    .values({ name, version: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((set) => ({ version: set('look_up_changes.version', '+', 1) })))
    .execute();
}

export async function lookUpVersions(read: State['read']): Promise<LookUpVersions> {
  const rows = await read((db) => db.selectFrom('look_up_changes').selectAll().execute());
  const of = (name: Watched) => rows.find((row) => row.name === name)?.version ?? 0;
  return { people: of('people'), lists: of('lists') };
}

/** Grows with every change of exceptions and maturities. */
export const ruleCareVersion = (read: State['read']): Promise<number> => versionOf(read, 'rules');

/** Grows with every change of who listens. */
export const listeningVersion = (read: State['read']): Promise<number> => versionOf(read, 'listening');

/** Grows with every change of what is muted. */
export const mutesVersion = (read: State['read']): Promise<number> => versionOf(read, 'mutes');

async function versionOf(read: State['read'], name: Watched): Promise<number> {
  const row = await read((db) => db.selectFrom('look_up_changes').select('version').where('name', '=', name).executeTakeFirst());
  return row?.version ?? 0;
}
