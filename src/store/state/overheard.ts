import { storable } from '../../lib/storable-text.ts';
import type { StateDb, StateTransaction } from './state.ts';

/** Something that was heard and is not told yet. */
export interface OverheardRow {
  key: string;
  /** The words that were heard, as a JSON array. */
  phrases: string;
  /** What has them, and of which datasets, as JSON. */
  part: string;
  at: number;
}

/** What somebody was told in this hour, and what waits for them. */
export interface ListeningAccountRow {
  listener: string;
  /** As JSON. */
  account: string;
  /** When something that waits is to be looked at again; null where nothing waits. */
  due_at: number | null;
}

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 400;

/** Keeps what was heard until it is told; the same again changes nothing. */
export async function keepOverheard(tx: StateTransaction, rows: readonly OverheardRow[]): Promise<void> {
  for (const some of chunks(rows))
    await tx
      .insertInto('overheard')
      .values(some.map((row) => ({ ...row, phrases: storable(row.phrases), part: storable(row.part) })))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
}

/** What was heard first. */
export const overheard = (db: Pick<StateDb, 'selectFrom'>, limit: number): Promise<OverheardRow[]> =>
  db.selectFrom('overheard').selectAll().orderBy('at').orderBy('key').limit(limit).execute();

export async function forgetOverheard(tx: StateTransaction, rows: readonly OverheardRow[]): Promise<void> {
  for (const some of chunks(rows.map(({ key }) => key))) await tx.deleteFrom('overheard').where('key', 'in', some).execute();
}

/** Whether there is somebody for whom the time has come. */
export async function isAccountDue(db: Pick<StateDb, 'selectFrom'>, now: number): Promise<boolean> {
  return (await db.selectFrom('listening_accounts').select('listener').where('due_at', '<=', now).limit(1).execute()).length > 0;
}

/** The accounts of these, and of those for whom the time has come; at most so many of the second. */
export async function accountsOf(
  tx: StateTransaction,
  listeners: readonly string[],
  now: number,
  limit: number,
): Promise<ListeningAccountRow[]> {
  const due = await tx.selectFrom('listening_accounts').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(limit).execute();
  const found = new Map(due.map((row) => [row.listener, row]));
  for (const some of chunks(listeners.filter((id) => !found.has(id)))) {
    const rows = await tx.selectFrom('listening_accounts').selectAll().where('listener', 'in', some).execute();
    for (const row of rows) found.set(row.listener, row);
  }
  return [...found.values()];
}

export async function keepAccounts(tx: StateTransaction, rows: readonly ListeningAccountRow[]): Promise<void> {
  for (const some of chunks(rows))
    await tx
      .insertInto('listening_accounts')
      .values(some.map((row) => ({ ...row, account: storable(row.account) })))
      .onConflict((conflict) =>
        conflict.column('listener').doUpdateSet((set) => ({ account: set.ref('excluded.account'), due_at: set.ref('excluded.due_at') })),
      )
      .execute();
}

/** Of those who listen no more. */
export async function forgetAccounts(tx: StateTransaction, listeners: readonly string[]): Promise<void> {
  for (const some of chunks(listeners)) await tx.deleteFrom('listening_accounts').where('listener', 'in', some).execute();
}

function* chunks<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += CHUNK) yield all.slice(at, at + CHUNK);
}
