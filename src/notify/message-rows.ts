import { sql } from 'kysely';
import { LEVELS } from '../model/severity.ts';
import type { MessageRow, StateDb, StateTransaction } from '../store/state/state.ts';

/** What a message shows of its alerts: sums that grow with each of their changes, and with each of their events. */
export interface Shown {
  readonly changes: number;
  readonly count: number;
}

export interface NewMessage {
  readonly key: string;
  readonly notifier: string;
  readonly ref: string;
  readonly shown: Shown;
  readonly now: number;
}

/** Keeps in mind where a message is. */
export async function recordMessage(tx: StateTransaction, { key, notifier, ref, shown, now }: NewMessage): Promise<void> {
  const row: MessageRow = {
    key,
    notifier,
    ref,
    state: 'live',
    shown_changes: shown.changes,
    shown_count: shown.count,
    posted_at: now,
    edited_at: now,
  };
  await tx
    .insertInto('messages')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}

export async function closeMessage(tx: StateTransaction, key: string, state: 'fixed' | 'gone'): Promise<void> {
  await tx.updateTable('messages').set({ state }).where('key', '=', key).execute();
}

export async function markEdited(tx: StateTransaction, key: string, shown: Shown, now: number): Promise<void> {
  await tx
    .updateTable('messages')
    .set({ shown_changes: shown.changes, shown_count: shown.count, edited_at: now })
    .where('key', '=', key)
    .execute();
}

/** What the message of that key would show now. */
export async function shownBy(db: Pick<StateDb, 'selectFrom'>, key: string): Promise<Shown> {
  const row = await db
    .selectFrom('outbox')
    .innerJoin('alerts', 'alerts.id', 'outbox.alert_id')
    .select((select) => [select.fn.sum<number | string>('changes').as('changes'), select.fn.sum<number | string>('count').as('count')])
    .where('outbox.batch', '=', key)
    .where('outbox.kind', '=', 'opened')
    .executeTakeFirst();
  return { changes: Number(row?.changes ?? 0), count: Number(row?.count ?? 0) };
}

/** A message that is out of date. */
export interface Stale {
  readonly key: string;
  readonly ref: string;
  /** What it is to show. */
  readonly shown: Shown;
  /** False where only the number of events has changed. */
  readonly changed: boolean;
  /** When it was posted or edited last. */
  readonly editedAt: number;
}

/**
 * The message that is most in need of an edit: first those whose alerts have changed, then those whose alerts have only more events; of
 * each, the one that was left alone longest. Only messages are looked at whose alerts have changed since that time.
 */
export async function mostStale(db: StateDb, notifier: string, since: number): Promise<Stale | undefined> {
  const changes = sql<number | string>`sum(alerts.changes)`;
  const count = sql<number | string>`sum(alerts.count)`;
  const row = await db
    .selectFrom('messages')
    .innerJoin('outbox', (join) => join.onRef('outbox.batch', '=', 'messages.key').on('outbox.kind', '=', 'opened'))
    .innerJoin('alerts', 'alerts.id', 'outbox.alert_id')
    .select(['messages.key', 'messages.ref', 'messages.shown_changes', 'messages.edited_at', changes.as('changes'), count.as('count')])
    .where('messages.notifier', '=', notifier)
    .where('messages.state', '=', 'live')
    .where('messages.key', 'in', (where) =>
      where
        .selectFrom('alerts as touched')
        .innerJoin('outbox as told', 'told.alert_id', 'touched.id')
        .select((select) => select.ref('told.batch').$notNull().as('batch'))
        .where('touched.changed_at', '>=', since)
        .where('told.notifier', '=', notifier)
        .where('told.kind', '=', 'opened')
        .where('told.batch', 'is not', null),
    )
    .groupBy(['messages.key', 'messages.ref', 'messages.shown_changes', 'messages.shown_count', 'messages.edited_at'])
    .having(sql<boolean>`(sum(alerts.changes) <> messages.shown_changes or sum(alerts.count) <> messages.shown_count)`)
    .orderBy(sql`case when sum(alerts.changes) <> messages.shown_changes then 0 else 1 end`)
    .orderBy('messages.edited_at')
    .orderBy('messages.key')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const shown = { changes: Number(row.changes), count: Number(row.count) };
  return { key: row.key, ref: row.ref, shown, changed: shown.changes !== row.shown_changes, editedAt: row.edited_at };
}

/** The alerts of a message, the most severe first, and of the same level in the order in which they were told. */
export async function alertsOf(db: StateDb, key: string): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .innerJoin('alerts', 'alerts.id', 'outbox.alert_id')
    .select(['alert_id', 'level'])
    .where('outbox.batch', '=', key)
    .where('outbox.kind', '=', 'opened')
    .orderBy('outbox.created_at')
    .orderBy('outbox.key')
    .execute();
  return rows.sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level)).map(({ alert_id }) => alert_id);
}

/** Forgets messages that nothing is known of any more. */
export async function pruneMessages(tx: StateTransaction, before: number): Promise<void> {
  await tx
    .deleteFrom('messages')
    .where('posted_at', '<', before)
    .where((where) =>
      where.not(where.exists(where.selectFrom('outbox').select('outbox.key').whereRef('outbox.batch', '=', 'messages.key'))),
    )
    .execute();
}
