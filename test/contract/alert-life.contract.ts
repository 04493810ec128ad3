import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAlerting } from '../../src/alert/alerting.ts';
import { type Alerts, createAlerts } from '../../src/alert/alerts.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import { maySee } from '../../src/api/visible.ts';
import type { AlertAct } from '../../src/model/alert-life.ts';
import { fillSubjects } from '../../src/store/state/migration-alert-life.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { blockOf, type HitSketch, hitOf, NOON, ruleOf } from '../support/detected.ts';
import type { StatePlace } from './state.contract.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const ROUTER = { notifiers: ['slack'], following: [], targets: () => ['slack'] };

/** What people do with alerts, over each state database. */
export function alertLifeContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`the life of alerts over ${name}`, () => {
    let place: StatePlace;
    let state: State;
    let alerts: Alerts;
    let clock: number;
    let observed: string[];
    let seq: number;
    const now = () => clock;
    const open = async () => {
      state = await openState(place.settings, { folder: place.folder, now });
      const observe = (metric: string, labels: object, secs: number) => void observed.push(`${metric} ${JSON.stringify(labels)} ${secs}`);
      alerts = createAlerts(state, now, { ...silent, observe });
    };
    beforeEach(async () => {
      clock = NOON;
      observed = [];
      seq = 0;
      place = await newPlace();
      await open();
    });
    afterEach(() => state.close());

    /** Commits hits, each of an event of its own, and gives the id of the alert that was last changed. */
    const hear = async (...sketches: readonly Omit<HitSketch, 'seq'>[]): Promise<string> => {
      const alerting = createAlerting({
        state,
        settings: alertSettings.parse({ group_max_secs: 2_592_000 }),
        ruleInfo: ruleOf,
        isQuiet: () => false,
        router: () => ROUTER,
        telemetry: silent,
        now,
      });
      const first = seq + 1;
      const hits = sketches.map((sketch) => hitOf({ at: clock, ...sketch, seq: ++seq }));
      await alerting.commitBlock(blockOf(first, seq, hits));
      const changed = await state.read((db) =>
        db.selectFrom('alert_events').select('alert_id').where('event_id', '=', `1-${seq}`).executeTakeFirst(),
      );
      return changed?.alert_id ?? '';
    };
    const act = (id: string, what: AlertAct, more: { note?: string; revision?: number; actor?: string } = {}) =>
      alerts.change(id, { act: what, actor: 'carol', ...more });
    const lines = async (id: string) =>
      (await alerts.get(id))?.history.map(({ change, actor, about }) => [change, actor, ...Object.values(about)].join(' '));
    const found = async (query: Parameters<Alerts['list']>[0]) => {
      const page = await alerts.list(query);
      if (!page.ok) throw new Error(page.error);
      return page.value.alerts;
    };
    const told = async (id: string) => (await alerts.get(id))?.deliveries.map(({ kind }) => kind);
    const count = async (id: string) => (await alerts.get(id))?.count;

    it('changes together with what belongs to it, or not at all', async () => {
      const id = await hear({});
      const wish = { act: { kind: 'acknowledge' }, actor: 'carol' } as const;
      expect(await alerts.change(id, wish, async () => false)).toEqual({ ok: false, error: 'unchanged' });
      const broken = alerts.change(id, wish, async () => {
        throw new Error('broken');
      });
      await expect(broken).rejects.toThrow();
      expect(await lines(id)).toEqual(['opened earshot']);
      expect(await alerts.change(id, wish, async () => true)).toMatchObject({ ok: true, value: { state: 'acknowledged' } });
    });

    it('sleeps until its time, over a restart, and wakes once', async () => {
      const id = await hear({});
      expect(await act(id, { kind: 'snooze', until: NOON + HOUR })).toMatchObject({
        ok: true,
        value: { state: 'snoozed', snoozedUntil: NOON + HOUR, acknowledgedAt: NOON, revision: 2 },
      });
      clock += HOUR - 1;
      expect(await alerts.wakeDue(ROUTER)).toBe(0);
      await state.close();
      clock += 1;
      await open();
      expect((await Promise.all([alerts.wakeDue(ROUTER), alerts.wakeDue(ROUTER)])).sort()).toEqual([0, 1]);
      expect(await alerts.get(id)).toMatchObject({ state: 'open', revision: 3 });
      expect((await alerts.get(id))?.snoozedUntil).toBeUndefined();
      expect(await lines(id)).toEqual(['opened earshot', 'snoozed carol 2026-01-01T13:00:00.000Z', 'woke earshot']);
      // Nobody looks again at what they have put to sleep: who knows of it is told, once.
      expect(await told(id)).toEqual(['opened', 'grew']);
    });

    it('tells nobody of its waking where it is muted, or who never heard of it', async () => {
      const id = await hear({});
      await act(id, { kind: 'snooze', until: NOON + HOUR });
      clock += HOUR;
      const muted = new Set(['slack']);
      expect(await alerts.wakeDue({ ...ROUTER, notifiers: ['slack', 'mail'], muted: () => muted })).toBe(1);
      expect(await told(id)).toEqual(['opened']);
    });

    it('wakes before its time when it is ten times what it was, and not before that', async () => {
      const id = await hear({}, {});
      await act(id, { kind: 'snooze', until: NOON + DAY });
      await hear(...Array.from({ length: 17 }, () => ({})), { late: true });
      expect(await alerts.get(id)).toMatchObject({ count: 20, lateCount: 1, state: 'snoozed' });
      // It passed ten events asleep: that is in its history, and nobody was told.
      expect((await alerts.get(id))?.deliveries.map(({ kind }) => kind)).toEqual(['opened']);
      await hear({});
      expect(await alerts.get(id)).toMatchObject({ count: 21, state: 'open' });
      expect((await lines(id))?.slice(2)).toEqual(['grew earshot', 'woke earshot']);
      expect(await told(id)).toEqual(['opened', 'grew']);
    });

    it('wakes before its time when it gets worse', async () => {
      const id = await hear({ level: 'low' });
      await act(id, { kind: 'snooze', until: NOON + DAY });
      await hear({ level: 'low' });
      expect(await alerts.get(id)).toMatchObject({ level: 'low', state: 'snoozed' });
      await hear({ level: 'critical' });
      expect(await alerts.get(id)).toMatchObject({ level: 'critical', state: 'open', count: 3 });
      expect((await lines(id))?.slice(2)).toEqual(['raised earshot critical', 'woke earshot']);
      expect(await told(id)).toEqual(['opened', 'grew']);
    });

    it('is resolved as something, which can be corrected, and forgets it when it is reopened', async () => {
      const id = await hear({});
      clock += 10 * MINUTE;
      await act(id, { kind: 'resolve', resolution: 'benign' });
      clock += MINUTE;
      const corrected = await act(id, { kind: 'resolve', resolution: 'false_positive' });
      expect(corrected).toMatchObject({ ok: true, value: { resolution: 'false_positive', resolvedAt: NOON + 10 * MINUTE } });
      expect(await act(id, { kind: 'resolve', resolution: 'false_positive' })).toEqual({ ok: false, error: 'unchanged' });
      await act(id, { kind: 'reopen' });
      const reopened = await alerts.get(id);
      expect(reopened).toMatchObject({ state: 'open', acknowledgedAt: NOON + 10 * MINUTE });
      expect([reopened?.resolution, reopened?.resolvedAt]).toEqual([undefined, undefined]);
      expect(observed).toEqual([
        'earshot_alert_acknowledge_seconds {"level":"high"} 600',
        'earshot_alert_resolve_seconds {"level":"high"} 600',
      ]);
    });

    it('takes hits that come after its resolution into another alert, and those that come before into itself', async () => {
      const id = await hear({});
      await act(id, { kind: 'resolve', resolution: 'expected' });
      const next = await hear({});
      expect(next).not.toBe(id);
      expect([await count(id), await count(next)]).toEqual([1, 1]);
      expect((await alerts.related(next))?.earlier).toMatchObject([{ id, resolution: 'expected' }]);
    });

    it('is taken, given to another, and given back', async () => {
      const id = await hear({});
      expect(await act(id, { kind: 'take' })).toMatchObject({ ok: true, value: { assignee: 'carol', state: 'acknowledged', revision: 3 } });
      expect(await act(id, { kind: 'take' })).toEqual({ ok: false, error: 'unchanged' });
      await act(id, { kind: 'assign', to: 'dave' });
      expect(await act(id, { kind: 'assign', to: 'dave' })).toEqual({ ok: false, error: 'unchanged' });
      expect((await found({ assignee: 'dave' })).map((alert) => alert.id)).toEqual([id]);
      await act(id, { kind: 'unassign' });
      expect(await found({ assignee: 'dave' })).toEqual([]);
      expect((await found({ unassigned: true })).map((alert) => alert.id)).toEqual([id]);
      expect(await lines(id)).toEqual([
        'opened earshot',
        'assigned carol carol',
        'acknowledged carol',
        'assigned carol dave',
        'unassigned carol',
      ]);
    });

    it('refuses what was decided on something that another has changed meanwhile', async () => {
      const id = await hear({});
      await act(id, { kind: 'comment' }, { note: 'asked her', actor: 'dave', revision: 1 });
      expect(await act(id, { kind: 'resolve' }, { revision: 1 })).toEqual({ ok: false, error: 'conflict' });
      expect(await alerts.get(id)).toMatchObject({ state: 'open', history: [{}, { change: 'commented', note: 'asked her' }] });
      const both = await Promise.all(['erin', 'frank'].map((actor) => act(id, { kind: 'take' }, { actor, revision: 2 })));
      expect(both.map((one) => one.ok).sort()).toEqual([false, true]);
    });

    it('changes many at once, each by itself', async () => {
      const ids: string[] = [];
      for (const user of ['alice', 'bob', 'carol']) ids.push(await hear({ user }));
      const [alice = '', bob = '', carol = ''] = ids;
      await act(bob, { kind: 'acknowledge' });
      const outcome = await alerts.changeMany(
        [{ id: alice, revision: 1 }, { id: bob, revision: 2 }, { id: carol, revision: 7 }, { id: 'nobody' }],
        { act: { kind: 'acknowledge' }, actor: 'dave', note: 'all mine' },
      );
      expect(outcome.map((each) => each.outcome)).toEqual(['changed', 'unchanged', 'conflict', 'not_found']);
      expect(await alerts.counts({})).toMatchObject({
        counts: [
          { state: 'acknowledged', level: 'high', count: 2 },
          { state: 'open', level: 'high', count: 1 },
        ],
      });
    });

    it('has a version that any change changes', async () => {
      const versions = new Set<string>();
      const look = async () => versions.add((await alerts.counts({})).version);
      const id = await hear({});
      await look();
      await hear({});
      await look();
      for (const kind of ['comment', 'acknowledge', 'reopen'] as const) {
        await act(id, { kind });
        await look();
      }
      expect(versions.size).toBe(5);
      await look();
      expect(versions.size).toBe(5);
    });

    it('is found by whom it is about, technique and assignee, and in the order of level', async () => {
      const field = (fields: NonNullable<HitSketch['fields']>) => ({ fields });
      await hear({ user: 'Ana_Silva', level: 'low', ...field({ 'source.ip': '192.0.2.7' }) });
      await hear({ user: 'bob%', level: 'critical', ...field({ 'user.target.name': 'root' }) });
      await hear({ user: 'anaXsilva', level: 'medium', at: NOON + MINUTE });
      const people = async (query: Parameters<Alerts['list']>[0]) => (await found(query)).map(({ group }) => group['user.name']);
      expect(await people({ about: 'ANA_s' })).toEqual(['Ana_Silva']);
      expect(await people({ about: '%' })).toEqual(['bob%']);
      expect(await people({ about: 'ROOT' })).toEqual(['bob%']);
      expect(await people({ about: '192.0.2' })).toEqual(['Ana_Silva']);
      expect(await people({ technique: 'T1078' })).toHaveLength(3);
      expect(await people({ technique: 'T107' })).toEqual([]);
      expect(await people({ levels: ['low', 'medium'] })).toEqual(['anaXsilva', 'Ana_Silva']);
      const first = await alerts.list({ sort: 'level', limit: 2 });
      if (!first.ok) throw new Error(first.error);
      expect(first.value.alerts.map(({ level }) => level)).toEqual(['critical', 'medium']);
      expect((await found({ sort: 'level', limit: 2, cursor: first.value.next ?? '' })).map(({ level }) => level)).toEqual(['low']);
    });

    it('is seen by who may see a dataset of its evidence', async () => {
      for (const dataset of ['linux.auth', 'LINUX.audit', 'cef', 'a_b', 'axb', ''])
        await hear({ user: dataset, fields: { 'event.dataset': dataset } });
      for (const datasets of [['linux.*'], ['cef', 'linux.auth'], ['a_b'], ['*.au*'], ['*'], [], ['%'], ['']]) {
        const seen = (await found({ datasets })).map(({ group }) => group['user.name']).sort();
        const expected = ['linux.auth', 'LINUX.audit', 'cef', 'a_b', 'axb', ''].filter((dataset) => maySee({ datasets }, dataset));
        expect([datasets, seen]).toEqual([datasets, expected.sort()]);
      }
    });

    it('names its people, hosts and datasets also when it was opened before there was a table of them', async () => {
      const id = await hear({ user: 'Ana', fields: { 'source.ip': '192.0.2.7', 'event.dataset': 'linux.auth' } });
      const subjects = () => state.read((db) => db.selectFrom('alert_subjects').selectAll().orderBy('kind').orderBy('value').execute());
      const before = await subjects();
      expect(before.map(({ alert_id, kind, value }) => [alert_id, kind, value])).toContainEqual([id, 'person', 'ana']);
      await state.transaction((tx) => tx.deleteFrom('alert_subjects').execute());
      // The step is the same work on a table that is empty.
      await state.transaction((tx) => fillSubjects(tx));
      expect(await subjects()).toEqual(before);
    });

    it('is shown beside what shares a person, host or address within a day', async () => {
      const id = await hear({ rule: 'r1', fields: { 'source.ip': '192.0.2.7' } });
      const both = await hear({ rule: 'r2', fields: { 'source.ip': '192.0.2.7' } });
      const other = await hear({ rule: 'r2', user: 'ALICE', fields: { 'host.name': 'web1' } });
      await hear({ rule: 'r2', user: 'bob', fields: { 'host.name': 'web2' } });
      await hear({ rule: 'r3', at: NOON + DAY + 1 });
      const near = await alerts.related(id);
      expect(
        near?.related.map(({ alert, why }) => [
          alert.id,
          why
            .map(({ kind }) => kind)
            .sort()
            .join(' '),
        ]),
      ).toEqual([
        [both, 'address host person'],
        [other, 'person'],
      ]);
      expect((await alerts.related(id, ['nothing']))?.related).toEqual([]);
      expect(await alerts.related('nobody')).toBeUndefined();
    });

    it('knows how long people took', async () => {
      const took = [1, 3, 10].map((minutes) => minutes * MINUTE);
      const ids: string[] = [];
      for (const user of ['a', 'b', 'c', 'd']) ids.push(await hear({ user }));
      for (const [i, after] of took.entries()) {
        clock = NOON + after;
        await act(ids[i] ?? '', { kind: 'acknowledge' });
      }
      clock = NOON + HOUR;
      await act(ids[0] ?? '', { kind: 'resolve', resolution: 'benign' });
      const stats = await alerts.stats({ from: NOON, to: NOON + 1, by: 'rule' });
      const expected = { opened: 4, acknowledged: 3, resolved: 1, medianAcknowledgeSecs: 180, medianResolveSecs: 3_600 };
      expect(stats).toMatchObject({
        complete: true,
        all: { ...expected, resolutions: { benign: 1 } },
        groups: [{ value: 'name_of_rule-a' }],
      });
      expect((await alerts.stats({ from: NOON + 1, to: NOON + DAY, by: 'level' })).all.opened).toBe(0);
    });
  });
}
