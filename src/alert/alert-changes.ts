import { err, ok, type Result } from '../lib/result.ts';
import { storable } from '../lib/storable-text.ts';
import type { AlertChangeWish } from '../model/alert-life.ts';
import type { AlertRow, StateTransaction } from '../store/state/state.ts';
import { lockAlerts, writeEpisodes } from './alert-rows.ts';
import { decide } from './life.ts';
import type { Router } from './routing.ts';
import { Telling } from './telling.ts';

/** `conflict`: another has changed it since the revision that was given. */
export type ChangeFault = 'not_found' | 'unchanged' | 'conflict';

/** A change that was made, with what the metrics need to know of it. */
export interface Changed {
  readonly row: AlertRow;
  /** Seconds since it was opened, where this change was the first that somebody did, or has resolved it. */
  readonly acknowledgedAfterSecs?: number;
  readonly resolvedAfterSecs?: number;
}

/** What belongs to a change and is written with it; false: it was made before, and nothing is changed. */
export type Alongside = (tx: StateTransaction) => Promise<boolean>;

/** Does one thing to one alert, under {@link lockAlerts}, which holds until the transaction ends: no hit joins what is being resolved. */
export async function changeAlert(
  tx: StateTransaction,
  id: string,
  wish: AlertChangeWish,
  now: number,
  alongside?: Alongside,
): Promise<Result<Changed, ChangeFault>> {
  const row = await tx.selectFrom('alerts').selectAll().where('id', '=', storable(id)).executeTakeFirst();
  if (row === undefined) return err('not_found');
  if (wish.revision !== undefined && wish.revision !== row.changes) return err('conflict');
  const decision = decide(row, wish, now);
  if (!decision.ok) return decision;
  if (alongside !== undefined && !(await alongside(tx))) return err('unchanged');
  const { set, lines } = decision.value;
  const note = storable(wish.note ?? '');
  const rows = lines.map(({ change, about }, i) => ({
    alert_id: row.id,
    position: row.changes + i,
    at: now,
    change,
    actor: storable(wish.actor),
    // Of an act with two lines, the note is with the first.
    note: i === 0 ? note : '',
    count: row.count,
    about: JSON.stringify({ ...about, ...(wish.via !== undefined && { via: wish.via }) }),
  }));
  await tx.insertInto('alert_changes').values(rows).execute();
  const changed: AlertRow = { ...row, ...set, changed_at: now, changes: row.changes + lines.length };
  await tx
    .updateTable('alerts')
    .set({ ...set, changed_at: changed.changed_at, changes: changed.changes })
    .where('id', '=', row.id)
    .execute();
  return ok({ row: changed, ...paces(row, changed, now) });
}

function paces(before: AlertRow, after: AlertRow, now: number): Omit<Changed, 'row'> {
  const secs = Math.max(now - before.opened_at, 0) / 1_000;
  return {
    ...(before.acknowledged_at === null && after.acknowledged_at !== null && { acknowledgedAfterSecs: secs }),
    ...(before.state !== 'resolved' && after.state === 'resolved' && { resolvedAfterSecs: secs }),
  };
}

/** Alerts of one transaction that wakes. */
const WAKE = 200;

/** Opens what has slept until its time, and tells of it. Gives how many there were. */
export async function wakeDue(tx: StateTransaction, router: Router, now: number): Promise<number> {
  await lockAlerts(tx);
  const due = await tx
    .selectFrom('alerts')
    .selectAll()
    .where(...SLEEPING)
    .where('snoozed_until', '<=', now)
    .limit(WAKE)
    .execute();
  const telling = new Telling(router, now);
  for (const row of due) telling.wake(row, 'its time is over');
  const alerts = due.map((row) => ({ ...row, changed_at: now }));
  const { changes, outbox } = telling;
  await writeEpisodes(tx, { alerts, opened: [], events: [], subjects: [], changes, outbox });
  return due.length;
}

const SLEEPING = ['state', '=', 'snoozed'] as const;

/** Whether there is anything for {@link wakeDue} to do, without the lock. */
export async function anyDue(tx: Pick<StateTransaction, 'selectFrom'>, now: number): Promise<boolean> {
  const found = await tx
    .selectFrom('alerts')
    .select('id')
    .where(...SLEEPING)
    .where('snoozed_until', '<=', now)
    .limit(1)
    .execute();
  return found.length > 0;
}
