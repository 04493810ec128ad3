import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOON, ruleOf } from '../../test/support/detected.ts';
import '../../test/support/property-seed.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { Event } from '../model/event.ts';
import type { Finding } from '../model/found.ts';
import type { Lease } from '../store/state/state.ts';
import { silent } from '../telemetry/telemetry.ts';
import { type Alerts, createAlerts } from './alerts.ts';
import { createFoundAlerts, type Describe, type FoundAlerts } from './found-alerts.ts';

const MINUTE = 60_000;

const event = (seq: number, user = 'alice'): Event => ({
  node: 1,
  seq,
  receivedAt: NOON,
  timestamp: NOON + seq * 1_000,
  source: 'test',
  fields: { 'user.name': user, 'event.dataset': 'sshd.auth', message: `login of ${user}` },
  raw: Buffer.from('login'),
  hits: [{ id: 'leg', version: '1', title: 'Leg', level: 'low', matches: [{ field: 'user.name', value: user, leaf: 'selection: x' }] }],
});

/** A finding with these minutes after noon as its first and last moment. */
const finding = (first: number, last = first, over: Partial<Finding> = {}): Finding => ({
  kind: 'correlation',
  ruleId: 'rule-a',
  identity: 'rule-a@1',
  groupKey: '["alice"]',
  group: { 'user.name': 'Alice' },
  firstTrigger: NOON + first * MINUTE,
  lastTrigger: NOON + last * MINUTE,
  gapMs: 10 * MINUTE,
  late: false,
  ...over,
});

/** As many events as minutes, with evidence of the first. */
const described: Describe = async (merged) =>
  merged.map(({ firstTrigger, lastTrigger }) => ({
    firstAt: firstTrigger - MINUTE,
    lastAt: lastTrigger,
    count: (lastTrigger - firstTrigger) / MINUTE + 1,
    eventIds: ['1-1', '1-2'],
    events: [event(1), event(2)],
    details: {
      kind: 'correlation',
      type: 'event_count',
      timespanMs: 10 * MINUTE,
      condition: 'at least 5',
      legs: [{ ruleId: 'leg', title: 'Leg', count: 2 }],
    },
  }));

const nothing = async (): Promise<void> => undefined;

