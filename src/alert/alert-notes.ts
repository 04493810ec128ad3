import { storable } from '../lib/storable-text.ts';
import type { AlertChange } from '../model/alert-life.ts';
import type { StateTransaction } from '../store/state/state.ts';
import { lockAlerts } from './alert-rows.ts';

/** Adds a line to an alert's history that changes nothing else of it. An alert that is gone has no history. */
export async function noteOnAlert(
  tx: StateTransaction,
  alertId: string,
  line: Omit<AlertChange, 'at' | 'count'>,
  now: number,
): Promise<void> {
  await lockAlerts(tx);
  const id = storable(alertId);
  const row = await tx.selectFrom('alerts').select(['changes', 'count']).where('id', '=', id).executeTakeFirst();
  if (row === undefined) return;
  const { change, actor, note, about } = line;
  await tx
    .insertInto('alert_changes')
    .values({
      alert_id: id,
      position: row.changes,
      at: now,
      change,
      actor: storable(actor),
      note: storable(note),
      count: row.count,
      about: storable(JSON.stringify(about)),
    })
    .execute();
  await tx
    .updateTable('alerts')
    .set({ changed_at: now, changes: row.changes + 1 })
    .where('id', '=', id)
    .execute();
}
