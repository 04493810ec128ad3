import { createHash } from 'node:crypto';
import type { ExpressionBuilder } from 'kysely';
import { z } from 'zod';
import { cutText } from '../lib/cut-text.ts';
import { storable } from '../lib/storable-text.ts';
import { LEVELS, type Level } from '../model/severity.ts';
import type { OutboxRow, StateDb, StateTransaction, Tables } from '../store/state/state.ts';
import { queueContext } from './context-rows.ts';
import { closeMessage, recordMessage, type Shown, shownBy } from './message-rows.ts';
import type { Delivery, Joined } from './notifier.ts';

/** Alerts told in full in one message. */
export const SHOWN = 8;
/** Rows of one message: what waits beyond that is told in the next. */
const MOST = 100_000;
/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 500;
/** Messages of unknown outcome that may wait for their repeat before no new ones are made: a silent target must not pile them up. */
const UNSURE = 4;

/** Rows that go out in one message. Written down as `sending` before the call. */
export interface Batch {
  /** Identity of the message. */
  readonly key: string;
  readonly kind: OutboxRow['kind'];
  /** The alerts to tell in full, most severe first. */
  readonly shown: readonly string[];
  /** How many more alerts there are. */
  readonly more: number;
  readonly possibleRepeat: boolean;
  readonly triedAt: number;
  /** The message whose thread this belongs to. */
  readonly thread: Thread | undefined;
  readonly joined: readonly Joined[];
  /** The ask whose answer it tells of. */
  readonly said: string | undefined;
  /** What a message of it shows of its alerts. */
  readonly versions: Shown;
  /** Attempts made, this one included, of the rows that had most. */
  readonly attempts: number;
}

/** A message that is there already, and tells of the alert. */
export interface Thread {
  readonly key: string;
  readonly ref: string;
}

type Member = Pick<
  OutboxRow,
  'key' | 'alert_id' | 'kind' | 'batch' | 'alone' | 'attempts' | 'possible_repeat' | 'created_at' | 'tried_at' | 'joined'
> & {
  level: Level;
  thread_key: string | null;
  thread_ref: string | null;
};

/** What a lane carries: alerts and their growth, or what is known around them. */
export type Errand = 'news' | 'context';

const KINDS: Readonly<Record<Errand, readonly OutboxRow['kind'][]>> = { news: ['opened', 'grew', 'said'], context: ['context'] };

/** Takes what is due for a notifier, all that may go together, and marks it as being sent. */
export async function claim(tx: StateTransaction, notifier: string, now: number, errand: Errand): Promise<Batch | undefined> {
  const head = await headOf(tx, notifier, now, errand);
  if (head === undefined) return undefined;
  const members = await membersOf(tx, notifier, head, now);
  const batch = describe(members, head.batch, now);
  for (let at = 0; at < members.length; at += CHUNK) {
    const keys = members.slice(at, at + CHUNK).map((member) => member.key);
    await tx
      .updateTable('outbox')
      .set((set) => ({ state: 'sending', batch: batch.key, attempts: set('attempts', '+', 1), tried_at: batch.triedAt, changed_at: now }))
      .where('key', 'in', keys)
      .execute();
  }
  // Before the alerts are read: what changes in between is shown now, and once more.
  return { ...batch, versions: await shownBy(tx, batch.key) };
}

type Head = Pick<OutboxRow, 'key' | 'batch' | 'alone'>;

/**
 * What is due longest, and what opened before what grew. While too many messages of unknown outcome wait for their repeat, those alone. The
 * growth of an alert whose opening is still on its way waits for it: it belongs to the same message.
 */
async function headOf(tx: StateTransaction, notifier: string, now: number, errand: Errand): Promise<Head | undefined> {
  const due = tx
    .selectFrom('outbox')
    .select(['key', 'batch', 'alone'])
    .where('state', '=', 'pending')
    .where('kind', 'in', KINDS[errand])
    .where('notifier', '=', notifier)
    .where('due_at', '<=', now)
    .where((where) => where.or([where('batch', 'is not', null), where('kind', '=', 'opened'), openingIsOver(where)]))
    // Where few messages may go out, what is new is not to wait for what goes on: said, opened, grew.
    .orderBy('kind', 'desc')
    .orderBy('due_at')
    .orderBy('created_at')
    .orderBy('key')
    .limit(1);
  const head = await due.executeTakeFirst();
  if (head === undefined || head.batch !== null || !(await tooManyUnsure(tx, notifier, errand))) return head;
  return due.where('batch', 'is not', null).executeTakeFirst();
}