describe('alerts of what was found', () => {
  let place: TestState;
  let alerts: Alerts;
  let found: FoundAlerts;
  let lease: Lease;
  let clock: number;
  let counted: string[];
  const now = () => clock;

  beforeEach(async () => {
    clock = NOON;
    counted = [];
    place = await testState(now);
    alerts = createAlerts(place.state, now);
    const taken = await place.state.leases.acquire('correlations', 'a', 3_600_000);
    if (taken === undefined) throw new Error('no lease');
    lease = taken;
    found = createFoundAlerts({
      state: place.state,
      ruleInfo: ruleOf,
      isQuiet: ({ id }) => id === 'on-trial',
      router: () => ({
        notifiers: ['slack'],
        following: ['slack'],
        targets: ({ fields }) => (fields['user.name'] === 'bob' ? [] : ['slack']),
      }),
      telemetry: { ...silent, count: (name, labels) => void counted.push(`${name} ${JSON.stringify(labels)}`) },
      now,
    });
  });
  afterEach(() => place.remove());

  const commit = (...findings: Finding[]) => found.commit(findings, described, nothing, lease);
  const all = async () => {
    const page = await alerts.list({});
    if (!page.ok) throw new Error(page.error);
    return page.value.alerts.toSorted((a, b) => a.lastAt - b.lastAt || a.openedAt - b.openedAt);
  };
  const outbox = async () =>
    (await place.state.read((db) => db.selectFrom('outbox').select('key').orderBy('key').execute())).map(({ key }) => key.split('.')[1]);
  const history = async (id = '') =>
    ((await alerts.get(id))?.history ?? []).map(({ change, note }) => (note === '' ? change : `${change}: ${note}`));
  const everything = async () => [await all(), await outbox(), await Promise.all((await all()).map(({ id }) => history(id)))];

  it('are opened with their events, their details and what the rules found, and told once', async () => {
    expect(await commit(finding(0))).toBe(true);
    const [alert] = await all();
    expect(alert).toMatchObject({
      kind: 'correlation',
      ruleId: 'rule-a',
      title: 'Title of rule-a',
      group: { 'user.name': 'Alice' },
      count: 1,
      firstAt: NOON - MINUTE,
      lastAt: NOON,
      details: { type: 'event_count', condition: 'at least 5' },
      evidence: [{ eventId: '1-1', user: 'alice', matches: [{ leaf: 'selection: x' }] }, { eventId: '1-2' }],
    });
    expect(await outbox()).toEqual(['opened']);
    expect(counted).toEqual(['earshot_alerts_total {"level":"high"}']);
  });

  it('are the same when the same is found again', async () => {
    await commit(finding(0, 3));
    const before = await everything();
    clock += MINUTE;
    await commit(finding(0, 3));
    await commit(finding(1, 2));
    expect(await everything()).toEqual(before);
  });

  it('grow by event time, in both directions, and tell of tenfold growth', async () => {
    await commit(finding(0));
    await commit(finding(-5), finding(9));
    expect(await all()).toMatchObject([{ count: 15 }]);
    expect(await outbox()).toEqual(['grew-10', 'opened']);
    await commit(finding(20));
    expect(await all()).toMatchObject([{ count: 15 }, { count: 1 }]);
  });

  it('become one when a late event joins them: the earliest takes all, and nobody is told anew', async () => {
    await commit(finding(0), finding(15));
    const [first, second] = await all();
    await commit(finding(8));
    const [merged, taker] = await all();
    expect(taker).toMatchObject({ id: first?.id, state: 'open', count: 16 });
    expect(merged).toMatchObject({ id: second?.id, state: 'resolved' });
    expect(await history(second?.id)).toEqual(['opened', `merged: part of ${first?.id}`]);
    expect(await history(first?.id)).toContain(`grew: with the alert ${second?.id}, which is part of it`);
    expect(await outbox()).toEqual(['grew-10', 'opened', 'opened']);
    await commit(finding(15), finding(16));
    expect(await all()).toMatchObject([
      { id: second?.id, count: 1 },
      { id: first?.id, count: 17 },
    ]);
  });

  it('grow silently after they were resolved, with one line; beyond the gap another is opened', async () => {
    await commit(finding(0));
    const [alert] = await all();
    await alerts.change(alert?.id ?? '', { act: { kind: 'resolve' }, actor: 'carol' });
    clock += MINUTE;
    await commit(finding(1));
    clock += MINUTE;
    await commit(finding(2));
    expect(await all()).toMatchObject([{ state: 'resolved', count: 3 }]);
    expect(await history(alert?.id)).toEqual(['opened', 'resolved', 'grew: after it was resolved: nobody is told']);
    expect(await outbox()).toEqual(['opened']);
    await commit(finding(13));
    expect(await all()).toMatchObject([
      { state: 'resolved', count: 3 },
      { state: 'open', count: 1 },
    ]);
  });

  it('are not told when all of it came late, and told when it goes on', async () => {
    await commit(finding(0, 0, { late: true }));
    expect(await all()).toMatchObject([{ count: 1, lateCount: 1 }]);
    expect(await outbox()).toEqual([]);
    await commit(finding(1));
    expect(await all()).toMatchObject([{ count: 2, lateCount: 1 }]);
    expect(await outbox()).toEqual(['opened']);
  });

  it('wake when they have grown tenfold', async () => {
    await commit(finding(0));
    const [alert] = await all();
    await alerts.change(alert?.id ?? '', { act: { kind: 'snooze', until: NOON + 600 * MINUTE }, actor: 'carol' });
    await commit(finding(1));
    expect(await all()).toMatchObject([{ state: 'snoozed' }]);
    await commit(finding(9));
    expect(await all()).toMatchObject([{ state: 'open' }]);
    expect(await outbox()).toEqual(['grew-10', 'opened', 'woke-3']);
  });

  it('are not made of what is on trial, which is counted', async () => {
    await commit(finding(0, 0, { ruleId: 'on-trial' }));
    expect(await all()).toEqual([]);
    expect(counted).toEqual(['earshot_quiet_findings_total {"kind":"correlation"}']);
  });

  it('are of one group and one definition', async () => {
    await commit(finding(0), finding(0, 0, { groupKey: '["bob"]' }), finding(0, 0, { identity: 'rule-a@2' }));
    expect(await all()).toHaveLength(3);
  });

  it('keep what the store has lost', async () => {
    await commit(finding(0));
    await found.commit([finding(1)], async (merged) => (await described(merged)).map((each) => ({ ...each, events: [] })), nothing, lease);
    expect(await all()).toMatchObject([{ count: 2, evidence: [{ eventId: '1-1' }, { eventId: '1-2' }] }]);
  });

  it('tell who is new, in the thread', async () => {
    await commit(finding(0));
    const withBob: Describe = async (merged) =>
      (await described(merged)).map((each) => ({ ...each, eventIds: ['1-1', '1-3'], events: [event(1), event(3, 'bob')] }));
    await found.commit([finding(1)], withBob, nothing, lease);
    expect(await outbox()).toEqual(['joined-2', 'opened']);
    expect(await all()).toMatchObject([{ evidence: [{ eventId: '1-1' }, { eventId: '1-3' }] }]);
  });

  it('change together with the cursor, or not at all', async () => {
    const failing = found.commit(
      [finding(0)],
      described,
      async () => {
        throw new Error('planted');
      },
      lease,
    );
    await expect(failing).rejects.toThrow('planted');
    expect(await everything()).toEqual([[], [], []]);
    await place.state.leases.acquire('correlations', 'a', 3_600_000);
    expect(await commit(finding(0))).toBe(false);
    expect(await all()).toEqual([]);
  });

  it('are planned anew when somebody changes them while the engine is asked', async () => {
    await commit(finding(0));
    const other = await all();
    let asked = 0;
    await found.commit(
      [finding(5)],
      async (merged) => {
        if (asked++ === 0) await commit(finding(12));
        return described(merged);
      },
      nothing,
      lease,
    );
    expect(asked).toBe(2);
    const now = await all();
    expect(now.filter(({ state }) => state === 'open')).toMatchObject([{ id: other[0]?.id, count: 13 }]);
  });

  it('are revised when less holds than was told, and paged to nobody', async () => {
    await commit(finding(0, 5), finding(30));
    const [long, short] = await all();
    const reviewed = [{ identity: 'rule-a@1', groupKey: '["alice"]', from: NOON - MINUTE, to: NOON + 60 * MINUTE }];
    await found.revise(reviewed, [finding(0, 2)], described, nothing, lease);
    expect(await all()).toMatchObject([
      { id: long?.id, count: 3 },
      { id: short?.id, count: 1, state: 'open' },
    ]);
    expect((await history(long?.id)).at(-1)).toMatch(/^revised: 3 events from .*, before 6$/);
    expect((await history(short?.id)).at(-1)).toBe('revised: with the events that came late, it does not hold');
    expect(await outbox()).toEqual(['opened', 'opened']);
    expect((await alerts.told([short?.id ?? '']))[0]?.revised).toMatchObject({ change: 'revised' });
    const before = await everything();
    await found.revise(reviewed, [finding(0, 2)], described, nothing, lease);
    expect(await everything()).toEqual(before);
    await commit(finding(30));
    expect(await all()).toHaveLength(3);
  });

  it('stay one page when they turn out to be two', async () => {
    await commit(finding(0), finding(9), finding(18));
    const reviewed = [{ identity: 'rule-a@1', groupKey: '["alice"]', from: NOON, to: NOON + 60 * MINUTE }];
    await found.revise(reviewed, [finding(0), finding(18)], described, nothing, lease);
    expect(await all()).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect(await outbox()).toEqual(['grew-10', 'opened'].slice(1));
  });

  it('are resolved by Earshot when what they tell of has ended', async () => {
    await commit(finding(0));
    expect(await found.resolve([{ identity: 'rule-a@1', groupKey: '["alice"]', note: 'it speaks again' }], nothing, lease)).toBe(true);
    const [alert] = await all();
    expect(alert).toMatchObject({ state: 'resolved', resolvedAt: NOON });
    expect(await history(alert?.id)).toEqual(['opened', 'resolved: it speaks again']);
    expect(await found.announced([{ identity: 'rule-a@1', groupKey: '["alice"]', from: NOON, to: NOON }])).toHaveLength(1);
  });

  describe('of a correlation that was changed', () => {
    const change = (versions: Record<string, 'live' | 'retired'>) =>
      place.state.transaction(async (tx) => {
        await tx.deleteFrom('counters').execute();
        for (const [identity, phase] of Object.entries(versions))
          await tx
            .insertInto('counters')
            .values({ identity, rule_id: 'rule-a', phase, from_seqs: '{}', filled_to: NOON - 60 * MINUTE, began_at: NOON, live_at: NOON })
            .execute();
      });
    const changed = () => change({ 'rule-a@1': 'retired', 'rule-a@2': 'live' });
    const anew = (first: number, last = first, over: Partial<Finding> = {}) => finding(first, last, { identity: 'rule-a@2', ...over });
    const looked = { identity: 'rule-a@2', timespanMs: 10 * MINUTE, upTo: Number.MAX_SAFE_INTEGER };

    it('are taken over where it finds the same, and say so once', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(0, 5));
      const [before] = await all();
      await changed();
      clock += MINUTE;
      await commit(anew(2, 4, { late: true }));
      const [after, ...others] = await all();
      expect(others).toEqual([]);
      expect(after).toMatchObject({ id: before?.id, count: 6, lateCount: 0 });
      expect(await history(before?.id)).toEqual([
        'opened',
        expect.stringMatching(/^rule_changed: before, it found 6 events from .*; as it is now, 6 events from /),
      ]);
      const once = await everything();
      await commit(anew(2, 4, { late: true }));
      expect(await everything()).toEqual(once);
      expect(await outbox()).toEqual(['opened']);
    });

    it('grow as one, told once, when the episode was under way', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(0));
      await changed();
      await commit(anew(4));
      await commit(anew(0, 6), anew(9));
      expect(await all()).toMatchObject([{ count: 10 }]);
      expect(await outbox()).toEqual(['grew-10', 'opened']);
      await commit(finding(8));
      expect(await all()).toMatchObject([{ count: 10 }]);
    });

    it('are told when nobody was told of the former', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(0, 0, { late: true }));
      await changed();
      await commit(anew(1));
      expect(await all()).toHaveLength(1);
      expect(await outbox()).toEqual(['opened']);
    });

    it('stay where it does not find them, with a line that says so; what it alone finds of the past is told to nobody', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(-120), finding(0), finding(30));
      const [old, left, taken] = await all();
      await changed();
      await commit(anew(30, 30, { late: true }), anew(60, 60, { late: true }));
      await found.leave(looked, nothing, lease);
      await found.leave(looked, nothing, lease);
      expect(await history(old?.id)).toEqual(['opened']);
      expect(await history(left?.id)).toEqual([
        'opened',
        'rule_changed: found by the rule as it was before; as it is now, it does not find this',
      ]);
      expect(await history(taken?.id)).toHaveLength(2);
      expect((await all()).map(({ id, count }) => [id, count])).toMatchObject([
        [old?.id, 1],
        [left?.id, 1],
        [taken?.id, 1],
        [expect.any(String), 1],
      ]);
      expect(await outbox()).toEqual(['opened', 'opened', 'opened']);
    });

    it('are not those of other fields with equal values, nor of another correlation', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(0, 0, { group: { 'host.name': 'Alice' } }), finding(0, 0, { identity: 'rule-b@1' }));
      await changed();
      await commit(anew(0));
      expect(await all()).toHaveLength(3);
    });

    it('come back with it when the change is undone', async () => {
      await change({ 'rule-a@1': 'live' });
      await commit(finding(0), finding(40));
      const ids = (await all()).map(({ id }) => id);
      await changed();
      await commit(anew(0, 2));
      await change({ 'rule-a@1': 'live', 'rule-a@2': 'retired' });
      await commit(finding(0, 3), finding(40));
      expect((await all()).map(({ id, count }) => [id, count])).toEqual([
        [ids[0], 4],
        [ids[1], 1],
      ]);
    });
  });

  it('are the same stretches in whatever order and cuts it is found', async () => {
    const minutes = fc.array(fc.array(fc.nat(120), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(minutes, fc.string({ minLength: 1 }), async (cuts, name) => {
        const identity = `${name}@${Math.random()}`;
        for (const some of cuts) await commit(...some.map((minute) => finding(minute, minute, { identity })));
        const rows = await place.state.read((db) => db.selectFrom('alerts').selectAll().where('part_of', 'is', null).execute());
        const spans = rows
          .filter(({ first_trigger }) => first_trigger !== null)
          .map((row) => [((row.first_trigger ?? 0) - NOON) / MINUTE, ((row.last_trigger ?? 0) - NOON) / MINUTE])
          .sort(([a = 0], [b = 0]) => a - b);
        await place.state.transaction((tx) => tx.deleteFrom('alerts').execute());
        expect(spans).toEqual(chained(cuts.flat(), 10));
      }),
      { numRuns: 60 },
    );
  });
});

/** Minutes no further apart than the gap, as first and last. */
function chained(minutes: readonly number[], gap: number): number[][] {
  const spans: number[][] = [];
  for (const minute of minutes.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && minute - (last[1] ?? 0) <= gap) last[1] = minute;
    else spans.push([minute, minute]);
  }
  return spans;
}
