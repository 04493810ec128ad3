import { sql } from 'kysely';
import type { Lease, Leases, State, StateTransaction } from './state.ts';

/**
 * Leases by the clock of the hub that asks. Clocks that disagree may hand a lease over early; the fencing token then keeps the holder
 * that was overtaken from writing.
 */
export function createLeases(transaction: State['transaction'], now: () => number): Leases {
  return {
    acquire: (name, holder, ttlMs) => transaction((tx) => acquire(tx, name, holder, now(), ttlMs)),
    renew: (lease, ttlMs) =>
      transaction(async (tx) => {
        if (!(await holdsLease(tx, lease, now()))) return undefined;
        const expiresAt = now() + ttlMs;
        await tx.updateTable('leases').set({ expires_at: expiresAt }).where('name', '=', lease.name).execute();
        return { ...lease, expiresAt };
      }),
    release: (lease) =>
      transaction(async (tx) => {
        // The row stays: its token must keep growing.
        await tx.updateTable('leases').set({ expires_at: 0 }).where('name', '=', lease.name).where('token', '=', lease.token).execute();
      }),
  };
}

async function acquire(tx: StateTransaction, name: string, holder: string, now: number, ttlMs: number): Promise<Lease | undefined> {
  const row = await tx
    .insertInto('leases')
    .values({ name, holder, token: 1, expires_at: now + ttlMs })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ holder, token: sql`leases.token + 1`, expires_at: now + ttlMs })
        .where((where) => where.or([where('leases.expires_at', '<=', now), where('leases.holder', '=', holder)])),
    )
    .returning(['token', 'expires_at'])
    .executeTakeFirst();
  return row === undefined ? undefined : { name, holder, token: row.token, expiresAt: row.expires_at };
}

/** Whether the lease still holds, keeping its row locked until the transaction ends: nobody takes it over in between. */
export async function holdsLease(tx: StateTransaction, lease: Lease, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('leases')
    .set({ holder: lease.holder })
    .where('name', '=', lease.name)
    .where('token', '=', lease.token)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
