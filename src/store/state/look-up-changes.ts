import type { LookUpVersions } from './people-tables.ts';
import type { State, StateTransaction } from './state.ts';

/** Goes with every change of people or lists, so that all hubs on the database read them again. Who changes the same waits here. */
export async function noteChange(tx: StateTransaction, name: keyof LookUpVersions): Promise<void> {
  await tx
    .insertInto('look_up_changes')
    .values({ name, version: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((set) => ({ version: set('look_up_changes.version', '+', 1) })))
    .execute();
}

export async function lookUpVersions(read: State['read']): Promise<LookUpVersions> {
  const rows = await read((db) => db.selectFrom('look_up_changes').selectAll().execute());
  const of = (name: keyof LookUpVersions) => rows.find((row) => row.name === name)?.version ?? 0;
  return { people: of('people'), lists: of('lists') };
}
