import { cutText } from '../lib/cut-text.ts';
import { storable } from '../lib/storable-text.ts';
import type { Answer } from '../model/answer.ts';
import type { Chart } from '../model/chart.ts';
import type { StateDb, StateTransaction, WhisperRow } from '../store/state/state.ts';
import type { Delivery } from './notifier.ts';

/** Something for one place of a target: a person, or a channel. */
export interface NewWhisper {
  readonly key: string;
  readonly notifier: string;
  /** Null: where the notifier tells alerts. */
  readonly place: string | null;
  /** Whose it is. */
  readonly listener: string;
  readonly answer: Answer;
  readonly chart?: Chart | undefined;
}

/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 400;

/** Puts them on their way; the same key again changes nothing. */
export async function queueWhispers(tx: StateTransaction, whispers: readonly NewWhisper[], now: number): Promise<void> {
  const rows = whispers.map(
    ({ answer, chart, ...whisper }): WhisperRow => ({
      ...whisper,
      answer: storable(JSON.stringify(answer)),
      chart: chart === undefined ? null : storable(JSON.stringify(chart)),
      state: 'pending',
      attempts: 0,
      possible_repeat: 0,
      due_at: now,
      created_at: now,
      changed_at: now,
      tried_at: null,
      why: null,
    }),
  );
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('whispers')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
}

/** Takes what is due longest, and marks it as being sent. */
export async function claimWhisper(tx: StateTransaction, notifier: string, now: number): Promise<WhisperRow | undefined> {
  const row = await tx
    .selectFrom('whispers')
    .selectAll()
    .where('state', '=', 'pending')
    .where('notifier', '=', notifier)
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .orderBy('created_at')
    .orderBy('key')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const sending = { state: 'sending', attempts: row.attempts + 1, tried_at: row.tried_at ?? now, changed_at: now } as const;
  await tx.updateTable('whispers').set(sending).where('key', '=', row.key).execute();
  return { ...row, ...sending };
}

/** Whose messages have not reached their places yet. */
export async function whoseAreUnsent(tx: StateTransaction): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom('whispers').select('listener').distinct().where('state', 'in', ['pending', 'sending']).execute();
  return new Set(rows.map(({ listener }) => listener));
}

export interface WhisperSettling {
  readonly now: number;
  readonly maxAttempts: number;
  /** The wait after so many attempts, in milliseconds. */
  delayMs(attempts: number): number;
}

/** Writes down how it went. */
export async function settleWhisper(
  tx: StateTransaction,
  { key, attempts }: WhisperRow,
  delivery: Delivery,
  { now, maxAttempts, delayMs }: WhisperSettling,
): Promise<void> {
  const sending = tx.updateTable('whispers').where('key', '=', key).where('state', '=', 'sending');
  if (delivery.verdict === 'delivered') return void (await sending.set({ state: 'delivered', why: null, changed_at: now }).execute());
  const why = cutText(storable(delivery.why), 500);
  if (delivery.verdict === 'reject' || attempts >= maxAttempts) {
    await sending.set({ state: 'dead', why, changed_at: now }).execute();
    return;
  }
  const due = now + Math.max(delivery.afterMs ?? 0, delayMs(attempts));
  const again = { state: 'pending', why, due_at: due, changed_at: now } as const;
  await sending.set(delivery.ambiguous === true ? { ...again, possible_repeat: 1 } : { ...again, tried_at: null }).execute();
}

/** What was being sent when the process before this one ended goes again, and says that it may be a repeat. */
export async function recoverWhispers(tx: StateTransaction, now: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('whispers')
    .set({ state: 'pending', possible_repeat: 1, due_at: now, changed_at: now, why: 'Earshot stopped before the target answered' })
    .where('state', '=', 'sending')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Sets aside what waits for notifiers that are no longer configured, or cannot tell it. */
export async function setAsideWhispers(tx: StateTransaction, notifiers: readonly string[], now: number): Promise<number> {
  let orphans = tx
    .updateTable('whispers')
    .set({ state: 'dead', changed_at: now, why: 'no notifier of this name is configured that can tell a single place' })
    .where('state', '=', 'pending');
  if (notifiers.length > 0) orphans = orphans.where('notifier', 'not in', notifiers);
  return Number((await orphans.executeTakeFirst()).numUpdatedRows);
}

/** When the next of a notifier's is due, or undefined when none waits. */
export async function nextWhisperDue(db: StateDb, notifier: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('whispers')
    .select('due_at')
    .where('state', '=', 'pending')
    .where('notifier', '=', notifier)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at;
}

/** Forgets what was delivered before that time, and what could not be for as long again. */
export async function pruneWhispers(tx: StateTransaction, before: number): Promise<void> {
  await tx.deleteFrom('whispers').where('state', 'in', ['delivered', 'dead']).where('changed_at', '<', before).execute();
}
