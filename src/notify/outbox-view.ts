import type { OutboxRow, State, StateDb } from '../store/state/state.ts';
import { type Unsaid, unsaid } from './unsaid.ts';

/** A notification as people see it. */
export interface OutboxEntry {
  readonly id: string;
  readonly notifier: string;
  readonly alertId: string;
  readonly kind: OutboxRow['kind'];
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  readonly possibleRepeat: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly changedAt: number;
  readonly dueAt: number;
  /** Why the last attempt failed. */
  readonly why: string | undefined;
}

export interface OutboxQuery {
  readonly states?: readonly OutboxRow['state'][];
  readonly notifier?: string;
  /** The id of the last entry of the page before. */
  readonly after?: string;
  readonly limit?: number;
}

/** What people ask and do about notifications. */
export interface OutboxView {
  /** Oldest first; without states: what waits and what was given up. `total` counts all of them, beyond the page. */
  list(query: OutboxQuery): Promise<{ readonly entries: readonly OutboxEntry[]; readonly total: number }>;
  /** Tries a dead letter again, or one that waits for its time at once. False when there is none such. */
  retry(id: string): Promise<boolean>;
  /** What was given up of what no alert told: digests, what people listen for. */
  unsaid(): Promise<Unsaid[]>;
}

const PAGE = 100;
const MOST = 1_000;

export function createOutboxView(state: State, now: () => number, onQueued: () => void): OutboxView {
  const again = () => ({ state: 'pending', attempts: 0, due_at: now(), changed_at: now() }) as const;
  return {
    list: (query) => state.read((db) => list(db, query)),
    retry: async (id) => {
      const { numUpdatedRows } = await state.transaction((tx) =>
        tx.updateTable('outbox').set(again()).where('key', '=', id).where('state', 'in', ['dead', 'pending']).executeTakeFirst(),
      );
      if (numUpdatedRows > 0n) onQueued();
      return numUpdatedRows > 0n;
    },
    unsaid: () => state.read(unsaid),
  };
}

async function list(db: StateDb, { states = ['pending', 'sending', 'dead'], notifier, after, limit = PAGE }: OutboxQuery) {
  let matching = db.selectFrom('outbox').where('state', 'in', states);
  if (notifier !== undefined) matching = matching.where('notifier', '=', notifier);
  const { total } = await matching.select((select) => select.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const last =
    after === undefined
      ? undefined
      : await db.selectFrom('outbox').select(['key', 'created_at']).where('key', '=', after).executeTakeFirst();
  if (last !== undefined) {
    const { key, created_at: at } = last;
    matching = matching.where((where) =>
      where.or([where('created_at', '>', at), where.and([where('created_at', '=', at), where('key', '>', key)])]),
    );
  }
  const rows = await matching
    .selectAll()
    .orderBy('created_at')
    .orderBy('key')
    .limit(Math.max(1, Math.min(limit, MOST)))
    .execute();
  return { entries: rows.map(entryOf), total: Number(total) };
}

const entryOf = (row: OutboxRow): OutboxEntry => ({
  id: row.key,
  notifier: row.notifier,
  alertId: row.alert_id,
  kind: row.kind,
  state: row.state,
  attempts: row.attempts,
  possibleRepeat: row.possible_repeat === 1,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  dueAt: row.due_at,
  why: row.why ?? undefined,
});