/** True of growth that has no opening which is on its way in a message that it cannot join. */
const openingIsOver = (where: ExpressionBuilder<Tables, 'outbox'>) =>
  where.not(
    where.exists(
      where
        .selectFrom('outbox as opening')
        .select('opening.key')
        .whereRef('opening.alert_id', '=', 'outbox.alert_id')
        .whereRef('opening.notifier', '=', 'outbox.notifier')
        .where('opening.kind', '=', 'opened')
        .where('opening.state', 'in', ['pending', 'sending'])
        .where('opening.batch', 'is not', null),
    ),
  );

async function membersOf(tx: StateTransaction, notifier: string, head: Head, now: number): Promise<Member[]> {
  const waiting = tx
    .selectFrom('outbox')
    .innerJoin('alerts', 'alerts.id', 'outbox.alert_id')
    .leftJoin('outbox as told', (join) =>
      join
        .onRef('told.alert_id', '=', 'outbox.alert_id')
        .onRef('told.notifier', '=', 'outbox.notifier')
        .on('told.kind', '=', 'opened')
        .on('told.state', '=', 'delivered'),
    )
    .leftJoin('messages', (join) => join.onRef('messages.key', '=', 'told.batch').on('messages.state', '!=', 'gone'))
    .select(['outbox.key', 'outbox.alert_id', 'outbox.kind', 'outbox.batch', 'outbox.alone', 'outbox.attempts'])
    .select(['outbox.possible_repeat', 'outbox.created_at', 'outbox.tried_at', 'outbox.joined', 'alerts.level'])
    .select(['messages.key as thread_key', 'messages.ref as thread_ref'])
    .where('outbox.state', '=', 'pending')
    .where('outbox.notifier', '=', notifier);
  if (head.batch !== null)
    return waiting.where('outbox.batch', '=', head.batch).orderBy('outbox.created_at').orderBy('outbox.key').execute();
  if (head.alone === 1) return waiting.where('outbox.key', '=', head.key).execute();
  const free = await waiting
    .where('outbox.batch', 'is', null)
    .where('outbox.alone', '=', 0)
    .where('outbox.due_at', '<=', now)
    .where((where) => where.or([where('outbox.kind', '=', 'opened'), openingIsOver(where)]))
    .orderBy('outbox.created_at')
    .orderBy('outbox.key')
    .limit(MOST)
    .execute();
  return together(free, head);
}

/** Threads that are answered one by one. When more than that have something new, it is told in one message of its own. */
const THREADS = 4;

/** Of all that is due, what may go out with the head: what belongs to its thread, or what belongs to none. */
function together(due: readonly Member[], head: Head): Member[] {
  const thread = due.find(({ key }) => key === head.key)?.thread_key ?? null;
  if (thread === null) return due.filter(({ thread_key }) => thread_key === null);
  const threads = new Set(due.flatMap(({ thread_key }) => thread_key ?? []));
  return due.filter(({ thread_key }) => (threads.size > THREADS ? thread_key !== null : thread_key === thread));
}

/** Of the same errand: no news waits for what is known around other news. */
async function tooManyUnsure(tx: StateTransaction, notifier: string, errand: Errand): Promise<boolean> {
  const rows = await tx
    .selectFrom('outbox')
    .select('batch')
    .distinct()
    .where('state', '=', 'pending')
    .where('notifier', '=', notifier)
    .where('kind', 'in', KINDS[errand])
    .where('batch', 'is not', null)
    .limit(UNSURE)
    .execute();
  return rows.length >= UNSURE;
}

