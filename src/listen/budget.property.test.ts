import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, allowed, bounded, decide, joined, NEW_ACCOUNT, SHOWN, sum, type Waiting } from './budget.ts';

const HOUR = 3_600_000;
const T = Date.UTC(2026, 0, 1);
const heard = (at: number, events: number, dataset = 'a'): Waiting => ({
  since: at,
  phrases: ['prod db'],
  parts: [
    {
      datasets: [dataset],
      events,
      alerts: 0,
      shownEvents: Array.from({ length: Math.min(events, SHOWN) }, (_, i) => ({ id: `${at}-${i}`, at, dataset, text: '' })),
      shownAlerts: [],
    },
  ],
});

interface Step {
  readonly afterMs: number;
  readonly events: number;
  readonly quietMs: number;
  readonly isOnItsWay?: boolean;
}

/** What is told and what is left of these steps. */
function play(steps: readonly Step[], perHour: number) {
  let account: Account = NEW_ACCOUNT;
  let now = T;
  const told: { at: number; events: number }[] = [];
  for (const { afterMs, events, quietMs, isOnItsWay = false } of steps) {
    now += afterMs;
    const waiting = joined(account.waiting, events === 0 ? undefined : heard(now, events));
    const quietUntil = quietMs === 0 ? undefined : now + quietMs;
    const decision = decide({ ...account, waiting }, { now, perHour, quietUntil, isOnItsWay });
    account = decision.account;
    if (decision.tell !== undefined) told.push({ at: now, events: sum(decision.tell.parts, 'events') });
    expect(decision.dueAt === undefined).toBe(account.waiting === undefined);
    if (decision.dueAt !== undefined) expect(decision.dueAt).toBeGreaterThan(now);
    for (const part of decision.tell?.parts ?? []) expect(part.shownEvents.length).toBeLessThanOrEqual(SHOWN);
  }
  return { told, left: sum(account.waiting?.parts ?? [], 'events') };
}

describe('the noise budget', () => {
  it('counts everything, and tells no more messages an hour than were wished', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: HOUR }),
      events: fc.integer({ min: 0, max: 9 }),
      quietMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: HOUR }) }),
      isOnItsWay: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, perHour) => {
        const { told, left } = play(steps, perHour);
        expect(told.reduce((all, { events }) => all + events, 0) + left).toBe(steps.reduce((all, { events }) => all + events, 0));
        // An hour begins with its first message: within any that does there are no more.
        let hour = { from: Number.NEGATIVE_INFINITY, told: 0 };
        for (const { at } of told) {
          hour = at >= hour.from + HOUR ? { from: at, told: 1 } : { ...hour, told: hour.told + 1 };
          expect(hour.told).toBeLessThanOrEqual(perHour);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('tells at once, then sums up when the hour is over', () => {
    const { told, left } = play(
      [
        { afterMs: 0, events: 1, quietMs: 0 },
        { afterMs: 60_000, events: 2, quietMs: 0 },
        { afterMs: 60_000, events: 40, quietMs: 0 },
        { afterMs: 60_000, events: 2, quietMs: 0 },
        { afterMs: HOUR - 180_001, events: 0, quietMs: 0 },
        { afterMs: 1, events: 0, quietMs: 0 },
      ],
      2,
    );
    expect(told).toEqual([
      { at: T, events: 1 },
      { at: T + 60_000, events: 2 },
      { at: T + HOUR, events: 42 },
    ]);
    expect(left).toBe(0);
  });

  it('has one message wait for a target that takes none, and sums up what is heard meanwhile', () => {
    const heardEvery10Minutes = { afterMs: HOUR / 6, events: 1, quietMs: 0 };
    const { told, left } = play(
      [...Array.from({ length: 12 }, (_, i) => ({ ...heardEvery10Minutes, isOnItsWay: i > 0 })), heardEvery10Minutes],
      10,
    );
    expect(told).toEqual([
      { at: T + HOUR / 6, events: 1 },
      { at: T + (13 * HOUR) / 6, events: 12 },
    ]);
    expect(left).toBe(0);
  });

  it('says which message is the last of its hour', () => {
    const first = decide({ ...NEW_ACCOUNT, waiting: heard(T, 1) }, { now: T, perHour: 1 });
    expect(first).toMatchObject({ isLast: true });
    expect(decide({ ...first.account, waiting: heard(T, 1) }, { now: T + 1, perHour: 1 })).toMatchObject({ dueAt: T + HOUR });
    expect(decide({ ...first.account, waiting: heard(T, 1) }, { now: T + 1, perHour: 2 })).toMatchObject({ isLast: true });
  });

  it('a clock that was set back holds nothing up', () => {
    expect(decide({ hourFrom: T, told: 9, waiting: heard(T, 1) }, { now: T - 2 * HOUR, perHour: 1 }).tell).toBeDefined();
  });
});

it('leaves out what somebody may not hear of any more', () => {
  const both = joined(heard(T, 3, 'a'), heard(T, 4, 'b'));
  expect(allowed(both, ([dataset]) => dataset === 'b')?.parts).toMatchObject([{ datasets: ['b'], events: 4 }]);
  expect(allowed(both, () => false)).toBeUndefined();
});

it('keeps no more parts than it has room for, and all of their numbers', () => {
  let waiting: Waiting | undefined;
  for (let i = 0; i < 5; i++)
    waiting = bounded(joined(waiting, ...Array.from({ length: 300 }, (_, k) => heard(T, 2, `made up ${i} ${k}`))));
  expect(sum(waiting?.parts ?? [], 'events')).toBe(3_000);
  expect(waiting?.parts).toHaveLength(100);
  expect(JSON.stringify(waiting).length).toBeLessThan(40_000);
  expect(bounded(heard(T, 2))).toEqual(heard(T, 2));
});
