import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockOf, hitOf, NOON, ruleOf } from '../../test/support/detected.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { DetectedBlock } from '../model/detected.ts';
import { silent } from '../telemetry/telemetry.ts';
import { createAlerting } from './alerting.ts';
import { type Alerts, createAlerts } from './alerts.ts';
import type { Router } from './routing.ts';
import { alertSettings } from './settings.ts';

const MINUTE = 60_000;

describe('alerting', () => {
  let place: TestState;
  let alerts: Alerts;
  let router: Router;
  let counted: string[];
  const now = () => NOON;

  beforeEach(async () => {
    place = await testState(now);
    alerts = createAlerts(place.state, now);
    router = { notifiers: ['slack', 'mail'], following: [], targets: () => ['slack'] };
    counted = [];
  });
  afterEach(() => place.remove());

  const commit = (block: DetectedBlock, settings: unknown = undefined) =>
    createAlerting({
      state: place.state,
      settings: alertSettings.parse(settings),
      ruleInfo: ruleOf,
      isQuiet: ({ name }) => name === 'name_of_rule-on-trial',
      router: () => router,
      telemetry: { ...silent, count: (name, labels) => void counted.push(`${name} ${JSON.stringify(labels)}`) },
      now,
    }).commitBlock(block);
  const all = async () => {
    const page = await alerts.list({});
    if (!page.ok) throw new Error(page.error);
    return page.value.alerts;
  };
  const outbox = () => place.state.read((db) => db.selectFrom('outbox').selectAll().orderBy('created_at').orderBy('key').execute());

  it('opens one alert for hits of one rule and group, with its evidence', async () => {
    const outcome = await commit(blockOf(1, 9, [hitOf({ seq: 3 }), hitOf({ seq: 7, at: NOON + MINUTE })]));
    expect(outcome).toEqual({ replayed: false, opened: 1, queued: 1 });
    expect(await all()).toMatchObject([
      {
        ruleId: 'rule-a',
        ruleName: 'name_of_rule-a',
        group: { 'user.name': 'alice', 'host.name': 'db1.example.com' },
        count: 2,
        firstAt: NOON,
        lastAt: NOON + MINUTE,
        state: 'open',
        nextSteps: ['Ask the person.'],
        evidence: [{ eventId: '1-3', user: 'alice', matches: [{ leaf: 'selection: user.name: alice' }] }, { eventId: '1-7' }],
      },
    ]);
    expect(counted).toEqual(['earshot_alerts_total {"level":"high"}']);
  });

  it('opens nothing and tells nobody for a rule on trial, and passes its block', async () => {
    const block = blockOf(1, 9, [hitOf({ seq: 3, rule: 'rule-on-trial' }), hitOf({ seq: 4 })]);
    expect(await commit(block)).toEqual({ replayed: false, opened: 1, queued: 1 });
    expect((await all()).map(({ ruleId }) => ruleId)).toEqual(['rule-a']);
    expect(await commit(blockOf(10, 12, [hitOf({ seq: 11, rule: 'rule-on-trial' })]))).toMatchObject({ opened: 0, queued: 0 });
    expect(await place.state.positions.watermark(1)).toBe(12);
  });

  it('changes nothing on a replay', async () => {
    const block = { ...blockOf(1, 9, [hitOf({ seq: 3 })]), keys: [{ key: 'k', source: 's', firstSeq: 1, count: 9 }] };
    await commit(block);
    const before = [await all(), await outbox()];
    expect(await commit(block)).toEqual({ replayed: true, opened: 0, queued: 0 });
    expect([await all(), await outbox()]).toEqual(before);
    expect(await place.state.positions.watermark(1)).toBe(9);
  });

  it('counts no hit twice when a block reaches back over the watermark', async () => {
    await commit(blockOf(1, 5, [hitOf({ seq: 3 }), hitOf({ seq: 5 })]));
    await commit(blockOf(4, 8, [hitOf({ seq: 5 }), hitOf({ seq: 8 })]));
    expect(await all()).toMatchObject([{ count: 3 }]);
  });

  it('keeps keys, checkpoints and the chain with the watermark', async () => {
    await commit({
      ...blockOf(1, 9, []),
      keys: [
        { key: 'http:a', source: 's', firstSeq: 1, count: 4, fingerprint: 'one' },
        { key: 'http:a', source: 's', firstSeq: 5, count: 4 },
        { key: 'http:b', source: 's', firstSeq: 9, count: 1 },
      ],
      checkpoints: [
        { source: 'poll', checkpoint: '{"at":1}' },
        { source: 'poll', checkpoint: '{"at":2}' },
      ],
    });
    expect(await place.state.ingestKeys.lookup('http:a')).toEqual({ firstSeq: 1, count: 4, duplicate: true, fingerprint: 'one' });
    expect(await place.state.ingestKeys.lookup('http:b')).toEqual({ firstSeq: 9, count: 1, duplicate: true });
    expect(await place.state.positions.checkpoint('poll')).toBe('{"at":2}');
    expect(await place.state.positions.lastChainLink(1)).toMatchObject({ firstSeq: 1, lastSeq: 9, hash: 'h9', count: 9 });
  });

  it('keeps nothing of a block that fails half-way', async () => {
    router = {
      notifiers: ['slack'],
      following: [],
      targets: () => {
        throw new Error('planted');
      },
    };
    await expect(commit(blockOf(1, 9, [hitOf({ seq: 3 })]))).rejects.toThrow('planted');
    expect(await place.state.positions.watermark(1)).toBe(0);
    expect(await place.state.positions.lastChainLink(1)).toBeUndefined();
  });

  it('opens another alert after the gap, for another group, and for another version of the rule', async () => {
    const other = hitOf({ seq: 4 });
    await commit(
      blockOf(1, 9, [
        hitOf({ seq: 1 }),
        hitOf({ seq: 2, at: NOON + 60 * MINUTE }),
        hitOf({ seq: 3, user: 'bob' }),
        { ...other, hit: { ...other.hit, version: 'v2' } },
        hitOf({ seq: 5, at: NOON + 120 * MINUTE + 1 }),
      ]),
    );
    expect((await all()).map(({ count }) => count).sort()).toEqual([1, 1, 1, 2]);
  });

  it('opens another alert where one would span too long, so that nobody stops hearing of it', async () => {
    const hits = Array.from({ length: 5 }, (_, i) => hitOf({ seq: i + 1, at: NOON + i * 30 * MINUTE }));
    await commit(blockOf(1, 9, hits), { group_max_secs: 3_600 });
    expect((await all()).map(({ count }) => count)).toEqual([2, 3]);
  });

  it('joins the latest of several alerts that a hit could belong to', async () => {
    const at = (seq: number, minutes: number) => hitOf({ seq, at: NOON + minutes * MINUTE });
    await commit(blockOf(1, 3, [at(1, 0), at(2, 200), at(3, 100)]));
    expect((await all()).map(({ firstAt, count }) => [(firstAt - NOON) / MINUTE, count])).toEqual([
      [200, 1],
      [100, 1],
      [0, 1],
    ]);
    // 50 is as near to the one at 0 as to the one at 100; 55 reaches into what 50 has extended.
    await commit(blockOf(4, 5, [at(4, 50), at(5, 55)]));
    await commit(blockOf(6, 6, [at(6, 150)]));
    expect((await all()).map(({ firstAt, count }) => [(firstAt - NOON) / MINUTE, count])).toEqual([
      [150, 2],
      [50, 3],
      [0, 1],
    ]);
  });

  it('keeps the first ten events and counts all of them', async () => {
    await commit(
      blockOf(
        1,
        40,
        Array.from({ length: 25 }, (_, i) => hitOf({ seq: i + 1, at: NOON + i })),
      ),
    );
    const [alert] = await all();
    expect(alert?.count).toBe(25);
    expect(alert?.evidence.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 10 }, (_, i) => `1-${i + 1}`));
  });

  it('tells of the opening once and of growth at 10 and 100, however the blocks are cut', async () => {
    const hits = Array.from({ length: 150 }, (_, i) => hitOf({ seq: i + 1 }));
    await commit(blockOf(1, 7, hits.slice(0, 7)));
    await commit(blockOf(8, 200, hits.slice(7)));
    const [alert] = await all();
    expect((await outbox()).map(({ key }) => key)).toEqual([
      `${alert?.id}.grew-10.slack`,
      `${alert?.id}.grew-100.slack`,
      `${alert?.id}.opened.slack`,
    ]);
    const detail = await alerts.get(alert?.id ?? '');
    expect(detail?.history.map(({ change, count }) => [change, count])).toEqual([
      ['opened', 1],
      ['grew', 10],
      ['grew', 100],
    ]);
  });

  it('tells another notifier of the opening when a later event is the first that its route names', async () => {
    router = { notifiers: ['slack', 'mail'], following: [], targets: ({ seq }) => (seq === 1 ? ['slack'] : ['slack', 'mail']) };
    await commit(blockOf(1, 1, [hitOf({ seq: 1 })]));
    await commit(blockOf(2, 3, [hitOf({ seq: 2 }), hitOf({ seq: 3 })]));
    expect((await outbox()).map(({ notifier, kind }) => [notifier, kind])).toEqual([
      ['mail', 'opened'],
      ['slack', 'opened'],
    ]);
  });

  it('tells who is new in an alert, once, where messages have threads; the event that brings them is kept', async () => {
    router = { notifiers: ['slack', 'mail'], following: ['slack'], targets: () => ['slack', 'mail'] };
    const target = (seq: number, name: string, late = false) => hitOf({ seq, late, fields: { 'user.target.name': name } });
    await commit(blockOf(1, 12, [target(1, 'root'), ...Array.from({ length: 11 }, (_, i) => target(i + 2, 'ROOT'))]));
    await commit(blockOf(13, 16, [target(13, 'Backup'), target(14, 'late', true), target(15, 'backup'), target(16, 'root')]));
    const [alert] = await all();
    expect(alert?.evidence.map(({ targetUser }) => targetUser).slice(9)).toEqual(['ROOT', 'Backup', 'late']);
    expect((await outbox()).filter(({ joined }) => joined !== null)).toMatchObject([
      { key: `${alert?.id}.joined-13.slack`, kind: 'grew', joined: '{"users":["Backup"],"hosts":[]}' },
    ]);
    const history = (await alerts.get(alert?.id ?? ''))?.history.map(({ change, note }) => [change, note]);
    expect(history).toContainEqual(['grew', 'new person: Backup']);
    expect(history).toHaveLength(3);
  });

  it('records late hits and tells nobody, until one comes that is not late', async () => {
    await commit(blockOf(1, 3, [hitOf({ seq: 1, late: true }), hitOf({ seq: 2, late: true })]));
    expect(await all()).toMatchObject([{ count: 2, lateCount: 2 }]);
    expect(await outbox()).toEqual([]);
    await commit(blockOf(4, 4, [hitOf({ seq: 4 })]));
    expect(await all()).toMatchObject([{ count: 3, lateCount: 2 }]);
    expect(await outbox()).toMatchObject([{ kind: 'opened', notifier: 'slack' }]);
  });

  it('holds what senders choose: missing fields, lists, U+0000 and unpaired surrogates', async () => {
    const odd = { 'user.name': ['b', 'a', 'b'], 'host.name': null, message: 'x\u0000y\uD800' };
    await commit(blockOf(1, 1, [hitOf({ seq: 1, fields: odd })]));
    expect(await all()).toMatchObject([{ group: { 'user.name': 'a, b', 'host.name': '' }, evidence: [{ user: 'a, b' }] }]);
  });

  describe('people', () => {
    const opened = async () => {
      await commit(blockOf(1, 1, [hitOf({ seq: 1 })]));
      return (await all())[0]?.id ?? '';
    };

    it('acknowledge, resolve and reopen, and the history says who', async () => {
      const id = await opened();
      expect(await alerts.change(id, { act: { kind: 'acknowledge' }, actor: 'carol' })).toMatchObject({
        ok: true,
        value: { state: 'acknowledged' },
      });
      expect(await alerts.change(id, { act: { kind: 'acknowledge' }, actor: 'carol' })).toEqual({ ok: false, error: 'unchanged' });
      await alerts.change(id, { act: { kind: 'resolve' }, actor: 'dave', note: 'asked: it was her' });
      await alerts.change(id, { act: { kind: 'reopen' }, actor: 'carol' });
      expect((await alerts.get(id))?.history.map(({ change, actor, note }) => [change, actor, note])).toEqual([
        ['opened', 'earshot', ''],
        ['acknowledged', 'carol', ''],
        ['resolved', 'dave', 'asked: it was her'],
        ['reopened', 'carol', ''],
      ]);
      expect(await alerts.change('nobody', { act: { kind: 'resolve' }, actor: 'x' })).toEqual({ ok: false, error: 'not_found' });
    });

    it('hear again of what goes on after they resolved it, and not of what they acknowledged', async () => {
      const id = await opened();
      await alerts.change(id, { act: { kind: 'acknowledge' }, actor: 'carol' });
      await commit(blockOf(2, 2, [hitOf({ seq: 2 })]));
      expect(await all()).toMatchObject([{ id, count: 2, state: 'acknowledged' }]);
      await alerts.change(id, { act: { kind: 'resolve' }, actor: 'carol' });
      await commit(blockOf(3, 3, [hitOf({ seq: 3 })]));
      expect((await all()).map(({ count, state }) => [count, state]).sort()).toEqual([
        [1, 'open'],
        [2, 'resolved'],
      ]);
      expect(await outbox()).toHaveLength(2);
    });

    it('list by state, level, rule and time, page by page, each alert once', async () => {
      const levels = ['low', 'high', 'critical'] as const;
      const hits = Array.from({ length: 7 }, (_, i) =>
        hitOf({ seq: i + 1, user: `u${i}`, level: levels[i % 3] ?? 'low', rule: `r${i % 2}`, at: NOON + (i >> 1) * MINUTE }),
      );
      await commit(blockOf(1, 9, hits));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await alerts.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        if (!page.ok) throw new Error(page.error);
        seen.push(...page.value.alerts.map(({ id }) => id));
        cursor = page.value.next;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(7);
      expect(seen).toHaveLength(7);
      const sizes = await Promise.all(
        [
          { levels: ['critical' as const] },
          { rule: 'name_of_r1' },
          { rule: 'r1' },
          { from: NOON + 3 * MINUTE },
          { to: NOON + 1 },
          { states: ['resolved' as const] },
        ].map(async (query) => {
          const page = await alerts.list(query);
          return page.ok ? page.value.alerts.length : -1;
        }),
      );
      expect(sizes).toEqual([2, 3, 3, 1, 2, 0]);
      expect(await alerts.list({ cursor: 'nonsense' })).toEqual({ ok: false, error: 'bad_cursor' });
    });
  });
});
