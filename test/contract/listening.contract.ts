import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewMute } from '../../src/model/mute.ts';
import { claimWhisper, queueWhispers, recoverWhispers, settleWhisper } from '../../src/notify/whisper-rows.ts';
import { MOST_LISTENERS, type NewListener } from '../../src/store/state/listening.ts';
import { openState } from '../../src/store/state/open.ts';
import { accountsOf, forgetOverheard, isAccountDue, keepAccounts, keepOverheard, overheard } from '../../src/store/state/overheard.ts';
import type { State } from '../../src/store/state/state.ts';
import type { StatePlace } from './state.contract.ts';

const wanted = (phrase: string, more: Partial<NewListener> = {}): NewListener => ({
  owner: 'u1',
  ownerName: 'ana',
  phrase,
  typed: phrase,
  notifier: 'security',
  person: 'UANA00',
  place: 'UANA00',
  ...more,
});
const USUAL = { perHour: 10 };

/** Who listens, what was heard, and what is on its way, over each state database. */
export function listeningContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`listening over ${name}`, () => {
    let state: State;
    let clock = 0;
    beforeEach(async () => {
      clock = 1_000;
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder, now: () => clock });
    });
    afterEach(() => state.close());

    it('keeps who listens for what, once', async () => {
      const version = await state.listening.version();
      expect(await state.listening.add(wanted('prod db', { perHour: 5 }), USUAL)).toMatchObject({ ok: true, value: { perHour: 5 } });
      expect(await state.listening.version()).toBeGreaterThan(version);
      expect(await state.listening.add(wanted('prod db', { quiet: { from: 1, to: 2 } }), USUAL)).toEqual({ ok: false, error: 'taken' });
      await state.listening.add(wanted('prod db', { place: 'C1' }), USUAL);
      expect((await state.listening.listeners()).map(({ place, perHour, quiet }) => [place, perHour, quiet]).sort()).toEqual([
        ['C1', 10, undefined],
        ['UANA00', 5, { from: 1, to: 2 }],
      ]);
      const [first] = await state.listening.listeners();
      expect(await state.listening.remove(first?.id ?? '')).toEqual(first);
      expect(await state.listening.remove(first?.id ?? '')).toBeUndefined();
      expect(await state.listening.listeners()).toHaveLength(1);
    });

    it('bounds how many one may have', async () => {
      for (let i = 0; i < MOST_LISTENERS; i++) await state.listening.add(wanted(`word ${i}`), USUAL);
      expect(await state.listening.add(wanted('more'), USUAL)).toEqual({ ok: false, error: 'full' });
      expect(await state.listening.add(wanted('more', { owner: 'u2' }), USUAL)).toMatchObject({ ok: true });
    });

    it('keeps grants, the last one for each', async () => {
      const grant = { kind: 'role', who: 'viewer', grantedBy: 'root' } as const;
      await state.listening.grant({ ...grant, datasets: ['a'] });
      await state.listening.grant({ ...grant, datasets: ['b', 'c.*'] });
      expect(await state.listening.grants()).toEqual([{ ...grant, datasets: ['b', 'c.*'], grantedAt: 1_000 }]);
      expect(await state.listening.revoke('user', 'viewer')).toBe(false);
      expect(await state.listening.revoke('role', 'viewer')).toBe(true);
      expect(await state.listening.grants()).toEqual([]);
    });

    it('keeps what was heard once, and accounts by when they are due', async () => {
      const row = { phrases: '["a\u0000"]', part: '{}', at: 5 };
      await state.transaction(async (tx) => {
        await keepOverheard(tx, [
          { ...row, key: 'b' },
          { ...row, key: 'a' },
          ...Array.from({ length: 900 }, (_, i) => ({ ...row, key: `c${i}`, at: 6 })),
        ]);
        await keepOverheard(tx, [{ ...row, key: 'a', at: 1 }]);
        await keepAccounts(tx, [
          { listener: 'x', account: '{}', due_at: 10 },
          { listener: 'y', account: '{}', due_at: null },
          { listener: 'z', account: '{}', due_at: 20 },
        ]);
      });
      const first = await state.read((db) => overheard(db, 2));
      expect(first.map(({ key, at }) => [key, at])).toEqual([
        ['a', 5],
        ['b', 5],
      ]);
      await state.transaction((tx) => forgetOverheard(tx, first));
      expect(await state.read((db) => overheard(db, 1_000))).toHaveLength(900);
      expect([await state.read((db) => isAccountDue(db, 9)), await state.read((db) => isAccountDue(db, 10))]).toEqual([false, true]);
      const accounts = await state.transaction((tx) => accountsOf(tx, ['y'], 10, 5));
      expect(accounts.map(({ listener }) => listener).sort()).toEqual(['x', 'y']);
    });

    it('keeps what is muted, once for each place, until somebody ends it', async () => {
      const mute = {
        notifier: 'security',
        place: 'C1',
        isAlertPlace: true,
        kind: 'subject',
        what: 'bob',
        title: 'Bob\u0000',
        author: 'ana',
        reason: '',
        until: 9,
      } as const;
      const set = (more: Partial<NewMute> = {}) => state.transaction((tx) => state.mutes.set(tx, { ...mute, ...more }));
      const end = (id: string) => state.transaction((tx) => state.mutes.end(tx, id));
      const version = await state.mutes.version();
      await set();
      const later = await set({ until: 12 });
      const sooner = await set({ place: 'U1', isAlertPlace: false, until: 3 });
      expect(await state.mutes.version()).toBeGreaterThan(version);
      expect(await state.mutes.all()).toEqual([sooner, later]);
      expect(later).toMatchObject({ title: 'Bob\ufffd', until: 12, createdAt: 1_000 });
      expect([await end(later?.id ?? ''), await end(later?.id ?? '')]).toEqual([true, false]);
      expect(await state.mutes.all()).toEqual([sooner]);
    });

    it('brings each on its way once, and says where that is not certain', async () => {
      const queue = (key: string) =>
        state.transaction((tx) =>
          queueWhispers(tx, [{ key, notifier: 'security', place: 'U1', listener: 'l', answer: [['a']], chart: { bars: [] } }], clock),
        );
      const claim = () => state.transaction((tx) => claimWhisper(tx, 'security', clock));
      const settling = { maxAttempts: 2, delayMs: () => 100 };
      await queue('a');
      await queue('a');
      const [first, none] = [await claim(), await claim()];
      expect([first?.key, first?.attempts, first?.chart, none]).toEqual(['a', 1, '{"bars":[]}', undefined]);
      if (first === undefined) throw new Error('nothing to claim');
      await state.transaction((tx) =>
        settleWhisper(tx, first, { verdict: 'retry', why: 'w', ambiguous: true }, { ...settling, now: clock }),
      );
      expect(await claim()).toBeUndefined();
      clock += 100;
      const again = await claim();
      expect(again).toMatchObject({ key: 'a', attempts: 2, possible_repeat: 1, tried_at: 1_000 });
      expect(await state.transaction((tx) => recoverWhispers(tx, clock))).toBe(1);
      const last = await claim();
      if (last === undefined) throw new Error('nothing to claim');
      await state.transaction((tx) => settleWhisper(tx, last, { verdict: 'retry', why: 'w' }, { ...settling, now: clock }));
      expect(await state.read((db) => db.selectFrom('whispers').select(['state', 'why']).execute())).toEqual([{ state: 'dead', why: 'w' }]);
    });
  });
}