function describe(members: readonly Member[], known: string | null, now: number): Omit<Batch, 'versions'> {
  const levels = new Map(members.map((member) => [member.alert_id, LEVELS.indexOf(member.level)]));
  const alerts = [...levels].sort(([, a], [, b]) => b - a).map(([id]) => id);
  return {
    key: known ?? keyOf(members),
    kind: members.find(({ kind }) => kind !== 'grew')?.kind ?? 'grew',
    shown: alerts.slice(0, SHOWN),
    more: Math.max(0, alerts.length - SHOWN),
    possibleRepeat: members.some((member) => member.possible_repeat === 1),
    triedAt: members.reduce((first, { tried_at }) => Math.min(first, tried_at ?? now), now),
    thread: threadOf(members),
    joined: joinedIn(members),
    said: saidIn(members),
    attempts: members.reduce((most, member) => Math.max(most, member.attempts), 0) + 1,
  };
}

/** The thread that all of them belong to. */
function threadOf(members: readonly Member[]): Thread | undefined {
  const [first, ...others] = members;
  if (first === undefined || others.some(({ thread_key }) => thread_key !== first.thread_key)) return undefined;
  return first.thread_key === null || first.thread_ref === null ? undefined : { key: first.thread_key, ref: first.thread_ref };
}

/** What `joined` holds: written by alerting alone. */
const joinedText = z.object({ users: z.array(z.string()), hosts: z.array(z.string()), woke: z.string().optional() });

function joinedIn(members: readonly Member[]): Joined[] {
  return members.flatMap(({ alert_id: alertId, kind, joined }) =>
    joined === null || kind === 'said' ? [] : [{ alertId, ...joinedText.parse(JSON.parse(joined)) }],
  );
}

/** An answer goes out alone. */
function saidIn([first]: readonly Member[]): string | undefined {
  return first?.kind === 'said' ? z.object({ ask: z.string() }).parse(JSON.parse(first.joined ?? '{}')).ask : undefined;
}

function keyOf(members: readonly Member[]): string {
  const [only, second] = members;
  if (only !== undefined && second === undefined) return only.key;
  const digest = createHash('sha256').update(members.map((member) => member.key).join('\n'));
  return `burst.${digest.digest('hex').slice(0, 32)}`;
}

export interface Settling {
  readonly now: number;
  readonly notifier: string;
  readonly maxAttempts: number;
  /** The wait after so many attempts, in milliseconds. */
  delayMs(attempts: number): number;
  /** Whether the message is kept up to date from now on. */
  readonly edits: boolean;
  /** Whether what is known around its alert is to follow. */
  readonly wantsContext: boolean;
}

/** Writes down how a message went. */
export async function settle(tx: StateTransaction, batch: Batch, delivery: Delivery, settling: Settling): Promise<void> {
  const { now } = settling;
  const sending = tx.updateTable('outbox').where('batch', '=', batch.key).where('state', '=', 'sending');
  if (delivery.verdict === 'delivered') {
    const why = delivery.missed === undefined ? null : brief(delivery.missed);
    await sending.set({ state: 'delivered', ref: brief(delivery.ref), why, changed_at: now }).execute();
    // An alert of silence has no event, but a line of its history.
    if (settling.edits && batch.versions.count + batch.versions.changes > 0) {
      const { notifier } = settling;
      await recordMessage(tx, { key: batch.key, notifier, ref: delivery.ref, shown: batch.versions, now });
    }
    const alertId = toldAlone(batch);
    if (settling.wantsContext && alertId !== undefined) await queueContext(tx, alertId, settling);
    return;
  }
  if (delivery.verdict === 'retry') return retry(tx, batch, delivery, settling);
  const why = brief(delivery.why);
  if (delivery.gone === true && batch.kind === 'context') {
    // Whoever has removed the message wants nothing around it.
    if (batch.thread !== undefined) await closeMessage(tx, batch.thread.key, 'gone');
    await tx.deleteFrom('outbox').where('batch', '=', batch.key).where('state', '=', 'sending').execute();
    return;
  }
  if (delivery.gone === true && batch.thread !== undefined) {
    // Without its thread it is a message of its own.
    await closeMessage(tx, batch.thread.key, 'gone');
    await sending.set({ state: 'pending', batch: null, why, due_at: now, changed_at: now }).execute();
    return;
  }
  const whole = delivery.target === true || batch.shown.length + batch.more === 1;
  if (whole) {
    await sending.set({ state: 'dead', batch: null, why, changed_at: now }).execute();
    return;
  }
  // One of the alerts told in full must be what the target does not take: each of them gets a message of its own, and the rest is free.
  const free = { state: 'pending', batch: null, why, due_at: now, changed_at: now } as const;
  await sending
    .where('alert_id', 'in', batch.shown)
    .set({ ...free, alone: 1 })
    .execute();
  await sending.set(free).execute();
}

