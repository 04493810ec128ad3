import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { err, ok, type Result } from '../../lib/result.ts';
import { storable } from '../../lib/storable-text.ts';
import type { Role } from '../../model/role.ts';
import { listeningVersion, noteChange } from './look-up-changes.ts';
import type { State, StateTransaction } from './state.ts';

export interface ListenerRow {
  id: string;
  /** Id of the user whose it is. */
  owner: string;
  owner_name: string;
  /** The words in their one form. */
  phrase: string;
  /** As they were typed. */
  typed: string;
  notifier: string;
  /** The name that the target has for the owner. */
  person: string;
  /** Where they are told: the owner's own name there, or a channel's. */
  place: string;
  /** Minutes since midnight. */
  quiet_from: number | null;
  quiet_to: number | null;
  per_hour: number;
  created_at: number;
}

export interface ListeningGrantRow {
  kind: 'role' | 'user' | 'channel';
  who: string;
  /** JSON array of patterns. */
  datasets: string;
  granted_by: string;
  granted_at: number;
}

/** Words that somebody listens for. */
export interface Listener {
  readonly id: string;
  readonly owner: string;
  readonly ownerName: string;
  readonly phrase: string;
  readonly typed: string;
  readonly notifier: string;
  readonly person: string;
  readonly place: string;
  readonly quiet: { readonly from: number; readonly to: number } | undefined;
  readonly perHour: number;
  readonly createdAt: number;
}

/** Quiet hours and messages in an hour are of the place: what is not said stays as it is there. */
export interface NewListener extends Omit<Listener, 'id' | 'createdAt' | 'quiet' | 'perHour'> {
  readonly quiet?: Listener['quiet'] | 'none';
  readonly perHour?: number | undefined;
}

/** Whom an administrator lets listen: all of a role, a user by name, or what is told in a channel; and to which datasets, with `*`. */
export interface ListeningGrant {
  readonly kind: 'role' | 'user' | 'channel';
  /** A {@link Role}, the name of a user, or the target's name of a channel. */
  readonly who: Role | string;
  readonly datasets: readonly string[];
  readonly grantedBy: string;
  readonly grantedAt: number;
}

/** What is written in the same transaction. */
type Alongside = (tx: StateTransaction) => Promise<void>;

export interface ListeningStore {
  /** Grows with every change. */
  version(): Promise<number>;
  /** The oldest first. */
  listeners(): Promise<Listener[]>;
  /** `taken`: they listen for it there already. `full`: they, or all, have as many as there may be. */
  add(listener: NewListener, usual: { readonly perHour: number }, alongside?: Alongside): Promise<Result<Listener, 'taken' | 'full'>>;
  /** The one that was removed; undefined when there is none of that id. */
  remove(id: string, alongside?: Alongside): Promise<Listener | undefined>;
  /** What could not be delivered to these ears (as `earId` names them), with why the last could not; ears without are left out. */
  undelivered(ears: readonly string[]): Promise<ReadonlyMap<string, Undelivered>>;
  grants(): Promise<ListeningGrant[]>;
  /** In the place of what the same were granted before. */
  grant(grant: Omit<ListeningGrant, 'grantedAt'>): Promise<void>;
  /** False when there was no such grant. */
  revoke(kind: ListeningGrant['kind'], who: string): Promise<boolean>;
}

/** Messages that were given up. */
export interface Undelivered {
  readonly count: number;
  readonly why: string;
}

/** Of one person, and of all. */
export const MOST_LISTENERS = 50;
const MOST_OF_ALL = 20_000;
/** Messages that were given up, as far as they are counted. */
const MOST_COUNTED = 1_000;

const strings = z.array(z.string());

