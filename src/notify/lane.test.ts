import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlertSketch, putOutbox } from '../../test/support/outbox.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import type { Lease } from '../store/state/state.ts';
import { silent } from '../telemetry/telemetry.ts';
import { Lane } from './lane.ts';
import type { Delivery, Notification } from './notifier.ts';
import { recover, setAsideOrphans } from './outbox-rows.ts';
import { createOutboxView } from './outbox-view.ts';
import { outboxSettings } from './settings.ts';

const delivered: Delivery = { verdict: 'delivered', ref: 'r' };

/** One lane under a clock that the test moves: what is sent, what waits, and until when. */
describe('a lane of the outbox', () => {
  let clock: number;
  let place: TestState;
  let lease: Lease;
  let sent: Notification[];
  let answers: (Delivery | Error | Promise<Delivery>)[];
  let judge: ((notification: Notification) => Delivery) | undefined;
  let lane: Lane;

  beforeEach(async () => {
    clock = 1_000_000;
    place = await testState(() => clock);
    sent = [];
    answers = [];
    judge = undefined;
    lane = newLane();
    const taken = await place.state.leases.acquire('outbox', 'hub', 1e9);
    if (taken === undefined) throw new Error('no lease');
    lease = taken;
  });
  afterEach(() => place.remove());

  const newLane = (settings: unknown = undefined) =>
    new Lane(
      {
        name: 'slack',
        perSecond: 1,
        send: async (notification) => {
          sent.push(notification);
          const answer = answers.shift() ?? judge?.(notification) ?? delivered;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      {
        state: place.state,
        settings: outboxSettings.parse(settings),
        loadAlerts: async (ids) => ids.map((id) => ({ id, evidence: [] })) as never,
        loadContext: async () => undefined,
        fetch,
        telemetry: silent,
        now: () => clock,
        random: () => 1,
      },
    );
  const put = (...alerts: readonly AlertSketch[]) => putOutbox(place.state, alerts, clock);
  const step = () => lane.step(() => lease, new AbortController().signal);
  /** Steps, and moves the clock by what the lane wants to wait. */
  const stepAndWait = async () => {
    const next = await step();
    if (typeof next === 'number') clock += next;
    return next;
  };
  const rows = () => place.state.read((db) => db.selectFrom('outbox').selectAll().orderBy('created_at').orderBy('key').execute());
  const states = async () => (await rows()).map(({ state }) => state);

  it('sends one message a second, and nothing twice', async () => {
    await put({ id: 'a' });
    expect(await step()).toBe(1_000);
    await put({ id: 'b' });
    expect(await step()).toBe(1_000);
    expect(sent).toHaveLength(1);
    clock += 1_000;
    await stepAndWait();
    await stepAndWait();
    await stepAndWait();
    expect(sent.map(({ key, alerts }) => [key, alerts.map(({ id }) => id)])).toEqual([
      ['a.opened.slack', ['a']],
      ['b.opened.slack', ['b']],
    ]);
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  it('tells a burst in one message: eight in full, the most severe first, and the exact number of the rest', async () => {
    await put(
      ...Array.from({ length: 20 }, (_, i) => ({ id: `l${i}`, level: 'low' as const })),
      { id: 'c', level: 'critical' },
      { id: 'm', level: 'medium' },
    );
    await step();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.alerts.map(({ id }) => id).slice(0, 3)).toEqual(['c', 'm', 'l0']);
    expect(sent[0]?.alerts).toHaveLength(8);
    expect(sent[0]?.more).toBe(14);
    expect(new Set(await states())).toEqual(new Set(['delivered']));
  });

  it('lets what comes gather once five messages have followed one another', async () => {
    for (const id of ['a', 'b', 'c', 'd']) {
      await put({ id, level: 'medium' });
      expect(await stepAndWait()).toBe(1_000);
    }
    await put({ id: 'e', level: 'medium' });
    const fifth = clock;
    await stepAndWait();
    await put({ id: 'f', level: 'medium' }, { id: 'g', level: 'low' });
    while (sent.length < 6) await stepAndWait();
    expect(clock - fifth).toBeGreaterThanOrEqual(16_000);
    expect(clock - fifth).toBeLessThan(19_000);
    expect(sent[5]?.alerts.map(({ id }) => id)).toEqual(['f', 'g']);
  });

  it('lets nothing of level high gather, and takes along what has; again only after as long', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await put({ id, level: 'medium' });
      await stepAndWait();
    }
    await put({ id: 'f', level: 'medium' });
    await stepAndWait();
    expect(sent).toHaveLength(5);
    await put({ id: 'g', level: 'high' });
    const grave = clock;
    await stepAndWait();
    expect(sent[5]?.alerts.map(({ id }) => id)).toEqual(['g', 'f']);
    await put({ id: 'h', level: 'critical' });
    while (sent.length < 7) await stepAndWait();
    expect(clock - grave).toBeGreaterThanOrEqual(20_000);
  });

  it('tells an alert that opened and grew meanwhile once', async () => {
    await put({ id: 'a' }, { id: 'a', kind: 'grew', step: 'grew-10' });
    await step();
    expect(sent).toMatchObject([{ kind: 'opened', alerts: [{ id: 'a' }], more: 0 }]);
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  it('comes back after a failure, waits longer each time, and says that it cannot be a repeat', async () => {
    answers = [{ verdict: 'retry', why: '500' }, { verdict: 'retry', why: '500' }, delivered];
    await put({ id: 'a' });
    const began = clock;
    expect(await stepAndWait()).toBe(1_000);
    expect(await stepAndWait()).toBe(2_000);
    await stepAndWait();
    expect(clock - began).toBe(4_000);
    expect(sent.map(({ possibleRepeat }) => possibleRepeat)).toEqual([false, false, false]);
    expect(await rows()).toMatchObject([{ state: 'delivered', attempts: 3, why: null }]);
  });

  it('waits as long as the target asks for', async () => {
    answers = [{ verdict: 'retry', why: '429', afterMs: 42_000 }];
    await put({ id: 'a' });
    expect(await stepAndWait()).toBe(42_000);
    await step();
    expect(sent).toHaveLength(2);
  });

  it('lets what gathers during an outage go out in one message, as soon as the target is back', async () => {
    answers = Array.from({ length: 6 }, () => ({ verdict: 'retry', why: '503' }) as const);
    await put({ id: 'a' });
    for (let i = 0; i < 6; i++) {
      await stepAndWait();
      await put({ id: `b${i}` });
    }
    await stepAndWait();
    expect(sent.at(-1)?.alerts.map(({ id }) => id)).toContain('b5');
    await stepAndWait();
    expect(new Set(await states())).toEqual(new Set(['delivered']));
    expect(sent.length).toBeLessThanOrEqual(8);
  });

  it('keeps the identity of what may have been told, and says that it may be a repeat', async () => {
    answers = [{ verdict: 'retry', why: 'timeout', ambiguous: true }, new Error('https://hooks.example.com/secret'), delivered];
    await put({ id: 'a' }, { id: 'b' });
    await stepAndWait();
    await put({ id: 'c' });
    for (let i = 0; i < 6; i++) await stepAndWait();
    const pair = sent.filter(({ alerts }) => alerts.length === 2);
    expect(new Set(pair.map(({ key }) => key)).size).toBe(1);
    expect(pair[0]?.possibleRepeat).toBe(false);
    expect(pair.at(-1)?.possibleRepeat).toBe(true);
    expect(new Set(await states())).toEqual(new Set(['delivered']));
    expect(JSON.stringify(await rows())).not.toContain('hooks.example.com');
  });

  it('does not pile up messages of unknown outcome while the target is silent', async () => {
    answers = Array.from({ length: 40 }, () => ({ verdict: 'retry', why: 'timeout', ambiguous: true }) as const);
    for (let i = 0; i < 40; i++) {
      await put({ id: `a${i}` });
      await stepAndWait();
    }
    const batches = new Set((await rows()).map(({ batch }) => batch).filter((batch) => batch !== null));
    expect(batches.size).toBeLessThanOrEqual(4);
    answers = [];
    for (let i = 0; i < 20; i++) await stepAndWait();
    expect(new Set(await states())).toEqual(new Set(['delivered']));
  });

  it('gives up after so many attempts: the letter is kept, seen, and tried again by hand', async () => {
    lane = newLane({ max_attempts: 3 });
    answers = Array.from({ length: 3 }, () => ({ verdict: 'retry', why: 'HTTP 500' }) as const);
    await put({ id: 'a' });
    for (let i = 0; i < 5; i++) await stepAndWait();
    expect(sent).toHaveLength(3);
    const view = createOutboxView(
      place.state,
      () => clock,
      () => {},
    );
    expect(await view.list({})).toMatchObject({
      total: 1,
      entries: [{ id: 'a.opened.slack', state: 'dead', why: 'HTTP 500', attempts: 3 }],
    });
    expect(await view.retry('a.opened.slack')).toBe(true);
    expect(await view.retry('nothing')).toBe(false);
    await stepAndWait();
    expect(await states()).toEqual(['delivered']);
    expect(await view.retry('a.opened.slack')).toBe(false);
  });

  it('takes a refused burst apart: only what is at fault becomes a dead letter', async () => {
    await put({ id: 'bad' }, ...Array.from({ length: 11 }, (_, i) => ({ id: `x${i}` })));
    const holdsBad = ({ alerts }: Notification) => alerts.some(({ id }) => id === 'bad');
    judge = (notification) => (holdsBad(notification) ? { verdict: 'reject', why: 'invalid_blocks' } : delivered);
    for (let i = 0; i < 120; i++) await stepAndWait();
    const told = new Set(sent.filter((notification) => !holdsBad(notification)).flatMap(({ alerts }) => alerts.map(({ id }) => id)));
    expect(told.size).toBe(11);
    expect((await rows()).filter(({ state }) => state !== 'delivered')).toMatchObject([
      { key: 'bad.opened.slack', state: 'dead', why: 'invalid_blocks' },
    ]);
  });

  it('sets everything aside at once where the target refuses everything', async () => {
    answers = [{ verdict: 'reject', why: 'no_service', target: true }];
    await put({ id: 'a' }, { id: 'b' });
    await step();
    expect(await states()).toEqual(['dead', 'dead']);
  });

  it('repeats what was being sent when the process ended, as a possible repeat under the same key', async () => {
    await put({ id: 'a' }, { id: 'b' });
    let answer: (delivery: Delivery) => void = () => {};
    answers = [new Promise<Delivery>((resolve) => (answer = resolve))];
    const hanging = step();
    while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await states()).toEqual(['sending', 'sending']);

    // Another hub takes over: the answer that comes after that is nobody's.
    clock += 2e9;
    const stolen = await place.state.leases.acquire('outbox', 'hub-2', 1e9);
    if (stolen === undefined) throw new Error('no lease');
    expect(await place.state.fenced(stolen, (tx) => recover(tx, clock))).toBe(2);
    answer(delivered);
    expect(await hanging).toBe('lost');
    expect(await states()).toEqual(['pending', 'pending']);

    lane = newLane();
    lease = stolen;
    await step();
    expect(sent[1]).toMatchObject({ possibleRepeat: true, key: sent[0]?.key });
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  it('writes an outcome down before it sends anything else, when the database was away', async () => {
    await put({ id: 'a' });
    const { fenced } = place.state;
    let calls = 0;
    const state = {
      ...place.state,
      fenced: ((held, work) => (++calls === 2 ? Promise.reject(new Error('away')) : fenced(held, work))) as typeof fenced,
    };
    const failing = new Lane(
      {
        name: 'slack',
        perSecond: 1,
        send: async (notification) => {
          sent.push(notification);
          return delivered;
        },
      },
      {
        state,
        settings: outboxSettings.parse(undefined),
        loadAlerts: async () => [],
        loadContext: async () => undefined,
        fetch,
        telemetry: silent,
        now: () => clock,
        random: () => 1,
      },
    );
    const signal = new AbortController().signal;
    await expect(failing.step(() => lease, signal)).rejects.toThrow('away');
    expect(await states()).toEqual(['sending']);
    await failing.step(() => lease, signal);
    expect(await states()).toEqual(['delivered']);
    expect(sent).toHaveLength(1);
  });

  it('sets aside what waits for a notifier that is gone', async () => {
    await put({ id: 'a', notifier: 'old' }, { id: 'b' });
    expect(await place.state.transaction((tx) => setAsideOrphans(tx, ['slack'], clock))).toBe(1);
    expect(await rows()).toMatchObject([
      { key: 'a.opened.old', state: 'dead' },
      { key: 'b.opened.slack', state: 'pending' },
    ]);
  });
});
