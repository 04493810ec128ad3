import { storable } from '../../lib/storable-text.ts';
import type { Answer } from '../../model/answer.ts';
import type { Click, HomeOpened, OfferedPlan, TypedCommand } from '../../model/click.ts';
import type { State, StateTransaction } from './state.ts';

export interface ClickRow {
  key: string;
  notifier: string;
  /** `kept`: nothing was done yet. `run`: it was done, or refused; who clicked is to be told. `told`: all is over. */
  state: 'kept' | 'run' | 'told';
  kind: 'click' | 'command';
  /** A `Click`, `HomeOpened` or `TypedCommand` as JSON; null once all is over: the address for the answer is a secret. */
  click: string | null;
  /** A `ClickOutcome` as JSON; null before. Of a command that is `kept` still: what it changes was changed. */
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
  /** The answer to a command. */
  readonly said?: Answer;
}

export interface KeptClick<C = Click | HomeOpened> {
  readonly notifier: string;
  readonly click: C;
  readonly attempts: number;
  readonly receivedAt: number;
  /** Absent until it was run. */
  readonly outcome?: ClickOutcome;
}

export interface NewClick<C = Click | HomeOpened | TypedCommand> {
  readonly notifier: string;
  readonly click: C;
}

export interface ClickStore {
  /** Keeps them all in one transaction, but for those that are there already. A command is due once the hub that has heard it should have run it. */
  keep(clicks: readonly NewClick[]): Promise<void>;
  /** Those that are to be run, and those whose outcome is to be told by now; the first that came first. */
  due(state: 'kept' | 'run', limit: number): Promise<KeptClick[]>;
  /** The same of commands; `by`: those that are due by then. */
  dueCommands(state: 'kept' | 'run', limit: number, by?: number): Promise<KeptClick<TypedCommand>[]>;
  /** What is known to have become of it; undefined where nothing has yet. */
  outcomeOf(key: string): Promise<ClickOutcome | undefined>;
  /** Notes that what a command changes is changed, with the change; false when it was before. */
  begin(tx: StateTransaction, key: string): Promise<boolean>;
  /** Writes down what becomes of what was kept; false when it was run before. It is to be told then, or at once. */
  run(tx: StateTransaction, key: string, outcome: ClickOutcome, tellAt?: number): Promise<boolean>;
  /** Tries to tell it again then. */
  postpone(key: string, dueAt: number): Promise<void>;
  told(keys: readonly string[]): Promise<void>;
  /** Forgets those that came before then. Gives how many went. */
  prune(before: number): Promise<number>;
}

/** A search that a command asks for takes no longer. */
const RUN_BY_OTHERS_MS = 25_000;

export function createClickStore(read: State['read'], transaction: State['transaction'], now: () => number): ClickStore {
  const due = (kind: ClickRow['kind'], state: 'kept' | 'run', limit: number, by = now()) =>
    read((db) =>
      db
        .selectFrom('clicks')
        .selectAll()
        .where('state', '=', state)
        .where('due_at', '<=', by)
        .where('kind', '=', kind)
        .orderBy('due_at')
        .orderBy('key')
        .limit(limit)
        .execute(),
    );
  return {
    keep: async (clicks) => {
      await transaction((tx) => {
        const at = now();
        const rows = clicks.map(({ notifier, click }) => ({
          key: click.key,
          notifier,
          kind: 'typed' in click ? ('command' as const) : ('click' as const),
          state: 'kept' as const,
          click: storable(JSON.stringify(click)),
          outcome: null,
          attempts: 0,
          due_at: 'typed' in click ? at + RUN_BY_OTHERS_MS : at,
          received_at: at,
        }));
        return tx
          .insertInto('clicks')
          .values(rows)
          .onConflict((conflict) => conflict.column('key').doNothing())
          .execute();
      });
    },

    due: async (state, limit) => (await due('click', state, limit)).flatMap(keptClick<Click | HomeOpened>),
    dueCommands: async (state, limit, by) => (await due('command', state, limit, by)).flatMap(keptClick<TypedCommand>),

    outcomeOf: async (key) => {
      const row = await read((db) => db.selectFrom('clicks').select('outcome').where('key', '=', key).executeTakeFirst());
      return row?.outcome == null ? undefined : (JSON.parse(row.outcome) as ClickOutcome);
    },

    begin: async (tx, key) => {
      const begun = await tx
        .updateTable('clicks')
        .set({ outcome: JSON.stringify({ done: true, answer: '' } satisfies ClickOutcome) })
        .where('key', '=', key)
        .where('state', '=', 'kept')
        .where('outcome', 'is', null)
        .returning('key')
        .executeTakeFirst();
      return begun !== undefined;
    },

    run: async (tx, key, outcome, tellAt = now()) => {
      const run = await tx
        .updateTable('clicks')
        .set({ state: 'run', outcome: storable(JSON.stringify(outcome)), attempts: 0, due_at: tellAt })
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

function keptClick<C>({ notifier, click, outcome, attempts, received_at: receivedAt }: ClickRow): KeptClick<C>[] {
  if (click === null) return [];
  const kept = { notifier, click: JSON.parse(click) as C, attempts, receivedAt };
  return [outcome === null ? kept : { ...kept, outcome: JSON.parse(outcome) as ClickOutcome }];
}
