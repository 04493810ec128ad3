import type { OutboxRow, StateTransaction } from '../store/state/state.ts';

/** What goes on around an alert is stored some moments after it. */
const AFTER_MS = 5_000;

/** A message has told of an alert: what is known around it follows in its thread. One that names nobody has no such context. */
export async function queueContext(tx: StateTransaction, alertId: string, { notifier, now }: Told): Promise<void> {
  if (!(await namesSomebody(tx, alertId))) return;
  const row: OutboxRow = {
    key: `${alertId}.context.${notifier}`,
    notifier,
    alert_id: alertId,
    kind: 'context',
    state: 'pending',
    batch: null,
    // It is read from the store when it is sent: no other message could tell it.
    alone: 1,
    attempts: 0,
    possible_repeat: 0,
    due_at: now + AFTER_MS,
    created_at: now,
    changed_at: now,
    why: null,
    ref: null,
    tried_at: null,
    joined: null,
  };
  await tx
    .insertInto('outbox')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

interface Told {
  readonly notifier: string;
  readonly now: number;
}

/** Forgets what waits for notifiers that do not want it any more. */
export async function dropContext(tx: StateTransaction, wanting: readonly string[]): Promise<void> {
  const waiting = tx.deleteFrom('outbox').where('kind', '=', 'context').where('state', '=', 'pending');
  await (wanting.length === 0 ? waiting : waiting.where('notifier', 'not in', wanting)).execute();
}

async function namesSomebody(tx: StateTransaction, alertId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('alert_subjects')
    .select('value')
    .where('alert_id', '=', alertId)
    .where('kind', '=', 'person')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
