import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAlertFigures } from '../../src/alert/alert-figures.ts';
import { type DigestQuery, digestAlerts } from '../../src/alert/digest-alerts.ts';
import { LEVELS } from '../../src/model/severity.ts';
import { beginDigest, deafSince, keptSince, passDigest, toldDigest } from '../../src/store/state/digests.ts';
import { openState } from '../../src/store/state/open.ts';
import { writeClock } from '../../src/store/state/silence-keys.ts';
import type { State } from '../../src/store/state/state.ts';
import { type AlertSketch, putOutbox } from '../support/outbox.ts';
import type { StatePlace } from './state.contract.ts';

const NONE = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
const whole = { from: 1_000, to: 2_000 };
const before = { from: 0, to: 1_000 };
const halves = ({ from, to }: { from: number; to: number }) => [
  { from, to: from + 500 },
  { from: from + 500, to },
];
const query: DigestQuery = {
  ...whole,
  before,
  parts: halves(whole),
  partsBefore: halves(before),
  datasets: ['*'],
  levels: LEVELS,
};

/** What digests are made of, over each state database. */
export function digestsContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`digests over ${name}`, () => {
    let state: State;
    beforeEach(async () => {
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder, now: () => 3_000 });
    });
    afterEach(() => state.close());

    const put = (at: number, ...alerts: readonly AlertSketch[]) => putOutbox(state, alerts, at);
    const change = (id: string, values: object) =>
      state.transaction((tx) => tx.updateTable('alerts').set(values).where('id', '=', id).execute());
    const read = (over: Partial<DigestQuery> = {}) => state.read((db) => digestAlerts(db, { ...query, ...over }));

    it('counts as the overview does, in parts that add up to the whole', async () => {
      await put(1_000, { id: 'a', level: 'critical' }, { id: 'b' });
      await put(1_499, { id: 'c', level: 'medium' });
      await put(1_500, { id: 'd' });
      await put(999, { id: 'e' }, { id: 'f' });
      // Began before, and went on.
      await change('e', { last_at: 1_700, rule_id: 'long', title: 'Goes on' });
      await put(2_000, { id: 'g' });
      const found = await read();
      const { byLevel } = await createAlertFigures(state)({ ...whole, datasets: ['*'] });
      expect(found.levels).toEqual(byLevel);
      expect(found.levels).toEqual({ ...NONE, critical: 1, high: 3, medium: 1 });
      expect(found.bars).toEqual([
        { levels: { ...NONE, critical: 1, high: 2, medium: 1 }, before: 0 },
        { levels: { ...NONE, high: 1 }, before: 2 },
      ]);
      expect(found.kinds.map(({ title, count, before: then }) => [title, count, then])).toEqual([
        [expect.stringContaining('Title of'), 4, 1],
        ['Goes on', 1, 1],
      ]);
      expect(found.change).toEqual({ title: expect.stringContaining('Title of'), by: 3 });
      expect(found.others).toEqual({ alerts: 0, kinds: 0 });
      expect((await read({ levels: ['critical'] })).levels).toEqual({ ...NONE, critical: 1 });
      expect((await read({ datasets: ['linux.*'] })).levels).toEqual(NONE);
    });

    it('names the five most frequent kinds, and how much there is beside them', async () => {
      for (let kind = 0; kind < 7; kind++) {
        for (let i = 0; i <= kind; i++) {
          await put(1_100, { id: `k${kind}-${i}` });
          await change(`k${kind}-${i}`, { rule_id: `r${kind}`, title: `Kind ${kind}` });
        }
      }
      const { kinds, others, change: changed } = await read();
      expect(kinds.map(({ title, count }) => [title, count])).toEqual([
        ['Kind 6', 7],
        ['Kind 5', 6],
        ['Kind 4', 5],
        ['Kind 3', 4],
        ['Kind 2', 3],
      ]);
      expect(others).toEqual({ alerts: 3, kinds: 2 });
      expect(changed).toEqual({ title: 'Kind 6', by: 7 });
    });

    it('tells what is open, the oldest first, whose it is, who is silent, and what nobody got', async () => {
      await put(1_200, { id: 'new' });
      await put(100, { id: 'old' }, { id: 'done' });
      await change('old', { assignee: 'ana', state: 'snoozed', snoozed_until: 9_000 });
      await change('done', { state: 'resolved' });
      await change('new', { kind: 'silence', group_values: '{"host.name":"web1"}' });
      await state.transaction((tx) => tx.updateTable('outbox').set({ state: 'dead' }).where('alert_id', '=', 'new').execute());
      const { open, silent, notTold } = await read();
      expect(open).toEqual({
        total: 2,
        nobodys: 1,
        oldest: [
          expect.objectContaining({ id: 'old', openedAt: 100, assignee: 'ana', snoozedUntil: 9_000 }),
          expect.objectContaining({ id: 'new', assignee: undefined }),
        ],
      });
      expect(silent).toEqual({ total: 1, alerts: [{ id: 'new', title: 'Title of new', about: ['web1'], heardAt: 1_200 }] });
      expect(notTold).toBe(1);
      expect((await read({ from: 1_201 })).notTold).toBe(0);
    });

    it('lets a digest pass once', async () => {
      const row = { name: 'weekly', terms: '["week"]', due_at: 10 };
      const pass = (due: number, terms = row.terms) => state.transaction((tx) => passDigest(tx, { ...row, terms, due_at: due }));
      expect(await pass(10)).toBe(false);
      await state.transaction((tx) => beginDigest(tx, row));
      expect([await pass(10), await pass(20, 'other'), await pass(20), await pass(20)]).toEqual([false, false, true, false]);
      expect(await state.read((db) => toldDigest(db, 'weekly'))).toEqual({ ...row, due_at: 20 });
    });

    it('knows when hubs heard nothing, and since when there is anything to know', async () => {
      const deaf = [
        { node: 1, since: 10, until: 50 },
        { node: 1, since: 90, until: 140 },
      ];
      const now = 1_000_000;
      await state.transaction(async (tx) => {
        await writeClock(tx, { node: 1, listened_until: now - 30_000 }, deaf);
        await writeClock(tx, { node: 2, listened_until: now - 70_000 }, undefined);
        await writeClock(tx, { node: 3, listened_until: 20 }, undefined);
      });
      const since = (node: number) => state.read((db) => deafSince(db, { node, since: 100, now }));
      const written = { from: 100, to: 140 };
      const two = { from: now - 70_000, to: now };
      expect(await since(1)).toEqual([written, two]);
      // A hub that was away for all that time knows it of itself.
      expect(await since(3)).toEqual([written, two, { from: 100, to: now }]);
      expect(Math.abs((await state.read(keptSince)) - Date.now())).toBeLessThan(60_000);
    });
  });
}
