import { describe, expect, it } from 'vitest';
import { axisSteps, OTHERS, seriesOf, stacked, type TimeBar, tickPlaces } from './bar-time-scale.ts';

const bars: TimeBar[] = [
  { start: '2026-01-01T00:00:00.000Z', count: 6, values: { failure: 1, success: 4, '': 1 } },
  { start: '2026-01-01T01:00:00.000Z', count: 9, values: { constructor: 2, success: 1 }, others: 6 },
];

describe('series of bars', () => {
  it('come greatest first; no value and the rest last', () => {
    expect(seriesOf(bars)).toEqual(['success', 'constructor', 'failure', '', OTHERS]);
    expect(seriesOf(bars, ['failure'])).toEqual(['failure', 'success', 'constructor', '', OTHERS]);
    expect(seriesOf([{ start: '2026-01-01', count: 1 }])).toEqual([]);
  });

  it('have a part in each bar, also where a value is named as what every object has', () => {
    const parts = stacked(bars, seriesOf(bars)).map((bar) => bar.parts);
    expect(parts).toEqual([
      [4, 0, 1, 1, 0],
      [1, 2, 0, 0, 6],
    ]);
    expect(stacked(bars, [])[0]?.parts).toEqual([6]);
  });
});

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 5, 10]],
  [75, [0, 25, 50, 75]],
  [1234, [0, 500, 1000, 1500]],
])('an axis to %i has whole round numbers', (most, steps) => {
  expect(axisSteps(most)).toEqual(steps);
});

it('times below the bars are round ones of the reader, with room between', () => {
  const bars = Array.from({ length: 84 }, (_, i) => new Date(2026, 0, 1, 5).getTime() + i * 7_200_000);
  const shown = tickPlaces(bars, 7_200_000, 12).map((place) => new Date(bars[place] ?? 0));
  expect(shown.every((time) => time.getHours() < 2)).toBe(true);
  expect(shown).toHaveLength(7);
  const hours = Array.from({ length: 30 }, (_, i) => i * 3_600_000);
  expect(tickPlaces(hours, 3_600_000, 100)).toHaveLength(30);
});
