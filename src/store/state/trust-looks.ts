import type { StateDb, StateTransaction } from './state.ts';

/** The last look at what a system trusts. */
export interface TrustLookRow {
  system: string;
  /** Milliseconds since the epoch. */
  looked_at: number;
  /** Networks, as a JSON array of texts. */
  only_in_system: string;
  only_in_lists: string;
}

export const lastTrustLook = (db: Pick<StateDb, 'selectFrom'>, system: string): Promise<TrustLookRow | undefined> =>
  db.selectFrom('trust_looks').selectAll().where('system', '=', system).executeTakeFirst();

export async function noteTrustLook(tx: StateTransaction, row: TrustLookRow): Promise<void> {
  await tx
    .insertInto('trust_looks')
    .values(row)
    .onConflict((conflict) => conflict.column('system').doUpdateSet(row))
    .execute();
}
