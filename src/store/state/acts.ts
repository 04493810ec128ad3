import { storable } from '../../lib/storable-text.ts';
import type { Act, ActState } from '../../model/act.ts';
import type { State, StateDb, StateTransaction } from './state.ts';

export interface ActRow {
  id: string;
  state: ActState;
  alert_id: string | null;
  planned_at: number;
  /** When the clock has to look at it; null when never. */
  due_at: number | null;
  /** Until when entries of it may come in; null when none are awaited. */
  expected_until: number | null;
  /** Lines of its history that the audit trail does not have. */
  unaudited: number;
  changes: number;
  /** An `Act` as JSON. */
  act: string;
}

/** What is written with a change, in its transaction. */
type Alongside = (tx: StateTransaction, after: Act) => Promise<void>;

export interface ActStore {
  add(act: Act, alongside: Alongside): Promise<void>;
  get(id: string): Promise<Act | undefined>;
  /** The newest first. */
  list(query: { readonly alertId?: string | undefined; readonly limit: number }): Promise<Act[]>;
  /** Those that the clock has to look at. */
  due(now: number, limit: number): Promise<Act[]>;
  /** Those that a hub is asking another system for, or was when it ended. */
  running(): Promise<Act[]>;
  /** Those of which entries may come in. */
  expected(now: number): Promise<Act[]>;
  /** Those of which the audit trail does not have all. */
  unaudited(limit: number): Promise<Act[]>;
  /** Changes it as it is now. Gives it as it is then; undefined when there is none, or nothing is to be changed. */
  change(id: string, decide: (act: Act) => Act | undefined, alongside: Alongside): Promise<Act | undefined>;
  /** The same within a transaction. */
  changeIn(tx: StateTransaction, id: string, decide: (act: Act) => Act | undefined): Promise<Act | undefined>;
}

/** An entry may come in so long after it was written. */
const LATE_MS = 86_400_000;

export function createActStore(read: State['read'], transaction: State['transaction']): ActStore {
  const changeIn = async (tx: StateTransaction, id: string, decide: (act: Act) => Act | undefined): Promise<Act | undefined> => {
    // Takes the row: who comes second sees what the first has made of it.
    await tx
      .updateTable('acts')
      .set((set) => ({ changes: set('changes', '+', 1) }))
      .where('id', '=', storable(id))
      .execute();
    const row = await tx.selectFrom('acts').selectAll().where('id', '=', storable(id)).executeTakeFirst();
    const after = row && decide(actOf(row));
    if (after !== undefined) await tx.updateTable('acts').set(columnsOf(after)).where('id', '=', after.id).execute();
    return after;
  };
  return {
    add: (act, alongside) =>
      transaction(async (tx) => {
        const planned = { id: act.id, alert_id: act.alertId ?? null, planned_at: act.history[0]?.at ?? 0, changes: 1 };
        await tx
          .insertInto('acts')
          .values({ ...planned, ...columnsOf(act) })
          .execute();
        await alongside(tx, act);
      }),
    get: async (id) => {
      const row = await read((db) => db.selectFrom('acts').selectAll().where('id', '=', storable(id)).executeTakeFirst());
      return row && actOf(row);
    },
    list: async ({ alertId, limit }) => {
      const all = (db: StateDb) => db.selectFrom('acts').selectAll().orderBy('planned_at', 'desc').orderBy('id').limit(limit);
      const rows = await read((db) => (alertId === undefined ? all(db) : all(db).where('alert_id', '=', storable(alertId))).execute());
      return rows.map(actOf);
    },
    due: async (now, limit) =>
      (await read((db) => db.selectFrom('acts').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(limit).execute())).map(
        actOf,
      ),
    running: async () => (await read((db) => db.selectFrom('acts').selectAll().where('state', '=', 'running').execute())).map(actOf),
    expected: async (now) =>
      (await read((db) => db.selectFrom('acts').selectAll().where('expected_until', '>=', now).orderBy('planned_at').execute())).map(actOf),
    unaudited: async (limit) =>
      (await read((db) => db.selectFrom('acts').selectAll().where('unaudited', '>', 0).orderBy('unaudited').limit(limit).execute())).map(
        actOf,
      ),
    change: (id, decide, alongside) =>
      transaction(async (tx) => {
        const after = await changeIn(tx, id, decide);
        if (after !== undefined) await alongside(tx, after);
        return after;
      }),
    changeIn,
  };
}

// Written below alone.
const actOf = ({ act }: ActRow): Act => JSON.parse(act) as Act;

function columnsOf(act: Act): Pick<ActRow, 'state' | 'due_at' | 'expected_until' | 'unaudited' | 'act'> {
  const asked = act.pattern !== undefined && act.state !== 'refused' && act.state !== 'failed';
  return {
    state: act.state,
    due_at: act.dueAt ?? null,
    expected_until: asked && act.startedAt !== undefined ? (act.proofUntil ?? act.startedAt) + LATE_MS : null,
    unaudited: act.history.length - act.audited,
    act: storable(JSON.stringify(act)),
  };
}
