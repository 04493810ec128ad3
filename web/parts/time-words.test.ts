import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterTime } from '../../src/api/time-range.ts';
import { neighbor, rangeText, timeOf, timeToType, typedTime, wider, yesterday } from './time-words.ts';

const NOW = Date.parse('2026-03-05T12:34:56.789Z');

const unit = fc.constantFrom('s', 'm', 'h', 'd', 'w');
const relative = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom('+', '-'), fc.nat(9_999), unit), { maxLength: 3 }), fc.option(unit))
  .map(([steps, rounding]) => `now${steps.flat().join('')}${rounding === null ? '' : `/${rounding}`}`);

describe('a time of the address', () => {
  it.each([
    'now',
    'now-24h',
    'now/d',
    'now-1d/d',
    'now+2w-3m',
    'now/w',
    '2026-01',
    '2026-12',
    '2026-01-31',
    '2026-01-31T10:00:00Z',
    '2026-01-31T10:00:00+02:00',
    '2026-01-31T10:00:00.5Z',
    '2026-01-31T10:00',
    '2026-01-31 10:00:01',
    '1767225600',
    '1767225600123',
  ])('is what the hub reads, at both ends of a range: %s', (words) => {
    for (const end of ['from', 'to'] as const) expect(timeOf(words, NOW, end)).toBe(filterTime(end, words, NOW));
  });

  it('is what the hub reads, whatever is relative', () => {
    fc.assert(
      fc.property(relative, fc.constantFrom('from' as const, 'to' as const), (words, end) => {
        expect(timeOf(words, NOW, end)).toBe(filterTime(end, words, NOW));
      }),
    );
  });

  it.each(['yesterday', 'now-', '', 'now-1y'])('is none: %j', (words) => {
    expect(timeOf(words, NOW, 'from')).toBeUndefined();
  });
});

describe('a typed time', () => {
  it('is in the zone of who typed it, unless it says another', () => {
    expect(typedTime('2026-01-31 10:00', 'from')).toBe(new Date(2026, 0, 31, 10).toISOString());
    expect(typedTime(' 2026-01-31T10:00:00Z ', 'from')).toBe('2026-01-31T10:00:00.000Z');
    expect(typedTime('now-3h', 'from')).toBe('now-3h');
    expect(typedTime('soon', 'from')).toBeUndefined();
  });

  it('a day as the end is all of it', () => {
    expect(typedTime('2026-01-31', 'from')).toBe(new Date(2026, 0, 31).toISOString());
    expect(typedTime('2026-01-31', 'to')).toBe(new Date(2026, 1, 1).toISOString());
  });

  it('reads back what it shows', () => {
    expect(typedTime(timeToType('2026-01-31T10:20:30.000Z', 'from'), 'from')).toBe('2026-01-31T10:20:30.000Z');
    expect(typedTime(timeToType('2026-01-31', 'to'), 'to')).toBe('2026-02-01T00:00:00.000Z');
  });
});

describe('a range', () => {
  it('of yesterday is that day where the reader is, over the end of a month too', () => {
    const day = { from: new Date(2026, 1, 28).toISOString(), to: new Date(2026, 2, 1).toISOString() };
    expect(yesterday(new Date(2026, 2, 1, 0, 0, 1))).toEqual(day);
    expect(yesterday(new Date(2026, 2, 1, 23, 59))).toEqual(day);
  });

  it('is said as people say it', () => {
    expect(['now-24h', 'now-1h', 'now-7d'].map((from) => rangeText({ from, to: 'now' }))).toEqual([
      'Last 24 hours',
      'Last hour',
      'Last 7 days',
    ]);
    expect(rangeText({ from: 'now-2d', to: 'now-1d' })).toBe('now-2d – now-1d');
    const day = yesterday(new Date(2026, 2, 1, 10));
    expect(rangeText(day, new Date(2026, 2, 1, 23))).toBe('Yesterday');
    expect(rangeText(day, new Date(2026, 2, 2, 1))).toMatch(/^(28 Feb|Feb 28), .* – (1 Mar|Mar 1), /);
  });

  it('has neighbors of the same length', () => {
    const range = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };
    expect(neighbor(range, -1, NOW)).toEqual({ from: '2025-12-31T23:00:00.000Z', to: '2026-01-01T00:00:00.000Z' });
    expect(neighbor({ from: 'now-1d/d', to: 'now-1d/d' }, 1, NOW)).toEqual({
      from: '2026-03-05T00:00:00.000Z',
      to: '2026-03-06T00:00:00.000Z',
    });
    expect(neighbor({ from: 'x', to: 'now' }, 1, NOW)).toBeUndefined();
    expect(wider(range, NOW)).toEqual({ from: '2025-12-31T23:30:00.000Z', to: '2026-01-01T01:30:00.000Z' });
  });
});
