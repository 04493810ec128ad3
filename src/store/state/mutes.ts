import { randomUUID } from 'node:crypto';
import { storable } from '../../lib/storable-text.ts';
import type { Mute, NewMute } from '../../model/mute.ts';
import { mutesVersion, noteChange } from './look-up-changes.ts';
import type { State, StateTransaction } from './state.ts';

export interface MuteRow {
  id: string;
  notifier: string;
  place: string;
  is_alert_place: number;
  kind: Mute['kind'];
  what: string;
  title: string;
  author: string;
  reason: string;
  created_at: number;
  until_at: number;
}

export interface MuteStore {
  /** Grows with every change. */
  version(): Promise<number>;
  /** Those that were not ended, the one that ends first first: also those whose time is over and that nobody has taken note of. */
  all(): Promise<Mute[]>;
  /** In the place of one of the same there. Undefined when there are too many. */
  set(tx: StateTransaction, mute: NewMute): Promise<Mute | undefined>;
  /** False when there is none of that id, or another has ended it. */
  end(tx: StateTransaction, id: string): Promise<boolean>;
}

const MOST_MUTES = 1_000;

export function createMuteStore(read: State['read'], now: () => number): MuteStore {
  return {
    version: () => mutesVersion(read),

    all: async () => (await read((db) => db.selectFrom('mutes').selectAll().orderBy('until_at').orderBy('id').execute())).map(muteOf),

    set: async (tx, { isAlertPlace, until, ...mute }) => {
      // First, so that two who mute wait for one another.
      await noteChange(tx, 'mutes');
      const row: MuteRow = {
        id: randomUUID(),
        notifier: mute.notifier,
        place: storable(mute.place),
        is_alert_place: isAlertPlace ? 1 : 0,
        kind: mute.kind,
        what: storable(mute.what),
        title: storable(mute.title),
        author: storable(mute.author),
        reason: storable(mute.reason),
        created_at: now(),
        until_at: until,
      };
      const { count } = await tx
        .selectFrom('mutes')
        .select((select) => select.fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_MUTES) return undefined;
      await tx
        .deleteFrom('mutes')
        .where('notifier', '=', row.notifier)
        .where('place', '=', row.place)
        .where('kind', '=', row.kind)
        .where('what', '=', row.what)
        .execute();
      await tx.insertInto('mutes').values(row).execute();
      return muteOf(row);
    },

    end: async (tx, id) => {
      const gone = await tx.deleteFrom('mutes').where('id', '=', storable(id)).executeTakeFirst();
      if (gone.numDeletedRows > 0n) await noteChange(tx, 'mutes');
      return gone.numDeletedRows > 0n;
    },
  };
}

const muteOf = ({ is_alert_place: isAlertPlace, created_at: createdAt, until_at: until, ...row }: MuteRow): Mute => ({
  ...row,
  isAlertPlace: isAlertPlace === 1,
  createdAt,
  until,
});