/** The alert that a message has told of first, and by itself: of a burst nobody reads so much. */
function toldAlone({ kind, shown, more, thread }: Batch): string | undefined {
  return kind === 'opened' && thread === undefined && shown.length + more === 1 ? shown[0] : undefined;
}

async function retry(
  tx: StateTransaction,
  batch: Batch,
  delivery: Extract<Delivery, { verdict: 'retry' }>,
  { now, maxAttempts, delayMs }: Settling,
): Promise<void> {
  const sending = tx.updateTable('outbox').where('batch', '=', batch.key).where('state', '=', 'sending');
  const ambiguous = delivery.ambiguous === true;
  const told = { why: brief(delivery.why), changed_at: now, ...(ambiguous ? { possible_repeat: 1 } : {}) };
  await sending
    .where('attempts', '>=', maxAttempts)
    .set({ ...told, state: 'dead', batch: null })
    .execute();
  const again = { ...told, state: 'pending' } as const;
  const rows = await tx
    .selectFrom('outbox')
    .select('attempts')
    .distinct()
    .where('batch', '=', batch.key)
    .where('state', '=', 'sending')
    .execute();
  for (const { attempts } of rows) {
    const due = now + Math.max(delivery.afterMs ?? 0, delayMs(ambiguous ? batch.attempts : attempts));
    // A message that may have been told keeps its rows and its key. One that was not is no message: its rows may join what waits.
    const set = ambiguous ? { ...again, due_at: due } : { ...again, due_at: due, batch: null, tried_at: null };
    await sending.where('attempts', '=', attempts).set(set).execute();
  }
}

const brief = (text: string): string => cutText(storable(text), 500);

/** What was being sent when the process before this one ended: it may have been told, so it goes again and says so. */
export async function recover(tx: StateTransaction, now: number): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set({ state: 'pending', possible_repeat: 1, due_at: now, changed_at: now, why: 'Earshot stopped before the target answered' })
    .where('state', '=', 'sending')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Sets aside what waits for notifiers that are no longer configured: visible, and not waiting for ever. */
export async function setAsideOrphans(tx: StateTransaction, notifiers: readonly string[], now: number): Promise<number> {
  let orphans = tx
    .updateTable('outbox')
    .set({ state: 'dead', batch: null, changed_at: now, why: 'no notifier of this name is configured' })
    .where('state', '=', 'pending');
  if (notifiers.length > 0) orphans = orphans.where('notifier', 'not in', notifiers);
  return Number((await orphans.executeTakeFirst()).numUpdatedRows);
}

/** The target is back: what waits for a repeat need not wait longer. */
export async function bringForward(tx: StateTransaction, notifier: string, now: number): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ due_at: now })
    .where('state', '=', 'pending')
    .where('notifier', '=', notifier)
    .where('due_at', '>', now)
    .execute();
}

/** When the next of a notifier's rows is due, or undefined when none waits. */
export async function nextDue(db: StateDb, notifier: string, errand: Errand): Promise<number | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select((select) => select.fn.min('due_at').as('due'))
    .where('state', '=', 'pending')
    .where('kind', 'in', KINDS[errand])
    .where('notifier', '=', notifier)
    .executeTakeFirst();
  // MIN over no rows is null, whatever the column's type says.
  const due: number | null = row?.due ?? null;
  return due ?? undefined;
}

/** Whether an alert of level high or critical waits to be told for the first time, or what somebody has answered. */
export async function isGrave(db: StateDb, notifier: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('outbox')
    .innerJoin('alerts', 'alerts.id', 'outbox.alert_id')
    .select('outbox.key')
    .where('outbox.state', '=', 'pending')
    .where('outbox.notifier', '=', notifier)
    .where('outbox.due_at', '<=', now)
    .where((where) =>
      where.or([
        where('outbox.kind', '=', 'said'),
        where.and([where('outbox.kind', '=', 'opened'), where('alerts.level', 'in', ['high', 'critical'])]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
