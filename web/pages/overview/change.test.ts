import { describe, expect, it } from 'vitest';
import { COUNT_WORDS, changeOf, PACE_WORDS, RISK_WORDS } from './change.ts';

describe('changeOf', () => {
  it.each([
    [120, 100, COUNT_WORDS, 'up', '20 % more'],
    [80, 100, COUNT_WORDS, 'down', '20 % fewer'],
    [100, 100, COUNT_WORDS, 'same', 'as many as before'],
    [0, 0, COUNT_WORDS, 'same', 'as many as before'],
    [7, 0, COUNT_WORDS, 'up', 'more: none before'],
    [0, 7, COUNT_WORDS, 'down', '100 % fewer'],
    [1_000_001, 1_000_000, COUNT_WORDS, 'same', 'as many as before'],
    [1_020, 1_000, COUNT_WORDS, 'up', '2 % more'],
    [1_025, 1_000, COUNT_WORDS, 'up', '2.5 % more'],
    [350, 100, COUNT_WORDS, 'up', '3.5 times as many'],
    [30, 3, RISK_WORDS, 'up', '10 times riskier'],
    [3, 30, RISK_WORDS, 'down', '90 % calmer'],
    [5, 0, RISK_WORDS, 'up', 'riskier: none before'],
    [90, 60, PACE_WORDS, 'up', '50 % slower'],
  ] as const)('%s against %s', (now, before, words, direction, text) => {
    expect(changeOf(now, before, words)).toEqual({ direction, words: text });
  });
});
