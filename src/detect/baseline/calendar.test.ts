import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from './calendar.ts';

const at = (text: string): number => Date.parse(text);
const iso = (time: number): string => new Date(time).toISOString();

describe('days of Helsinki', () => {
  const days = new Calendar('day', 'Europe/Helsinki');

  it('begin at its midnight, and have 23 or 25 hours where the clocks change', () => {
    expect(iso(days.startOf(at('2026-03-29T12:00:00Z')))).toBe('2026-03-28T22:00:00.000Z');
    expect(iso(days.next(at('2026-03-28T22:00:00Z')))).toBe('2026-03-29T21:00:00.000Z');
    expect(iso(days.startOf(at('2026-10-25T21:59:59Z')))).toBe('2026-10-24T21:00:00.000Z');
    expect(iso(days.next(at('2026-10-24T21:00:00Z')))).toBe('2026-10-25T22:00:00.000Z');
  });

  it('are counted and gone back by the calendar, whatever the clocks do between', () => {
    const start = at('2026-04-09T21:00:00Z');
    expect(iso(days.before(start, 30))).toBe('2026-03-10T22:00:00.000Z');
    expect(days.days(at('2026-03-10T22:00:00Z'), start)).toBe(30);
    expect(days.between(days.before(start, 30), start)).toHaveLength(30);
  });

  it('have their weekday there, and not in Greenwich', () => {
    expect(days.weekday(at('2026-03-29T21:00:00Z'))).toBe(0);
    expect(new Calendar('day', 'UTC').weekday(at('2026-03-29T00:00:00Z'))).toBe(6);
    expect(new Calendar('day', 'UTC').weekday(at('1969-12-29T00:00:00Z'))).toBe(0);
  });
});

describe('weeks and hours', () => {
  it('begin on Monday', () => {
    const weeks = new Calendar('week', 'Europe/Helsinki');
    expect(iso(weeks.startOf(at('2026-03-31T12:00:00Z')))).toBe('2026-03-29T21:00:00.000Z');
    expect(iso(weeks.before(at('2026-03-29T21:00:00Z'), 7))).toBe('2026-03-22T22:00:00.000Z');
  });

  it('are those of UTC, in every zone', () => {
    const hours = new Calendar('hour', 'Asia/Kolkata');
    expect(iso(hours.startOf(at('2026-03-31T12:59:59Z')))).toBe('2026-03-31T12:00:00.000Z');
    expect(hours.days(at('2026-03-01T12:00:00Z'), at('2026-03-15T11:00:00Z'))).toBe(13);
  });
});

it('every moment is in exactly one stretch, in every zone', () => {
  const zones = ['UTC', 'Europe/Helsinki', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Asuncion', 'Asia/Beirut'];
  fc.assert(
    fc.property(
      fc.constantFrom('hour' as const, 'day' as const, 'week' as const),
      fc.constantFrom(...zones),
      fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
      fc.integer({ min: 1, max: 60 }),
      (every, zone, time, days) => {
        const calendar = new Calendar(every, zone);
        const start = calendar.startOf(time);
        const next = calendar.next(start);
        expect(start).toBeLessThanOrEqual(time);
        expect(next).toBeGreaterThan(time);
        expect([calendar.startOf(start), calendar.startOf(next - 1), calendar.startOf(next)]).toEqual([start, start, next]);
        const back = calendar.before(start, every === 'week' ? days * 7 : days);
        expect(calendar.startOf(back)).toBe(back);
        expect(calendar.between(back, start).length).toBe(every === 'hour' ? days * 24 : days);
        expect(calendar.days(back, start)).toBe(every === 'week' ? days * 7 : days);
      },
    ),
  );
});
