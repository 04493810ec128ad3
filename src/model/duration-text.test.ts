import { expect, it } from 'vitest';
import { durationText } from './duration-text.ts';

it.each([
  [0, '0 s'],
  [0.0801, '80 ms'],
  [1.52, '1.5 s'],
  [45, '45 s'],
  [60, '1 min'],
  [3599.6, '1 h'],
  [12_000, '3 h 20 min'],
  [86_400 * 3 + 1, '3 d'],
  [86_400 * 3 + 7_200, '3 d 2 h'],
])('%s seconds', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
