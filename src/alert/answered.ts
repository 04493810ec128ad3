import { storable } from '../lib/storable-text.ts';
import type { AlertChange } from '../model/alert-life.ts';
import type { OutboxRow, StateTransaction } from '../store/state/state.ts';
import { noteOnAlert } from './alert-notes.ts';
import { toldOf } from './telling.ts';

/** What somebody has answered who was asked whether it was them. */
export interface Answered {
  readonly alertId: string;
  /** Id of the ask. */
  readonly ask: string;
  /** It was not them: that is to wake an alert that sleeps. It closes nothing, and it opens none that somebody has resolved. */
  readonly isAlarming: boolean;
  readonly line: Pick<AlertChange, 'actor' | 'note' | 'about'>;
}

/** Adds it to the alert's history, and tells all who have been told of the alert. An alert that is gone has neither. */
export async function noteAnswer(tx: StateTransaction, { alertId, ask, isAlarming, line }: Answered, now: number): Promise<void> {
  await noteOnAlert(tx, alertId, { change: 'answered', ...line }, now);
  const id = storable(alertId);
  const alert = await tx.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  if (alert === undefined) return;
  if (isAlarming && alert.state === 'snoozed') {
    await noteOnAlert(tx, alertId, { change: 'woke', actor: 'earshot', note: 'who was asked says that it was not them', about: {} }, now);
    await tx.updateTable('alerts').set({ state: 'open', snoozed_until: null, snoozed_count: null }).where('id', '=', id).execute();
  }
  const rows = toldOf(alert).map((notifier) => rowOf(alert.id, ask, notifier, now));
  if (rows.length === 0) return;
  await tx
    .insertInto('outbox')
    .values(rows)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

const rowOf = (alertId: string, ask: string, notifier: string, now: number): OutboxRow => ({
  key: `${alertId}.said-${ask}.${notifier}`,
  notifier,
  alert_id: alertId,
  kind: 'said',
  state: 'pending',
  batch: null,
  // It must not be lost among others.
  alone: 1,
  attempts: 0,
  possible_repeat: 0,
  due_at: now,
  created_at: now,
  changed_at: now,
  why: null,
  ref: null,
  tried_at: null,
  joined: JSON.stringify({ ask }),
});
