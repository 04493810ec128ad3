import { storable } from '../../lib/storable-text.ts';
import type { Click, HomeOpened, OfferedPlan } from '../../model/click.ts';
import type { State, StateTransaction } from './state.ts';

export interface ClickRow {
  key: string;
  notifier: string;
  /** `kept`: nothing was done yet. `run`: it was done, or refused; who clicked is to be told. `told`: all is over. */
  state: 'kept' | 'run' | 'told';
  /** A `Click` or `HomeOpened` as JSON; null once all is over: the address for the answer is a secret. */
  click: string | null;
  /** A `ClickOutcome` as JSON; null before. */
  outcome: string | null;
  /** Attempts to run, then to tell, that have failed. */
  attempts: number;
  due_at: number;
  received_at: number;
}

/** What became of a click. */
export interface ClickOutcome {
  readonly done: boolean;
  /** The user in whose name it counted; absent where they are none. */
  readonly user?: string;
  /** For the one who clicked. */
  readonly answer: string;
  /** A plan that they can confirm. */
  readonly plan?: OfferedPlan;
}

export interface KeptClick<C = Click | HomeOpened> {
  readonly notifier: string;
  readonly click: C;
  readonly attempts: number;
  readonly receivedAt: number;
  /** Absent until it was run. */
  readonly outcome?: ClickOutcome;
}

export interface NewClick {
  readonly notifier: string;
  readonly click: Click | HomeOpened;
}

export interface ClickStore {
  /** Keeps them all in one transaction, but for those that are there already. */
  keep(clicks: readonly NewClick[]): Promise<void>;
  /** Those that are to be run, and those whose outcome is to be told by now; the first that came first. */
  due(state: 'kept' | 'run', limit: number): Promise<KeptClick[]>;
  /** Writes down what becomes of a click that was kept; false when it was run before. */
  run(tx: StateTransaction, key: string, outcome: ClickOutcome): Promise<boolean>;
  /** Tries to tell it again then. */
  postpone(key: string, dueAt: number): Promise<void>;
  told(keys: readonly string[]): Promise<void>;
  /** Forgets those that came before then. Gives how many went. */
  prune(before: number): Promise<number>;
}

export function createClickStore(read: State['read'], transaction: State['transaction'], now: () => number): ClickStore {
  return {
    keep: async (clicks) => {
      await transaction((tx) => {
        const at = now();
        const rows = clicks.map(({ notifier, click }) => ({
          key: click.key,
          notifier,
          state: 'kept' as const,
          click: storable(JSON.stringify(click)),
          outcome: null,
          attempts: 0,
          due_at: at,
          received_at: at,
        }));
        return tx
          .insertInto('clicks')
          .values(rows)
          .onConflict((conflict) => conflict.column('key').doNothing())
          .execute();
      });
    },

    due: async (state, limit) => {
      const rows = await read((db) =>
        db
          .selectFrom('clicks')
          .selectAll()
          .where('state', '=', state)
          .where('due_at', '<=', now())
          .orderBy('due_at')
          .orderBy('key')
          .limit(limit)
          .execute(),
      );
      return rows.flatMap(keptClick);
    },

    run: async (tx, key, outcome) => {
      const run = await tx
        .updateTable('clicks')
        .set({ state: 'run', outcome: storable(JSON.stringify(outcome)), attempts: 0, due_at: now() })
        .where('key', '=', key)
        .where('state', '=', 'kept')
        .returning('key')
        .executeTakeFirst();
      return run !== undefined;
    },

    postpone: async (key, dueAt) => {
      await transaction((tx) =>
        tx
          .updateTable('clicks')
          .set((set) => ({ due_at: dueAt, attempts: set('attempts', '+', 1) }))
          .where('key', '=', key)
          .execute(),
      );
    },

    told: async (keys) => {
      await transaction((tx) => tx.updateTable('clicks').set({ state: 'told', click: null }).where('key', 'in', keys).execute());
    },

    prune: async (before) => {
      const gone = await transaction((tx) => tx.deleteFrom('clicks').where('received_at', '<', before).executeTakeFirst());
      return Number(gone.numDeletedRows);
    },
  };
}

function keptClick({ notifier, click, outcome, attempts, received_at: receivedAt }: ClickRow): KeptClick[] {
  if (click === null) return [];
  const kept = { notifier, click: JSON.parse(click) as Click | HomeOpened, attempts, receivedAt };
  return [outcome === null ? kept : { ...kept, outcome: JSON.parse(outcome) as ClickOutcome }];
}
