import { describe, expect, it } from 'vitest';
import { daysText, lastDue, momentText, nextDue, periodAt, type Terms } from './period.ts';

const HOUR = 3_600_000;
const weekly = (time_zone: string, at = '09:00'): Terms => ({ every: 'week', weekday: 'monday', at, time_zone });
const daily = (time_zone: string, at = '09:00'): Terms => ({ every: 'day', weekday: 'monday', at, time_zone });
const ms = (text: string): number => Date.parse(text);
const iso = (at: number): string => new Date(at).toISOString();
const hours = ({ from, to }: { from: number; to: number }): number => (to - from) / HOUR;

describe('when a digest is due', () => {
  it.each([
    ['on its weekday, from its minute on', weekly('Europe/Lisbon'), '2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['a minute before, still that of the week before', weekly('Europe/Lisbon'), '2026-11-23T08:59:59Z', '2026-11-16T09:00:00.000Z'],
    ['by the clocks of the zone, in summer', weekly('Europe/Lisbon'), '2026-07-06T08:00:00Z', '2026-07-06T08:00:00.000Z'],
    ['where it is another day than in UTC', daily('Pacific/Auckland', '08:00'), '2026-11-21T20:00:00Z', '2026-11-21T19:00:00.000Z'],
    ['in the hour that is skipped, an hour later', daily('Europe/Lisbon', '01:30'), '2026-03-29T12:00:00Z', '2026-03-29T01:30:00.000Z'],
    [
      'at the first of two in the hour that comes twice',
      daily('Europe/Lisbon', '01:30'),
      '2026-10-25T12:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    ['by the clock on a day of 25 hours', daily('Europe/Lisbon'), '2026-10-25T12:00:00Z', '2026-10-25T09:00:00.000Z'],
    ['by the clock on a day of 23 hours', daily('Europe/Lisbon'), '2026-03-29T12:00:00Z', '2026-03-29T08:00:00.000Z'],
    ['at a midnight that does not exist', daily('America/Sao_Paulo', '00:00'), '2018-11-04T12:00:00Z', '2018-11-04T03:00:00.000Z'],
  ])('%s', (_, terms, now, due) => {
    expect(iso(lastDue(terms, ms(now)))).toBe(due);
  });

  it('is once for each day of a year of two changes of the clock, at a time that comes twice and one that never does', () => {
    for (const zone of ['Europe/Lisbon', 'America/Sao_Paulo', 'UTC']) {
      const terms = daily(zone, zone === 'America/Sao_Paulo' ? '00:00' : '01:30');
      const dues: number[] = [];
      const end = ms('2019-01-01T12:00:00Z');
      for (let due = nextDue(terms, ms('2018-01-01T12:00:00Z')); due < end; due = nextDue(terms, due)) dues.push(due);
      expect(dues).toHaveLength(365);
      expect(dues.every((due) => lastDue(terms, due) === due && lastDue(terms, due - 1) < due)).toBe(true);
    }
  });

  it('leaves no moment without a next, whatever the hour', () => {
    expect(iso(nextDue(weekly('UTC'), ms('2026-11-23T09:00:00Z')))).toBe('2026-11-30T09:00:00.000Z');
    expect(iso(nextDue(weekly('UTC'), ms('2026-11-23T08:59:00Z')))).toBe('2026-11-23T09:00:00.000Z');
  });
});

describe('what a digest tells of', () => {
  it('is the seven days before, whole, and the seven before them', () => {
    const terms = weekly('Europe/Lisbon');
    const period = periodAt(terms, ms('2026-11-23T09:00:00Z'));
    expect([iso(period.from), iso(period.to), iso(period.before.from)]).toEqual([
      '2026-11-16T00:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
      '2026-11-09T00:00:00.000Z',
    ]);
    expect(period.parts.map(({ label }) => label)).toEqual(['Mon 16', 'Tue 17', 'Wed 18', 'Thu 19', 'Fri 20', 'Sat 21', 'Sun 22']);
    expect(daysText(period, terms)).toBe('Mon 16 Nov 2026 to Sun 22 Nov 2026');
    expect(daysText(periodAt(daily('UTC'), ms('2026-11-23T09:00:00Z')), terms)).toBe('Sun 22 Nov 2026');
    expect(momentText(ms('2026-07-06T08:05:00Z'), terms)).toBe('Mon 6 Jul 2026 09:05');
  });

  it.each([
    ['a day of 25 hours in Lisbon', daily('Europe/Lisbon'), '2026-10-26T12:00:00Z', 25, [5, 4, 4, 4, 4, 4]],
    ['a day of 23 hours in Lisbon', daily('Europe/Lisbon'), '2026-03-30T12:00:00Z', 23, [3, 4, 4, 4, 4, 4]],
    ['a day without a midnight in São Paulo', daily('America/Sao_Paulo'), '2018-11-05T12:00:00Z', 23, [3, 4, 4, 4, 4, 4]],
    ['a day whose last hour comes twice in São Paulo', daily('America/Sao_Paulo'), '2018-02-18T12:00:00Z', 25, [4, 4, 4, 4, 4, 5]],
  ])('%s', (_, terms, now, long, parts) => {
    const period = periodAt(terms, ms(now));
    expect(hours(period)).toBe(long);
    expect(period.parts.map(hours)).toEqual(parts);
  });

  it.each(['Europe/Lisbon', 'America/Sao_Paulo', 'UTC'])('leaves out no moment and has none twice, in %s', (zone) => {
    for (const terms of [daily(zone), weekly(zone)]) {
      let last: number | undefined;
      for (let due = nextDue(terms, ms('2018-01-01T00:00:00Z')); due < ms('2019-03-01T00:00:00Z'); due = nextDue(terms, due)) {
        const period = periodAt(terms, due);
        if (last !== undefined) expect(period.from).toBe(last);
        last = period.to;
        expect(period.before.to).toBe(period.from);
        for (const [parts, range] of [[period.parts, period] as const, [period.partsBefore, period.before] as const]) {
          expect([parts[0]?.from, parts.at(-1)?.to]).toEqual([range.from, range.to]);
          expect(parts.slice(1).every(({ from }, i) => from === parts[i]?.to)).toBe(true);
        }
      }
    }
  });
});
