import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Click } from '../../src/model/click.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import type { StatePlace } from './state.contract.ts';

const click = (key: string): Click => ({
  key,
  alertId: 'a',
  act: { kind: 'snooze', until: 9 },
  shown: 'open...',
  by: 'U\u0000',
  replyTo: 'r',
});
const OUTCOME = { done: true, user: 'ana', answer: 'Done.' };

/** Clicks that are kept, over each state database. */
export function clicksContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`clicks over ${name}`, () => {
    let state: State;
    let clock = 0;
    beforeEach(async () => {
      clock = 1_000;
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder, now: () => clock });
    });
    afterEach(() => state.close());

    const keep = (...keys: string[]) => state.clicks.keep(keys.map((key) => ({ notifier: 'security', click: click(key) })));
    const run = (key: string) => state.transaction((tx) => state.clicks.run(tx, key, OUTCOME));
    const due = async (which: 'kept' | 'run') => (await state.clicks.due(which, 10)).map((each) => each.click.key);

    it('are kept once, in their order', async () => {
      await keep('b', 'b');
      clock += 1;
      await keep('b', 'a');
      expect(await due('kept')).toEqual(['b', 'a']);
      expect(await state.clicks.due('kept', 1)).toEqual([
        {
          notifier: 'security',
          click: expect.objectContaining({ act: { kind: 'snooze', until: 9 }, replyTo: 'r' }),
          attempts: 0,
          receivedAt: 1_000,
        },
      ]);
    });

    it('are run once, told, and known until they are pruned', async () => {
      await keep('a');
      expect(await run('a')).toBe(true);
      expect(await run('a')).toBe(false);
      expect(await run('none')).toBe(false);
      expect(await due('kept')).toEqual([]);
      expect(await state.clicks.due('run', 10)).toMatchObject([{ outcome: OUTCOME }]);
      await state.clicks.told(['a']);
      expect(await due('run')).toEqual([]);
      await keep('a');
      expect(await due('kept')).toEqual([]);
      expect(await state.clicks.prune(1_000)).toBe(0);
      expect(await state.clicks.prune(1_001)).toBe(1);
      await keep('a');
      expect(await due('kept')).toEqual(['a']);
    });

    it('are apart from commands, which others run only where the hub that has heard them does not', async () => {
      const command = { key: 'c', by: 'U1', typed: 'mute bob', at: 1_000, node: 1 };
      await keep('a');
      await state.clicks.keep([{ notifier: 'security', click: command }]);
      const commands = () => state.clicks.dueCommands('kept', 10);
      expect([await due('kept'), await commands()]).toEqual([['a'], []]);
      expect(await state.clicks.dueCommands('kept', 10, 60_000)).toHaveLength(1);
      clock += 60_000;
      expect([await due('kept'), (await commands()).map((each) => each.click)]).toEqual([['a'], [command]]);
    });

    it('note that what a command changes is changed, once, and what was said of it', async () => {
      await state.clicks.keep([{ notifier: 'security', click: { key: 'c', by: 'U1', typed: 'mute bob', at: 1_000, node: 1 } }]);
      const begin = () => state.transaction((tx) => state.clicks.begin(tx, 'c'));
      expect(await state.clicks.outcomeOf('c')).toBeUndefined();
      expect([await begin(), await begin()]).toEqual([true, false]);
      expect(await state.clicks.outcomeOf('c')).toEqual({ done: true, answer: '' });
      const said = [['Done: ', { bold: 'bob' }]];
      await state.transaction((tx) => state.clicks.run(tx, 'c', { done: true, answer: '', said }, 3_000));
      expect([await begin(), await state.clicks.dueCommands('run', 10)]).toEqual([false, []]);
      clock = 3_000;
      expect(await state.clicks.dueCommands('run', 10)).toMatchObject([{ outcome: { said } }]);
      await state.clicks.told(['c']);
      expect(await state.clicks.outcomeOf('c')).toMatchObject({ said });
      expect(await state.clicks.outcomeOf('none')).toBeUndefined();
    });

    it('wait as long as they are told to, and are run with what belongs to them or not at all', async () => {
      await keep('a');
      await state.clicks.postpone('a', 2_000);
      expect(await due('kept')).toEqual([]);
      clock = 2_000;
      expect(await state.clicks.due('kept', 10)).toMatchObject([{ attempts: 1 }]);
      const broken = state.transaction(async (tx) => {
        await state.clicks.run(tx, 'a', OUTCOME);
        throw new Error('broken');
      });
      await expect(broken).rejects.toThrow();
      expect(await due('kept')).toEqual(['a']);
      await run('a');
      expect(await state.clicks.due('run', 10)).toMatchObject([{ attempts: 0 }]);
    });
  });
}
