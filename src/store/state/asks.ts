import { storable } from '../../lib/storable-text.ts';
import type { Ask, AskState } from '../../model/ask.ts';
import type { State, StateTransaction } from './state.ts';

export interface AskRow {
  id: string;
  alert_id: string;
  /** The directory's id of who is asked. */
  person: string;
  state: AskState;
  asked_at: number;
  /** When the clock has to look at it; null when never. */
  due_at: number | null;
  changes: number;
  /** An `Ask` as JSON. */
  ask: string;
}

/** An ask with when it is to be looked at next; null: never. */
export interface TimedAsk {
  readonly ask: Ask;
  readonly dueAt: number | null;
}

/** What is written with a change, in its transaction. */
type Alongside = (tx: StateTransaction, after: Ask) => Promise<void>;

export interface AskStore {
  get(id: string): Promise<Ask | undefined>;
  add(tx: StateTransaction, timed: TimedAsk): Promise<void>;
  /** Those to one person that wait for an answer. */
  open(tx: StateTransaction, person: string): Promise<Ask[]>;
  /** Those that the clock has to look at. */
  due(now: number, limit: number): Promise<Ask[]>;
  /** Changes it as it is now. Gives it as it is then; undefined when there is none, or nothing is to be changed. */
  change(id: string, decide: (ask: Ask) => TimedAsk | undefined, alongside: Alongside): Promise<Ask | undefined>;
  /** Forgets those that were asked before then. Gives how many went. */
  prune(before: number): Promise<number>;
}

export function createAskStore(read: State['read'], transaction: State['transaction']): AskStore {
  return {
    get: async (id) => {
      const row = await read((db) => db.selectFrom('asks').selectAll().where('id', '=', storable(id)).executeTakeFirst());
      return row && askOf(row);
    },
    add: async (tx, timed) => {
      const { id, alertId, person, askedAt } = timed.ask;
      await tx
        .insertInto('asks')
        .values({ id, alert_id: alertId, person: person.id, asked_at: askedAt, changes: 1, ...columnsOf(timed) })
        .execute();
    },
    open: async (tx, person) => {
      const rows = await tx
        .selectFrom('asks')
        .selectAll()
        .where('person', '=', person)
        .where('state', 'in', ['sending', 'sent'])
        .orderBy('asked_at')
        .execute();
      return rows.map(askOf);
    },
    due: async (now, limit) =>
      (await read((db) => db.selectFrom('asks').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(limit).execute())).map(
        askOf,
      ),
    change: (id, decide, alongside) =>
      transaction(async (tx) => {
        // Takes the row: who comes second sees what the first has made of it.
        await tx
          .updateTable('asks')
          .set((set) => ({ changes: set('changes', '+', 1) }))
          .where('id', '=', storable(id))
          .execute();
        const row = await tx.selectFrom('asks').selectAll().where('id', '=', storable(id)).executeTakeFirst();
        const after = row && decide(askOf(row));
        if (after === undefined) return undefined;
        await tx.updateTable('asks').set(columnsOf(after)).where('id', '=', after.ask.id).execute();
        await alongside(tx, after.ask);
        return after.ask;
      }),
    prune: async (before) => {
      const gone = await transaction((tx) => tx.deleteFrom('asks').where('asked_at', '<', before).executeTakeFirst());
      return Number(gone.numDeletedRows);
    },
  };
}

// Written below alone.
const askOf = ({ ask }: AskRow): Ask => JSON.parse(ask) as Ask;

const columnsOf = ({ ask, dueAt }: TimedAsk): Pick<AskRow, 'state' | 'due_at' | 'ask'> => ({
  state: ask.state,
  due_at: dueAt,
  ask: storable(JSON.stringify(ask)),
});
