import { describe, expect, it } from 'vitest';
import { axisSteps, OTHERS, seriesOf, stacked, type TimeBar } from './bar-time-scale.ts';

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
