import { err, ok, type Result } from '../lib/result.ts';
import { storable } from '../lib/storable-text.ts';
import type { AlertChange, AlertChangeWish } from '../model/alert-life.ts';
import type { AlertRow } from '../store/state/state.ts';

/** What an act changes of an alert's row, and the lines that it adds to the history. */
export interface Decision {
  readonly set: Partial<Omit<AlertRow, 'id'>>;
  readonly lines: readonly { readonly change: AlertChange['change']; readonly about: AlertChange['about'] }[];
}

const AWAKE = { snoozed_until: null, snoozed_count: null } as const;
const NOT_RESOLVED = { resolution: null, resolved_at: null } as const;

/** What an act does to an alert as it is now. `unchanged`: it is so already. */
export function decide(row: AlertRow, { act, actor }: AlertChangeWish, now: number): Result<Decision, 'unchanged'> {
  // Whatever they do about it, they have seen it.
  const seen = { acknowledged_at: row.acknowledged_at ?? now };
  switch (act.kind) {
    case 'acknowledge':
      if (row.state === 'acknowledged') return err('unchanged');
      return decided({ state: 'acknowledged', ...AWAKE, ...NOT_RESOLVED, ...seen }, 'acknowledged');
    case 'reopen':
      if (row.state === 'open') return err('unchanged');
      return decided({ state: 'open', ...AWAKE, ...NOT_RESOLVED }, 'reopened');
    case 'snooze':
      if (row.state === 'snoozed' && row.snoozed_until === act.until) return err('unchanged');
      return decided({ state: 'snoozed', snoozed_until: act.until, snoozed_count: liveCount(row), ...NOT_RESOLVED, ...seen }, 'snoozed', {
        until: new Date(act.until).toISOString(),
      });
    case 'resolve': {
      const resolution = act.resolution ?? null;
      if (row.state === 'resolved' && row.resolution === resolution) return err('unchanged');
      const resolvedAt = row.state === 'resolved' ? row.resolved_at : now;
      const about: AlertChange['about'] = resolution === null ? {} : { resolution };
      return decided({ state: 'resolved', resolution, resolved_at: resolvedAt, ...AWAKE, ...seen }, 'resolved', about);
    }
    case 'assign':
      return row.assignee === storable(act.to) ? err('unchanged') : ok(assigned(act.to));
    case 'unassign':
      return row.assignee === null ? err('unchanged') : decided({ assignee: null }, 'unassigned');
    case 'take':
      return take(row, actor, seen);
    case 'comment':
      return decided({}, 'commented');
  }
}

/** Makes it the actor's own; who takes an open alert has acknowledged it. */
function take(row: AlertRow, actor: string, seen: Decision['set']): Result<Decision, 'unchanged'> {
  const own = row.assignee === storable(actor) ? undefined : assigned(actor);
  const wakes = row.state === 'open' || row.state === 'snoozed';
  if (own === undefined && !wakes) return err('unchanged');
  const acknowledged: Decision = wakes
    ? { set: { state: 'acknowledged', ...AWAKE, ...seen }, lines: [{ change: 'acknowledged', about: {} }] }
    : { set: {}, lines: [] };
  return ok({ set: { ...own?.set, ...acknowledged.set }, lines: [...(own?.lines ?? []), ...acknowledged.lines] });
}

const assigned = (to: string): Decision => ({
  set: { assignee: storable(to) },
  lines: [{ change: 'assigned', about: { assignee: storable(to) } }],
});

const decided = (set: Decision['set'], change: AlertChange['change'], about: AlertChange['about'] = {}): Result<Decision, never> =>
  ok({ set, lines: [{ change, about }] });

/** Events that were not late: those that are told, and that may wake. */
export const liveCount = (row: Pick<AlertRow, 'count' | 'late_count'>): number => row.count - row.late_count;

/** Whether a snoozed alert has become ten times what it was when it was put to sleep. */
export const hasGrownTenfold = (row: AlertRow): boolean => liveCount(row) >= 10 * Math.max(row.snoozed_count ?? 0, 1);
