import type { StateDb, StateTransaction } from './state.ts';

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 400;

/** Something that is watched for silence. Times are of receipt. */
export interface SilenceKeyRow {
  /** Of the silence rule: `<id>@<hash of what is heard>`. */
  identity: string;
  /** The values folded, as a JSON array. */
  key: string;
  /** Names and values as an event spelled them, as a JSON object. */
  group_values: string;
  first_at: number;
  last_at: number;
  /** How it has spoken, as JSON. */
  rhythm: string;
  /** Before that nothing is to be done about it. */
  due_at: number;
  /** The `last_at` of the silence that was told of, until it has spoken again and its alert is resolved. */
  told_at: number | null;
}

/** Until when a hub has listened. */
export interface SilenceClockRow {
  node: number;
  listened_until: number;
}

/** A time in which a hub could not listen. */
export interface SilenceDeafRow {
  node: number;
  since: number;
  until: number;
}

type KeyOf = Pick<SilenceKeyRow, 'identity' | 'key'>;

/** Those of these keys that are watched already. They stay locked until the transaction ends. */
export async function knownKeys(tx: StateTransaction, identity: string, keys: readonly string[]): Promise<SilenceKeyRow[]> {
  const found: SilenceKeyRow[] = [];
  for (let at = 0; at < keys.length; at += CHUNK) {
    const some = keys.slice(at, at + CHUNK);
    // An update that changes nothing reads the rows and locks them, in both databases.
    const rows = tx
      .updateTable('silence_keys')
      .set((set) => ({ due_at: set.ref('due_at') }))
      .where('identity', '=', identity)
      .where('key', 'in', some)
      .returningAll();
    found.push(...(await rows.execute()));
  }
  return found;
}

export async function countKeys(tx: StateTransaction, identity: string): Promise<number> {
  const { n } = await tx
    .selectFrom('silence_keys')
    .select((select) => select.fn.countAll().as('n'))
    .where('identity', '=', identity)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** What was heard of them. */
export async function writeKeys(tx: StateTransaction, rows: readonly SilenceKeyRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK / 8) {
    await tx
      .insertInto('silence_keys')
      .values(rows.slice(at, at + CHUNK / 8))
      .onConflict((conflict) =>
        conflict.columns(['identity', 'key']).doUpdateSet((set) => ({
          first_at: set.ref('excluded.first_at'),
          last_at: set.ref('excluded.last_at'),
          rhythm: set.ref('excluded.rhythm'),
          due_at: set.ref('excluded.due_at'),
          told_at: set.ref('excluded.told_at'),
        })),
      )
      .execute();
  }
}

/** Those about which something may be to be done, the most urgent first. */
export const dueKeys = (db: StateDb, at: number, limit: number): Promise<SilenceKeyRow[]> =>
  db.selectFrom('silence_keys').selectAll().where('due_at', '<=', at).orderBy('due_at').limit(limit).execute();

/** Puts off what was looked at, unless it was heard meanwhile. */
export async function putOff(tx: StateTransaction, { identity, key, last_at: lastAt }: SilenceKeyRow, dueAt: number): Promise<void> {
  await tx
    .updateTable('silence_keys')
    .set({ due_at: dueAt })
    .where('identity', '=', identity)
    .where('key', '=', key)
    .where('last_at', '=', lastAt)
    .execute();
}

/** Its silence is told of. False, and nothing is written, where it was heard meanwhile. */
export async function markTold(tx: StateTransaction, { identity, key, last_at: lastAt }: SilenceKeyRow, dueAt: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('silence_keys')
    .set({ told_at: lastAt, due_at: dueAt })
    .where('identity', '=', identity)
    .where('key', '=', key)
    .where('last_at', '=', lastAt)
    .where('told_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** It has spoken again, and is looked at once more. */
export async function markSpoken(tx: StateTransaction, { identity, key }: KeyOf): Promise<void> {
  await tx.updateTable('silence_keys').set({ told_at: null, due_at: 0 }).where('identity', '=', identity).where('key', '=', key).execute();
}

export async function dropKey(tx: StateTransaction, { identity, key }: KeyOf): Promise<void> {
  await tx.deleteFrom('silence_keys').where('identity', '=', identity).where('key', '=', key).execute();
}

/** All of them are looked at again: what decides about them has changed. */
export async function lookAgain(tx: StateTransaction): Promise<void> {
  await tx.updateTable('silence_keys').set({ due_at: 0 }).execute();
}

/** A clock that was set back: what seems to have been heard later was heard now. */
export async function heardByNow(tx: StateTransaction, now: number): Promise<void> {
  await tx.updateTable('silence_keys').set({ last_at: now, due_at: 0 }).where('last_at', '>', now).where('told_at', 'is', null).execute();
}

export async function deafTimes(db: StateDb, node: number): Promise<SilenceDeafRow[]> {
  return await db.selectFrom('silence_deaf').selectAll().where('node', '=', node).orderBy('since').execute();
}

export async function listenedUntil(db: StateDb, node: number): Promise<number | undefined> {
  const row = await db.selectFrom('silence_clocks').selectAll().where('node', '=', node).executeTakeFirst();
  return row?.listened_until;
}

/** Replaces what is kept of when a hub could not listen, and says until when it has. */
export async function writeClock(tx: StateTransaction, clock: SilenceClockRow, deaf: readonly SilenceDeafRow[] | undefined): Promise<void> {
  await tx
    .insertInto('silence_clocks')
    .values(clock)
    .onConflict((conflict) => conflict.column('node').doUpdateSet({ listened_until: clock.listened_until }))
    .execute();
  if (deaf === undefined) return;
  await tx.deleteFrom('silence_deaf').where('node', '=', clock.node).execute();
  for (let at = 0; at < deaf.length; at += CHUNK)
    await tx
      .insertInto('silence_deaf')
      .values(deaf.slice(at, at + CHUNK))
      .execute();
}
