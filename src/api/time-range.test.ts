import { describe, expect, it } from 'vitest';
import { filterTime, iso, timeRange } from './time-range.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

describe('timeRange', () => {
  it('asks for the same again by the range of an answer', () => {
    const range = timeRange({ from: 'now-1h', to: '2026-01-31T11:30' }, NOW);
    expect(timeRange({ from: iso(range.from), to: iso(range.to) }, NOW)).toEqual(range);
  });

  it.each([
    ['2026-01-31', Date.UTC(2026, 1, 1)],
    ['2026-01-31T11:30', Date.UTC(2026, 0, 31, 11, 31)],
    ['2026-01-31T11:30:00.000Z', Date.UTC(2026, 0, 31, 11, 30)],
    [`${NOW - 5}`, NOW - 5],
    ['now', NOW],
  ])('ends at %s', (to, end) => {
    expect(timeRange({ from: '2026-01-01', to }, NOW).to).toBe(end);
    expect(filterTime('to', to, NOW)).toBe(end);
  });
});
