import type { State } from './state.ts';

export interface ListProbeRow {
  node: number;
  /** `<list>@<field>`. */
  name: string;
  /** Each event that the node has received since holds the answer. */
  since: number;
}

/** What the rules of each hub ask of lists, and since when. */
export interface ListProbeStore {
  list(): Promise<ListProbeRow[]>;
  /** The hub asks no others any more. */
  keepOnly(node: number, names: readonly string[]): Promise<void>;
  /** It asks these from now on; those that it has asked before keep their time. */
  ask(node: number, names: readonly string[], at: number): Promise<void>;
}

export function createListProbeStore(state: Pick<State, 'read' | 'transaction'>): ListProbeStore {
  return {
    list: () => state.read((db) => db.selectFrom('list_probes').selectAll().orderBy('node').orderBy('name').execute()),
    keepOnly: (node, names) =>
      state.transaction(async (tx) => {
        const rows = await tx.selectFrom('list_probes').select('name').where('node', '=', node).execute();
        for (const { name } of rows)
          if (!names.includes(name)) await tx.deleteFrom('list_probes').where('node', '=', node).where('name', '=', name).execute();
      }),
    ask: (node, names, at) =>
      state.transaction(async (tx) => {
        for (const name of names)
          await tx
            .insertInto('list_probes')
            .values({ node, name, since: at })
            .onConflict((conflict) => conflict.columns(['node', 'name']).doNothing())
            .execute();
      }),
  };
}
