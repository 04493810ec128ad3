import { sql } from 'kysely';
import type { StateDb, StateTransaction } from './state.ts';

/** The last digest of a name that was put on its way. */
export interface DigestRow {
  name: string;
  /** When it is due by the settings of then, as JSON: another schedule begins anew. */
  terms: string;
  /** When it was due; of one that was never told, the moment up to which none is owed. */
  due_at: number;
}

export const toldDigest = (db: Pick<StateDb, 'selectFrom'>, name: string): Promise<DigestRow | undefined> =>
  db.selectFrom('digests').selectAll().where('name', '=', name).executeTakeFirst();

/** From now on the digests of that name are owed that are due after `due_at`. */
export async function beginDigest(tx: StateTransaction, row: DigestRow): Promise<void> {
  await tx
    .insertInto('digests')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}

/** Notes that it is on its way. False when it was already. */
export async function passDigest(tx: StateTransaction, { name, terms, due_at: due }: DigestRow): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('digests')
    .set({ due_at: due })
    .where('name', '=', name)
    .where('terms', '=', terms)
    .where('due_at', '<', due)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Times since `since` in which a hub could not hear: those that are written down, and what has gone by since a hub said last that it listens.
 * Another hub that has said nothing in all that time is taken for gone.
 */
export async function deafSince(db: StateDb, { node, since, now }: DeafQuery): Promise<{ from: number; to: number }[]> {
  const rows = await db.selectFrom('silence_deaf').selectAll().where('until', '>', since).orderBy('since').execute();
  const clocks = await db
    .selectFrom('silence_clocks')
    .selectAll()
    .where('listened_until', '<', now - SAID_EVERY_MS)
    .where((where) => where.or([where('listened_until', '>', since), where('node', '=', node)]))
    .execute();
  return [
    ...rows.map((row) => ({ from: Math.max(row.since, since), to: row.until })),
    ...clocks.map(({ listened_until: until }) => ({ from: Math.max(until, since), to: now })),
  ];
}

export interface DeafQuery {
  readonly node: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly now: number;
}

/** A hub says at least so often that it listens. */
const SAID_EVERY_MS = 60_000;

/** When this database was made: it knows of no alert before. */
export async function keptSince(db: StateDb): Promise<number> {
  const { rows } = await sql<{ first: string }>`select min(timestamp) as first from kysely_migration`.execute(db);
  return Date.parse(rows[0]?.first ?? '');
}
