import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Act } from '../../src/model/act.ts';
import { begun, confirmed, ended, withProof } from '../../src/respond/act-life.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import { ACT } from '../support/fake-acts.ts';
import type { StatePlace } from './state.contract.ts';

const AT = 1_000_000;
const HOUR = 3_600_000;
const BY = { name: 'ana', kind: 'user' } as const;
const PATTERN = { sources: ['slack_audit'], entry: 'slack.audit.id', forms: [] };
const nothing = async () => undefined;

const planned = (id: string, more: Partial<Act> = {}): Act => ({
  ...ACT,
  id,
  expiresAt: AT + HOUR,
  dueAt: AT + HOUR,
  audited: 0,
  history: [{ at: AT, state: 'planned', by: 'ana', note: 'a \u0000 of text' }],
  ...more,
});

/** Acts as they are kept, over each state database. */
export function actsContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`acts over ${name}`, () => {
    let state: State;
    beforeEach(async () => {
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder });
    });
    afterEach(() => state.close());

    const ids = (acts: readonly Act[]) => acts.map(({ id }) => id);
    const confirm = (id: string) =>
      state.acts.change(
        id,
        (act) => {
          const decided = confirmed(act, BY, AT);
          return decided.ok ? decided.value : undefined;
        },
        nothing,
      );

    it('are listed, the newest first, and by their alert', async () => {
      await state.acts.add(planned('a'.repeat(16)), nothing);
      const later = [{ at: AT + 1, state: 'planned', by: 'ana', note: '' }] as const;
      await state.acts.add(planned('b'.repeat(16), { alertId: 'a2', history: later }), nothing);
      expect(ids(await state.acts.list({ limit: 10 }))).toEqual(['b'.repeat(16), 'a'.repeat(16)]);
      expect(ids(await state.acts.list({ limit: 10, alertId: 'a1' }))).toEqual(['a'.repeat(16)]);
      expect((await state.acts.get('a'.repeat(16)))?.history[0]?.note).toBe('a \u0000 of text');
      expect(await state.acts.get('no\u0000ne')).toBeUndefined();
    });

    it('are decided once, however many decide at the same time', async () => {
      await state.acts.add(planned('a'), nothing);
      const answers = await Promise.all(Array.from({ length: 8 }, () => confirm('a')));
      expect(answers.filter((act) => act !== undefined)).toHaveLength(1);
      expect((await state.acts.get('a'))?.history.map((line) => line.state)).toEqual(['planned', 'confirmed']);
    });

    it('are as they were when what belongs to a change cannot be written', async () => {
      await state.acts.add(planned('a'), nothing);
      const failed = state.acts.change(
        'a',
        (act) => ({ ...act, state: 'confirmed' }),
        async () => Promise.reject(new Error('no')),
      );
      await expect(failed).rejects.toThrow('no');
      expect((await state.acts.get('a'))?.state).toBe('planned');
    });

    it('are due, under way, awaited and unaudited when they are', async () => {
      await state.acts.add(planned('a'), nothing);
      expect(ids(await state.acts.due(AT, 10))).toEqual([]);
      await confirm('a');
      expect(ids(await state.acts.due(AT, 10))).toEqual(['a']);
      await state.acts.change('a', (act) => begun(act, 'hub-1', PATTERN, HOUR, AT), nothing);
      expect(ids(await state.acts.running())).toEqual(['a']);
      expect(ids(await state.acts.expected(AT))).toEqual(['a']);
      await state.acts.change('a', (act) => ended(act, { kind: 'done' }, AT), nothing);
      expect([await state.acts.running(), await state.acts.due(AT, 10)]).toEqual([[], []]);
      // An entry may come in a day after the time for proof is over, and no later.
      expect(ids(await state.acts.expected(AT + 25 * HOUR))).toEqual(['a']);
      expect(await state.acts.expected(AT + 25 * HOUR + 1)).toEqual([]);
      expect(ids(await state.acts.unaudited(10))).toEqual(['a']);
      await state.acts.change('a', (act) => ({ ...act, audited: act.history.length }), nothing);
      expect(await state.acts.unaudited(10)).toEqual([]);
    });

    it('are proven within another transaction, or not at all', async () => {
      await state.acts.add(planned('a', { state: 'done' }), nothing);
      const proof = { act: 'a', targets: ['W0EXAMPLE02'], action: 'reset', entry: 'e', at: AT, eventId: '1-1' };
      const prove = (end: () => void) =>
        state.transaction(async (tx) => {
          await state.acts.changeIn(tx, 'a', (act) => withProof(act, proof, AT));
          end();
        });
      await expect(
        prove(() => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect((await state.acts.get('a'))?.state).toBe('done');
      await prove(() => undefined);
      expect((await state.acts.get('a'))?.state).toBe('proven');
      await expect(state.transaction((tx) => state.acts.changeIn(tx, 'none', (act) => act))).resolves.toBeUndefined();
    });
  });
}
