import type { ToldAlert } from '../model/alert.ts';
import type { AlertChange } from '../model/alert-life.ts';
import type { AlertChangeRow, StateDb } from '../store/state/state.ts';
import { changeOf, withEvidence } from './alert-rows.ts';

/** Lines of a history that lead to a state. */
const DECISIONS = ['acknowledged', 'snoozed', 'woke', 'resolved', 'reopened', 'merged'] as const;

/** Alerts by id as people are told of them, in any order; a handful at a time. Those that are not there are left out. */
export async function toldAlerts(db: StateDb, ids: readonly string[]): Promise<ToldAlert[]> {
  if (ids.length === 0) return [];
  const alerts = await withEvidence(db, await db.selectFrom('alerts').selectAll().where('id', 'in', ids).execute());
  const lines = await db
    .selectFrom('alert_changes')
    .selectAll()
    .where('alert_id', 'in', ids)
    .where('change', 'in', [...DECISIONS, 'revised', 'acted', 'asked', 'answered'])
    .orderBy('position')
    .execute();
  const decisions = lastOf(lines.filter(({ change }) => DECISIONS.some((each) => each === change)));
  const revisions = lastOf(lines.filter(({ change }) => change === 'revised'));
  const byAlert = (...changes: readonly AlertChangeRow['change'][]) =>
    Map.groupBy(
      lines.filter(({ change }) => changes.includes(change)),
      (line) => line.alert_id,
    );
  const acted = byAlert('acted');
  const asked = byAlert('asked', 'answered');
  return alerts.map((alert) => ({
    ...alert,
    decision: decisions.get(alert.id),
    revised: revisions.get(alert.id),
    acts: lastOfEach(acted.get(alert.id) ?? [], 'act'),
    asks: lastOfEach(asked.get(alert.id) ?? [], 'ask'),
  }));
}

/** Of each act, or ask, the last line; that of which something was heard last comes last. */
function lastOfEach(lines: readonly AlertChangeRow[], of: 'act' | 'ask'): AlertChange[] | undefined {
  const last = new Map<string, AlertChange>();
  for (const line of lines.map(changeOf)) {
    const key = line.about[of] ?? '';
    last.delete(key);
    last.set(key, line);
  }
  return last.size === 0 ? undefined : [...last.values()];
}

const lastOf = (lines: readonly AlertChangeRow[]): Map<string, AlertChange> =>
  new Map(lines.map((line) => [line.alert_id, changeOf(line)]));
