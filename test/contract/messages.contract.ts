import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertContext } from '../../src/model/alert-context.ts';
import { canEdit, type EditingNotifier, EditLane } from '../../src/notify/edit-lane.ts';
import { Lane, type LaneDeps, Pace } from '../../src/notify/lane.ts';
import type { Delivery, Notification } from '../../src/notify/notifier.ts';
import { recover } from '../../src/notify/outbox-rows.ts';
import { pruneDelivered } from '../../src/notify/outbox-upkeep.ts';
import { type ConfiguredNotifier, outboxSettings } from '../../src/notify/settings.ts';
import { openState } from '../../src/store/state/open.ts';
import type { Lease, State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { type AlertSketch, putOutbox, touchAlert } from '../support/outbox.ts';
import type { StatePlace } from './state.contract.ts';

const CONTEXT: AlertContext = {
  person: 'Alice',
  from: 0,
  to: 1,
  files: { ok: true, value: { total: 0, different: 0, files: [] } },
  whereabouts: { ok: false, error: 'too long' },
  deeds: { ok: true, value: [] },
};

/** Messages that are kept up to date, over each state database, under a clock that the test moves. */
export function messagesContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`messages over ${name}`, () => {
    let clock: number;
    let state: State;
    let lease: Lease;
    let posted: Notification[];
    let edited: { readonly ref: string; readonly notification: Notification }[];
    let answers: Delivery[];
    let editAnswers: Delivery[];
    let lane: Lane;
    let around: Lane;
    let notifier: EditingNotifier;
    let deps: LaneDeps;
    let edits: EditLane;
    let known: AlertContext | undefined;
    let gathering: Promise<AlertContext> | undefined;
    let asked: PromiseWithResolvers<void>;

    beforeEach(async () => {
      clock = 1_700_000_000_000;
      state = await openState((await newPlaceOnce()).settings, { folder: (await newPlaceOnce()).folder, now: () => clock });
      posted = [];
      edited = [];
      answers = [];
      editAnswers = [];
      const taken = await state.leases.acquire('outbox', 'hub', 1e9);
      if (taken === undefined) throw new Error('no lease');
      lease = taken;
      const sender: ConfiguredNotifier = {
        name: 'slack',
        perSecond: 1,
        wantsContext: true,
        send: async (notification) => {
          posted.push(notification);
          return answers.shift() ?? { verdict: 'delivered', ref: `C1/${posted.length}.0` };
        },
        edit: async (ref, notification) => {
          edited.push({ ref, notification });
          return editAnswers.shift() ?? { verdict: 'delivered', ref };
        },
      };
      if (!canEdit(sender)) throw new Error('it can');
      notifier = sender;
      deps = {
        state,
        settings: outboxSettings.parse({ burst: 100 }),
        loadAlerts: async (ids) => ids.map((id) => ({ id, evidence: [] })) as never,
        loadContext: async () => {
          asked.resolve();
          return gathering === undefined ? known : await gathering;
        },
        fetch,
        telemetry: silent,
        now: () => clock,
        random: () => 1,
      };
      const pace = new Pace(deps.settings);
      lane = new Lane(notifier, deps, 'news', pace);
      around = new Lane(notifier, deps, 'context', pace);
      known = CONTEXT;
      gathering = undefined;
      asked = Promise.withResolvers();
      edits = new EditLane(notifier, deps);
    });
    afterEach(async () => {
      place = undefined;
      await state.close();
    });

    let place: StatePlace | undefined;
    const newPlaceOnce = async (): Promise<StatePlace> => {
      place ??= await newPlace();
      return place;
    };
    const put = (...alerts: readonly AlertSketch[]) => putOutbox(state, alerts, clock);
    const touch = (id: string, more: { events?: number; lines?: number }) => touchAlert(state, id, more, clock);
    /** Lets both work for so long. */
    const run = async (ms: number) => {
      const end = clock + ms;
      while (clock < end) {
        const signal = new AbortController().signal;
        const next = [await lane.step(() => lease, signal), await around.step(() => lease, signal), await edits.step(() => lease, signal)];
        const waits = next.map((each) => (each === 'lost' ? Number.POSITIVE_INFINITY : each));
        clock = Math.min(end, clock + Math.max(1, Math.min(...waits)));
      }
    };
    const states = () => state.read((db) => db.selectFrom('messages').select(['key', 'state', 'ref']).orderBy('key').execute());
    const told = () => posted.map(({ kind, thread, alerts }) => [kind, thread, alerts.map(({ id }) => id)]);

    /** An alert that names somebody. */
    const putPerson = async (...ids: readonly string[]) => {
      await put(...ids.map((id) => ({ id })));
      const rows = ids.map((alert_id) => ({ alert_id, kind: 'person' as const, value: 'alice' }));
      await state.transaction((tx) => tx.insertInto('alert_subjects').values(rows).execute());
    };

    it('are followed in their thread by what is known around the alert, later and once', async () => {
      await putPerson('a');
      await run(3_000);
      expect(told()).toEqual([['opened', undefined, ['a']]]);
      await run(60_000);
      expect(told()).toEqual([
        ['opened', undefined, ['a']],
        ['context', 'C1/1.0', ['a']],
      ]);
      expect(posted[1]).toMatchObject({ key: 'a.context.slack', context: CONTEXT });
      await put({ id: 'a', kind: 'grew', step: 'grew-10' });
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'context', 'grew']);
    });

    it('of a burst, or of nobody, are not; nor is what turns out to be of nobody told', async () => {
      await putPerson('a', 'b');
      await run(1_000);
      await put({ id: 'nobody' });
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened']);
      known = undefined;
      await putPerson('c');
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened', 'opened']);
      expect(await state.read((db) => db.selectFrom('outbox').select('state').distinct().execute())).toEqual([{ state: 'delivered' }]);
    });

    it('are told while what is known around another is not yet gathered', async () => {
      await putPerson('a');
      await run(1_000);
      clock += 10_000;
      const gathered = Promise.withResolvers<AlertContext>();
      gathering = gathered.promise;
      const slow = around.step(() => lease, new AbortController().signal);
      await asked.promise;
      clock += 1_000;
      await put({ id: 'b' });
      await lane.step(() => lease, new AbortController().signal);
      expect(told().at(-1)).toEqual(['opened', undefined, ['b']]);
      gathered.resolve(CONTEXT);
      await slow;
      expect(told().at(-1)).toEqual(['context', 'C1/1.0', ['a']]);
    });

    it('are not followed by anything while the target has asked for a pause', async () => {
      await putPerson('a');
      await run(2_000);
      answers = [{ verdict: 'retry', why: '429', afterMs: 60_000 }];
      await put({ id: 'b' });
      await run(50_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened']);
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened', 'opened', 'context']);
    });

    it('are told while it is unknown whether others were followed by what is known around them', async () => {
      const around = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, kind: 'context', step: 'context' }) as const);
      await put(...around);
      await state.transaction((tx) =>
        tx
          .updateTable('outbox')
          .set((set) => ({ batch: set.ref('key'), possible_repeat: 1, due_at: clock + 3_600_000 }))
          .execute(),
      );
      await put({ id: 'new' });
      await run(5_000);
      expect(told()).toEqual([['opened', undefined, ['new']]]);
    });

    it('are followed by nothing during a storm, which is told first', async () => {
      const pace = new Pace(outboxSettings.parse({ burst: 2, gather_secs: 20 }));
      lane = new Lane(notifier, deps, 'news', pace);
      around = new Lane(notifier, deps, 'context', pace);
      await putPerson('a');
      await run(1_000);
      await putPerson('b');
      await run(30_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened', 'context']);
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'opened', 'context', 'context']);
    });

    it('that somebody has removed are followed by nothing', async () => {
      await putPerson('a');
      await run(2_000);
      answers = [{ verdict: 'reject', why: 'thread_not_found', gone: true }];
      await run(60_000);
      expect(told().map(([kind]) => kind)).toEqual(['opened', 'context']);
      expect(await state.read((db) => db.selectFrom('outbox').select(['key', 'state']).execute())).toEqual([
        { key: 'a.opened.slack', state: 'delivered' },
      ]);
      expect(await states()).toMatchObject([{ state: 'gone' }]);
    });

    it('are edited soon after somebody did something, once, and left alone while nothing changes', async () => {
      await put({ id: 'a' }, { id: 'b', notifier: 'mail' });
      await run(5_000);
      expect(edited).toEqual([]);
      await touch('a', { lines: 2 });
      await touch('b', { lines: 2 });
      await run(5_000);
      expect(edited).toMatchObject([{ ref: 'C1/1.0', notification: { alerts: [{ id: 'a' }], more: 0, possibleRepeat: false } }]);
      await run(300_000);
      expect(edited).toHaveLength(1);
      await touch('a', { lines: 1 });
      await run(5_000);
      expect(edited).toHaveLength(2);
    });

    it('are edited every half minute while events alone are added, with the last of them', async () => {
      await put({ id: 'a' });
      for (let i = 0; i < 60; i++) {
        await run(1_000);
        await touch('a', { events: 3 });
      }
      expect(edited.length).toBeGreaterThanOrEqual(1);
      expect(edited.length).toBeLessThanOrEqual(2);
      await run(40_000);
      const before = edited.length;
      await run(100_000);
      expect(edited).toHaveLength(before);
    });

    it('are all brought up to date beside one whose alert never stops growing', async () => {
      await put({ id: 'a' }, { id: 'grows' });
      await run(2_000);
      await put({ id: 'late' });
      for (let i = 0; i < 200; i++) {
        await run(2_000);
        await touch('grows', { events: 1 });
        if (i === 100) await touch('late', { events: 1 });
      }
      await run(60_000);
      const shown = await state.read((db) => db.selectFrom('messages').select(['key', 'shown_count']).execute());
      expect(shown.find(({ key }) => key.startsWith('late'))?.shown_count).toBe(2);
      expect(shown.find(({ key }) => key.startsWith('burst'))?.shown_count).toBe(202);
    });

    it('take growth and newcomers into their thread, in one reply', async () => {
      await put({ id: 'a' });
      await run(2_000);
      await put(
        { id: 'a', kind: 'grew', step: 'grew-10' },
        { id: 'a', kind: 'grew', step: 'joined-11', joined: { users: ['bob'], hosts: [] } },
        { id: 'new' },
      );
      await run(5_000);
      expect(told()).toEqual([
        ['opened', undefined, ['a']],
        ['opened', undefined, ['new']],
        ['grew', 'C1/1.0', ['a']],
      ]);
      expect(posted[2]?.joined).toEqual([{ alertId: 'a', users: ['bob'], hosts: [] }]);
      expect((await states()).map(({ key }) => key)).toEqual(['a.opened.slack', 'new.opened.slack']);
    });

    it('of a burst are one message, whose thread takes what is new of any of them, and which is edited as a whole', async () => {
      await put(...Array.from({ length: 12 }, (_, i) => ({ id: `x${i}` })));
      await run(2_000);
      await put({ id: 'x1', kind: 'grew', step: 'grew-10' }, { id: 'x11', kind: 'grew', step: 'grew-10' });
      await touch('x11', { lines: 1 });
      await run(5_000);
      expect(posted[1]).toMatchObject({ kind: 'grew', thread: 'C1/1.0', alerts: [{ id: 'x1' }, { id: 'x11' }] });
      expect(edited).toHaveLength(1);
      expect(edited[0]?.notification.alerts).toHaveLength(8);
      expect(edited[0]?.notification.more).toBe(4);
    });

    it('of many alerts that grow at once are not answered one by one', async () => {
      for (let i = 0; i < 30; i++) {
        await put({ id: `x${i}` });
        await run(1_000);
      }
      expect(posted).toHaveLength(30);
      await put(...Array.from({ length: 30 }, (_, i) => ({ id: `x${i}`, kind: 'grew' as const, step: 'grew-10' })));
      await run(5_000);
      expect(posted).toHaveLength(31);
      expect(posted[30]).toMatchObject({ kind: 'grew', more: 22, thread: undefined });
    });

    it('that go on wait for those that are new', async () => {
      await put({ id: 'a' }, { id: 'b' });
      await run(5_000);
      await put({ id: 'a', kind: 'grew', step: 'grew-10' });
      clock += 100;
      await put({ id: 'c' });
      await run(5_000);
      expect(posted.slice(1).map(({ kind, alerts }) => [kind, alerts.map(({ id }) => id)])).toEqual([
        ['opened', ['c']],
        ['grew', ['a']],
      ]);
    });

    it('whose opening is not known to have arrived are not told to have grown before that', async () => {
      answers = [{ verdict: 'retry', why: 'timeout', ambiguous: true }];
      await put({ id: 'a' });
      const signal = new AbortController().signal;
      const began = clock;
      await lane.step(() => lease, signal);
      await put({ id: 'a', kind: 'grew', step: 'grew-10' });
      await run(10_000);
      expect(told()).toEqual([
        ['opened', undefined, ['a']],
        ['opened', undefined, ['a']],
        ['grew', 'C1/2.0', ['a']],
      ]);
      expect(posted[1]).toMatchObject({ possibleRepeat: true, triedAt: began });
    });

    it('that were being sent when the process ended keep the time of the attempt', async () => {
      await put({ id: 'a' });
      const began = clock;
      answers = [{ verdict: 'retry', why: 'timeout', ambiguous: true }];
      await lane.step(() => lease, new AbortController().signal);
      await state.transaction((tx) => tx.updateTable('outbox').set({ state: 'sending' }).execute());
      clock += 60_000;
      await state.transaction((tx) => recover(tx, clock));
      await run(1_000);
      expect(posted[1]).toMatchObject({ possibleRepeat: true, triedAt: began });
    });

    it('that somebody has removed get a new message for what is new', async () => {
      await put({ id: 'a' });
      await run(2_000);
      answers = [{ verdict: 'reject', why: 'thread_not_found', gone: true }];
      await put({ id: 'a', kind: 'grew', step: 'grew-10' });
      await run(5_000);
      expect(told()).toEqual([
        ['opened', undefined, ['a']],
        ['grew', 'C1/1.0', ['a']],
        ['grew', undefined, ['a']],
      ]);
      expect(await states()).toMatchObject([{ state: 'gone' }]);
      await touch('a', { lines: 1 });
      await run(10_000);
      expect(edited).toEqual([]);
    });

    it('that cannot be edited are left alone; where the trouble passes they are tried again', async () => {
      await put({ id: 'a' });
      await run(2_000);
      editAnswers = [
        { verdict: 'retry', why: '429', afterMs: 7_000 },
        { verdict: 'reject', why: 'token_revoked', target: true },
      ];
      await touch('a', { lines: 1 });
      await run(30_000);
      expect(edited).toHaveLength(3);
      editAnswers = [{ verdict: 'reject', why: 'edit_window_closed' }];
      await touch('a', { lines: 1 });
      await run(10_000);
      expect(edited).toHaveLength(4);
      expect(await states()).toMatchObject([{ state: 'fixed' }]);
      await touch('a', { lines: 1 });
      await run(10_000);
      expect(edited).toHaveLength(4);
    });

    it('are forgotten with what was delivered', async () => {
      await put({ id: 'a' });
      await run(2_000);
      await state.transaction((tx) => pruneDelivered(tx, clock + 1));
      expect(await states()).toEqual([]);
    });
  });
}