export function createListeningStore(read: State['read'], transaction: State['transaction'], now: () => number): ListeningStore {
  return {
    version: () => listeningVersion(read),

    listeners: async () =>
      (await read((db) => db.selectFrom('listeners').selectAll().orderBy('created_at').orderBy('id').execute())).map(listenerOf),

    add: (listener, usual, alongside) =>
      transaction(async (tx) => {
        await alongside?.(tx);
        // First, so that two who add wait for one another.
        await noteChange(tx, 'listening');
        const own = await tx.selectFrom('listeners').selectAll().where('owner', '=', listener.owner).orderBy('created_at').execute();
        const there = own.find(({ notifier, place }) => notifier === listener.notifier && place === listener.place);
        const row = rowOf(listener, there, usual.perHour, now());
        const { quiet_from, quiet_to, per_hour } = row;
        await tx
          .updateTable('listeners')
          .set({ quiet_from, quiet_to, per_hour })
          .where('owner', '=', row.owner)
          .where('notifier', '=', row.notifier)
          .where('place', '=', row.place)
          .execute();
        if (own.some((each) => isSame(each, row))) return err('taken' as const);
        const all = await tx
          .selectFrom('listeners')
          .select((select) => select.fn.countAll().as('count'))
          .executeTakeFirstOrThrow();
        if (own.length >= MOST_LISTENERS || Number(all.count) >= MOST_OF_ALL) return err('full' as const);
        await tx.insertInto('listeners').values(row).execute();
        return ok(listenerOf(row));
      }),

    remove: (id, alongside) =>
      transaction(async (tx) => {
        await alongside?.(tx);
        const row = await tx.deleteFrom('listeners').where('id', '=', storable(id)).returningAll().executeTakeFirst();
        if (row === undefined) return undefined;
        await noteChange(tx, 'listening');
        return listenerOf(row);
      }),

    undelivered: async (ears) => {
      if (ears.length === 0) return new Map();
      const rows = await read((db) =>
        db
          .selectFrom('whispers')
          .select(['listener', 'why'])
          .where('state', '=', 'dead')
          .where('listener', 'in', ears.slice(0, MOST_LISTENERS))
          .orderBy('changed_at', 'desc')
          .limit(MOST_COUNTED)
          .execute(),
      );
      const byEar = Map.groupBy(rows, ({ listener }) => listener);
      return new Map([...byEar].map(([ear, all]) => [ear, { count: all.length, why: all[0]?.why ?? '' }]));
    },

    grants: async () => {
      const rows = await read((db) => db.selectFrom('listening_grants').selectAll().orderBy('kind').orderBy('who').execute());
      return rows.map(({ kind, who, datasets, granted_by: grantedBy, granted_at: grantedAt }) => ({
        kind,
        who,
        datasets: strings.parse(JSON.parse(datasets)),
        grantedBy,
        grantedAt,
      }));
    },

    grant: ({ kind, who, datasets, grantedBy }) =>
      transaction(async (tx) => {
        const set = { datasets: JSON.stringify(datasets.map(storable)), granted_by: storable(grantedBy), granted_at: now() };
        await tx
          .insertInto('listening_grants')
          .values({ kind, who: storable(who), ...set })
          .onConflict((conflict) => conflict.columns(['kind', 'who']).doUpdateSet(set))
          .execute();
      }),

    revoke: async (kind, who) => {
      const gone = await transaction((tx) =>
        tx.deleteFrom('listening_grants').where('kind', '=', kind).where('who', '=', storable(who)).executeTakeFirst(),
      );
      return gone.numDeletedRows > 0n;
    },
  };
}

const isSame = (a: ListenerRow, b: ListenerRow): boolean => a.phrase === b.phrase && a.notifier === b.notifier && a.place === b.place;

/** `there`: one of the same place. */
function rowOf(listener: NewListener, there: ListenerRow | undefined, perHour: number, now: number): ListenerRow {
  const quiet = listener.quiet === 'none' ? undefined : listener.quiet;
  const asBefore = listener.quiet === undefined;
  return {
    id: randomUUID(),
    owner: listener.owner,
    owner_name: storable(listener.ownerName),
    phrase: storable(listener.phrase),
    typed: storable(listener.typed),
    notifier: listener.notifier,
    person: storable(listener.person),
    place: storable(listener.place),
    quiet_from: (asBefore ? there?.quiet_from : quiet?.from) ?? null,
    quiet_to: (asBefore ? there?.quiet_to : quiet?.to) ?? null,
    per_hour: listener.perHour ?? there?.per_hour ?? perHour,
    created_at: now,
  };
}

const listenerOf = (row: ListenerRow): Listener => ({
  id: row.id,
  owner: row.owner,
  ownerName: row.owner_name,
  phrase: row.phrase,
  typed: row.typed,
  notifier: row.notifier,
  person: row.person,
  place: row.place,
  quiet: row.quiet_from === null || row.quiet_to === null ? undefined : { from: row.quiet_from, to: row.quiet_to },
  perHour: row.per_hour,
  createdAt: row.created_at,
});
