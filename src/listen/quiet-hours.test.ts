import { describe, expect, it } from 'vitest';
import { clockText, minutesOf } from '../lib/time-of-day.ts';
import { quietUntil } from './quiet-hours.ts';

const night = { from: 22 * 60, to: 7 * 60, timeZone: 'Europe/Lisbon' };
const lunch = { from: 12 * 60, to: 13 * 60 + 30, timeZone: 'UTC' };
const at = (text: string) => Date.parse(text);
const until = (hours: Parameters<typeof quietUntil>[0], text: string) => {
  const end = quietUntil(hours, at(text));
  return end === undefined ? undefined : new Date(end).toISOString();
};

describe('quiet hours', () => {
  it.each([
    ['2026-01-10T21:59:59Z', undefined],
    ['2026-01-10T22:00:00Z', '2026-01-11T07:00:00.000Z'],
    ['2026-01-11T00:30:17Z', '2026-01-11T07:00:00.000Z'],
    ['2026-01-11T06:59:59Z', '2026-01-11T07:00:00.000Z'],
    ['2026-01-11T07:00:00Z', undefined],
    // In summer Lisbon is an hour ahead of UTC.
    ['2026-07-10T21:30:00Z', '2026-07-11T06:00:00.000Z'],
    ['2026-07-11T06:00:00Z', undefined],
    // Clocks go ahead at 01:00 UTC on 29 March, and back on 25 October.
    ['2026-03-28T23:00:00Z', '2026-03-29T06:00:00.000Z'],
    ['2026-10-24T23:00:00Z', '2026-10-25T07:00:00.000Z'],
  ])('over midnight, at %s', (text, end) => {
    expect(until(night, text)).toBe(end);
  });

  it.each([
    ['2026-01-10T11:59:00Z', undefined],
    ['2026-01-10T12:00:00Z', '2026-01-10T13:30:00.000Z'],
    ['2026-01-10T13:29:59Z', '2026-01-10T13:30:00.000Z'],
    ['2026-01-10T13:30:00Z', undefined],
  ])('within a day, at %s', (text, end) => {
    expect(until(lunch, text)).toBe(end);
  });
});

it('reads and writes times of day', () => {
  expect(['00:00', '7:05', '23:59', '24:00', '7', '07:60', ''].map(minutesOf)).toEqual([0, 425, 1_439, ...Array(4).fill(undefined)]);
  expect([0, 425, 1_439].map(clockText)).toEqual(['00:00', '07:05', '23:59']);
});
