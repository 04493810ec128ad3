import { afterEach, describe, expect, it } from 'vitest';
import { createAlerting } from '../../src/alert/alerting.ts';
import { createAlerts } from '../../src/alert/alerts.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import type { Delivery, Notification } from '../../src/notify/notifier.ts';
import { Outbox } from '../../src/notify/outbox.ts';
import { createOutboxView } from '../../src/notify/outbox-view.ts';
import { outboxSettings } from '../../src/notify/settings.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { blockOf, hitOf, NOON, ruleOf } from '../support/detected.ts';
import type { StatePlace } from './state.contract.ts';

const now = () => NOON;

/** Alerts and the outbox over each state database, with several hubs at once. */
export function alertingContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`alerts over ${name}`, () => {
    const opened: State[] = [];
    const outboxes: Outbox[] = [];
    const open = async (place: StatePlace): Promise<State> => {
      const state = await openState(place.settings, { folder: place.folder });
      opened.push(state);
      return state;
    };
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.stop(0);
      for (const state of opened.splice(0)) await state.close();
    });
    const alertingOf = (state: State) =>
      createAlerting({
        state,
        settings: alertSettings.parse(undefined),
        ruleInfo: ruleOf,
        isQuiet: () => false,
        router: () => ({ notifiers: ['slack', 'mail'], following: [], targets: () => ['slack', 'mail'] }),
        telemetry: silent,
        now,
      });
    const all = async (state: State) => {
      const page = await createAlerts(state, now).list({ limit: 500 });
      return page.ok ? page.value.alerts : [];
    };

    it('is one alert with an exact count, also when nodes hear of one episode at the same time', async () => {
      const place = await newPlace();
      const states = await Promise.all([open(place), open(place), open(place)]);
      const commits = states.flatMap((state, i) =>
        Array.from({ length: 12 }, async (_, n) => {
          const hits = ['alice', 'bob'].map((user) => hitOf({ node: i + 1, seq: n + 1, user }));
          // Blocks of one node come in order; here they only must not be lost.
          return alertingOf(state).commitBlock(blockOf(n + 1, n + 1, hits, (i + 1) * 100 + n));
        }),
      );
      await Promise.all(commits);
      const alerts = await all(states[0] ?? (await open(place)));
      expect(alerts.map(({ group, count }) => [group['user.name'], count]).sort()).toEqual([
        ['alice', 36],
        ['bob', 36],
      ]);
      const keys = await states[0]?.read((db) => db.selectFrom('outbox').select('key').execute());
      expect(keys).toHaveLength(8);
    });

    it('commits a block once, however many try at once', async () => {
      const place = await newPlace();
      const states = await Promise.all([open(place), open(place), open(place)]);
      const outcomes = await Promise.all(states.map((state) => alertingOf(state).commitBlock(blockOf(1, 9, [hitOf({ seq: 4 })]))));
      expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(await all(states[1] ?? (await open(place)))).toMatchObject([{ count: 1 }]);
    });

    it('holds what senders choose, and more rows than one statement takes', async () => {
      const state = await open(await newPlace());
      const odd = { message: 'x\u0000y\uD800', 'host.name': 'a\u0000', 'user.email': ["'; drop table alerts; --"] };
      const hits = Array.from({ length: 1_500 }, (_, i) => hitOf({ seq: i + 1, user: `u${i}`, fields: odd }));
      const keys = Array.from({ length: 1_200 }, (_, i) => ({ key: `k\u0000${i}`, source: 's', firstSeq: i, count: 1 }));
      await alertingOf(state).commitBlock({ ...blockOf(1, 2_000, hits), keys });
      expect(await all(state)).toHaveLength(500);
      expect(await state.ingestKeys.lookup('k\u00001199')).toMatchObject({ firstSeq: 1_199 });
    });

    it('never joins what somebody is resolving', async () => {
      const state = await open(await newPlace());
      const alerting = alertingOf(state);
      await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1 })]));
      const [alert] = await all(state);
      const resolving = createAlerts(state, now).change(alert?.id ?? '', { act: { kind: 'resolve' }, actor: 'carol' });
      const committing = Promise.all(
        Array.from({ length: 5 }, (_, i) => alerting.commitBlock(blockOf(i + 2, i + 2, [hitOf({ seq: i + 2 })], i + 2))),
      );
      await Promise.all([resolving, committing]);
      const after = await all(state);
      const detail = await createAlerts(state, now).get(alert?.id ?? '');
      expect(after.reduce((sum, { count }) => sum + count, 0)).toBe(6);
      expect(detail?.history.find(({ change }) => change === 'resolved')?.count).toBe(detail?.count);
    });

    it('tells each notification once, though two hubs carry the outbox', async () => {
      const place = await newPlace();
      const [a, b] = [await open(place), await open(place)];
      const hits = Array.from({ length: 30 }, (_, i) => hitOf({ seq: i + 1, user: `u${i}` }));
      await alertingOf(a).commitBlock(blockOf(1, 30, hits));
      const told: Notification[] = [];
      const finished = Promise.withResolvers<void>();
      const send = async (notification: Notification): Promise<Delivery> => {
        told.push(notification);
        if (told.length === 2) finished.resolve();
        return { verdict: 'delivered', ref: 'r' };
      };
      for (const [i, state] of [a, b].entries()) {
        const outbox = new Outbox({
          state,
          settings: outboxSettings.parse(undefined),
          notifiers: ['slack', 'mail'].map((notifier) => ({ name: notifier, perSecond: 1_000, send })),
          holder: `hub-${i}`,
          loadAlerts: (ids) => createAlerts(state, now).byIds(ids),
          fetch,
          loadContext: async () => undefined,
          telemetry: silent,
          now: Date.now,
        });
        outboxes.push(outbox);
        outbox.start();
      }
      await finished.promise;
      for (const outbox of outboxes.splice(0)) await outbox.stop();
      expect(told.map(({ alerts, more }) => [alerts.length, more])).toEqual([
        [8, 22],
        [8, 22],
      ]);
      const view = createOutboxView(a, now, () => {});
      expect(await view.list({})).toEqual({ entries: [], total: 0 });
      const first = await view.list({ states: ['delivered'], limit: 50 });
      const second = await view.list({ states: ['delivered'], limit: 50, after: first.entries.at(-1)?.id ?? '' });
      expect(new Set([...first.entries, ...second.entries].map(({ id }) => id)).size).toBe(60);
    });
  });
}
