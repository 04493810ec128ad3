import type { ToldAlert } from '../model/alert.ts';
import type { AlertChange } from '../model/alert-life.ts';
import type { StateDb } from '../store/state/state.ts';
import { changeOf, withEvidence } from './alert-rows.ts';

/** Lines of a history that lead to a state. */
const DECISIONS = ['acknowledged', 'snoozed', 'woke', 'resolved', 'reopened'] as const;

/** Alerts by id as people are told of them, in any order; a handful at a time. Those that are not there are left out. */
export async function toldAlerts(db: StateDb, ids: readonly string[]): Promise<ToldAlert[]> {
  if (ids.length === 0) return [];
  const alerts = await withEvidence(db, await db.selectFrom('alerts').selectAll().where('id', 'in', ids).execute());
  const lines = await db
    .selectFrom('alert_changes')
    .selectAll()
    .where('alert_id', 'in', ids)
    .where('change', 'in', DECISIONS)
    .orderBy('position')
    .execute();
  const last = new Map<string, AlertChange>(lines.map((line) => [line.alert_id, changeOf(line)]));
  return alerts.map((alert) => ({ ...alert, decision: last.get(alert.id) }));
}
