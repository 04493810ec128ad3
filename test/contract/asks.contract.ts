import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAlerting } from '../../src/alert/alerting.ts';
import { createAlerts } from '../../src/alert/alerts.ts';
import { noteAnswer } from '../../src/alert/answered.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import { answered, posted } from '../../src/ask/ask-life.ts';
import type { Ask } from '../../src/model/ask.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { blockOf, hitOf, ruleOf } from '../support/detected.ts';
import { ASK } from '../support/fake-asks.ts';
import type { StatePlace } from './state.contract.ts';

const AT = ASK.askedAt;
const HOUR = 3_600_000;
const nothing = async () => undefined;
const sending = (id: string, more: Partial<Ask> = {}): Ask => ({ ...ASK, id, state: 'sending', ...more });

/** People who are asked, as it is kept, over each state database. */
export function asksContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`asks over ${name}`, () => {
    let state: State;
    beforeEach(async () => {
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder });
    });
    afterEach(() => state.close());

    const add = (ask: Ask, dueAt: number | null = AT) => state.transaction((tx) => state.asks.add(tx, { ask, dueAt }));
    const answer = (id: string) =>
      state.asks.change(id, (ask) => answered(ask, { said: 'me', note: 'a \u0000 of text', at: AT, address: '' }), nothing);

    it('are answered once, however many answer at the same time', async () => {
      await add(sending('a'));
      const answers = await Promise.all(Array.from({ length: 8 }, () => answer('a')));
      expect(answers.filter((ask) => ask !== undefined)).toHaveLength(1);
      expect((await state.asks.get('a'))?.answer?.note).toBe('a \u0000 of text');
      expect(await answer('none')).toBeUndefined();
      expect(await state.asks.get('no\u0000ne')).toBeUndefined();
    });

    it('are found when they are due, and open while nobody has answered', async () => {
      await add(sending('a'), AT + 2);
      await add(sending('b'), AT + 1);
      await add(sending('c', { person: { ...ASK.person, id: 'bob' } }), null);
      expect((await state.asks.due(AT + 2, 10)).map(({ id }) => id)).toEqual(['b', 'a']);
      await state.asks.change('b', (ask) => posted(ask, { verdict: 'delivered', ref: '' }, AT), nothing);
      expect((await state.asks.due(AT + 2, 10)).map(({ id }) => id)).toEqual(['a']);
      await answer('a');
      expect((await state.transaction((tx) => state.asks.open(tx, 'alice'))).map(({ id }) => id)).toEqual(['b']);
      expect(await state.asks.prune(AT + 1)).toBe(3);
    });

    it('leave a line, and a message for each who was told, once', async () => {
      const alerting = createAlerting({
        ...{ state, settings: alertSettings.parse({}), ruleInfo: ruleOf, isQuiet: () => false },
        router: () => ({ notifiers: ['security', 'pager', 'mail'], following: [], targets: () => ['security', 'mail'] }),
        ...{ telemetry: silent, now: () => AT },
      });
      await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1, at: AT })]));
      const alerts = createAlerts(state, () => AT);
      const page = await alerts.list({});
      const id = page.ok ? (page.value.alerts[0]?.id ?? '') : '';
      await alerts.change(id, { act: { kind: 'snooze', until: AT + HOUR }, actor: 'ana' });
      const line = { actor: 'earshot', note: 'not \u0000 me', about: { ask: 'a', said: 'not_me' } };
      for (const alertId of [id, id, 'f'.repeat(32)])
        await state.transaction((tx) => noteAnswer(tx, { alertId, ask: 'a', isAlarming: true, line }, AT));
      const alert = await alerts.get(id);
      expect(alert?.state).toBe('open');
      expect(alert?.history.map(({ change }) => change)).toEqual(['opened', 'snoozed', 'answered', 'woke', 'answered']);
      const rows = await state.read((db) => db.selectFrom('outbox').select(['notifier', 'alone']).where('kind', '=', 'said').execute());
      expect(rows.toSorted((a, b) => a.notifier.localeCompare(b.notifier))).toEqual([
        { notifier: 'mail', alone: 1 },
        { notifier: 'security', alone: 1 },
      ]);
      const [told] = await alerts.told([id]);
      expect(told?.asks?.map(({ change, note }) => `${change} ${note}`)).toEqual(['answered not \uFFFD me']);
    });
  });
}
