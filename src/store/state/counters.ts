import type { Lease, State, StateTransaction } from './state.ts';

export interface CounterRow {
  /** `<id>@<hash of what decides>`. */
  identity: string;
  rule_id: string;
  /** `filling`: the past is being filled in. `retired`: nothing loaded has this identity, and its rows end somewhere. */
  phase: 'filling' | 'live' | 'retired';
  /** By node, as a JSON object: from which seq on each event has its rows from the moment it was judged. */
  from_seqs: string;
  /** Of what is older than that, the rows are there back to this time; null: none yet. */
  filled_to: number | null;
  began_at: number;
  live_at: number | null;
}

/** What is kept of each counter. */
export interface CounterStore {
  list(): Promise<CounterRow[]>;
  /** These are loaded, and no others. Those that are new, or were retired, begin to be filled. */
  load(loaded: readonly { readonly identity: string; readonly ruleId: string }[]): Promise<void>;
  /** From this seq on the node's events have rows when they are judged. Where that is known already, nothing changes. */
  countFrom(identities: readonly string[], node: number, seq: number): Promise<void>;
  /** Filled back to that time; `live`: that is all. False: the lease was lost. */
  filled(lease: Lease, identities: readonly string[], to: number, live: boolean): Promise<boolean>;
}

export function createCounterStore(state: Pick<State, 'read' | 'transaction' | 'fenced'>, now: () => number): CounterStore {
  return {
    list: () => state.read((db) => db.selectFrom('counters').selectAll().orderBy('identity').execute()),
    load: (loaded) => state.transaction((tx) => load(tx, loaded, now())),
    countFrom: (identities, node, seq) =>
      state.transaction(async (tx) => {
        for (const row of await among(tx, identities)) {
          const seqs = JSON.parse(row.from_seqs) as Record<string, number>;
          if (row.phase !== 'filling' || seqs[node] !== undefined) continue;
          const from_seqs = JSON.stringify({ ...seqs, [node]: seq });
          await tx.updateTable('counters').set({ from_seqs }).where('identity', '=', row.identity).execute();
        }
      }),
    filled: async (lease, identities, to, live) => {
      const done = await state.fenced(lease, async (tx) => {
        for (const identity of identities) {
          const change = { filled_to: to, ...(live && { phase: 'live' as const, live_at: now() }) };
          await tx.updateTable('counters').set(change).where('identity', '=', identity).where('phase', '=', 'filling').execute();
        }
        return true;
      });
      return done === true;
    },
  };
}

async function load(
  tx: StateTransaction,
  loaded: readonly { readonly identity: string; readonly ruleId: string }[],
  at: number,
): Promise<void> {
  const known = new Map((await tx.selectFrom('counters').selectAll().execute()).map((row) => [row.identity, row]));
  for (const { identity, ruleId } of loaded) {
    const row = known.get(identity);
    known.delete(identity);
    if (row !== undefined && row.phase !== 'retired') continue;
    const fresh = { rule_id: ruleId, phase: 'filling' as const, from_seqs: '{}', filled_to: null, began_at: at, live_at: null };
    await tx
      .insertInto('counters')
      .values({ identity, ...fresh })
      .onConflict((conflict) => conflict.column('identity').doUpdateSet(fresh))
      .execute();
  }
  for (const { identity, phase } of known.values())
    if (phase !== 'retired') await tx.updateTable('counters').set({ phase: 'retired' }).where('identity', '=', identity).execute();
}

async function among(tx: StateTransaction, identities: readonly string[]): Promise<CounterRow[]> {
  const wanted = new Set(identities);
  return (await tx.selectFrom('counters').selectAll().execute()).filter(({ identity }) => wanted.has(identity));
}
