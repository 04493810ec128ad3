import { describe, expect, it } from 'vitest';
import { isQuiet, mayBeSilentMs, quietOnes } from './quiet.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 31, 12);

const rhythm = (about: { silentMs: number; heardMs?: number; slots?: number; longestPauseMs?: number }) => ({
  lastAt: NOW - about.silentMs,
  firstAt: NOW - about.silentMs - (about.heardMs ?? 10 * DAY),
  slots: about.slots ?? 500,
  longestPauseMs: about.longestPauseMs ?? 20 * 60_000,
});

describe('isQuiet', () => {
  it.each([
    ['a chatty source of ten days, silent for 61 minutes', rhythm({ silentMs: HOUR + 60_000 }), true],
    ['the same, for less than an hour', rhythm({ silentMs: HOUR - 1 }), false],
    ['one that is silent every night, in a night', rhythm({ silentMs: 14 * HOUR, longestPauseMs: 12 * HOUR }), false],
    ['the same, for half as long again as its longest night', rhythm({ silentMs: 18 * HOUR + 1, longestPauseMs: 12 * HOUR }), true],
    ['one that was first heard two days ago, for 23 hours', rhythm({ silentMs: 23 * HOUR, heardMs: 2 * DAY }), false],
    ['the same, for more than a day', rhythm({ silentMs: DAY + 1, heardMs: 2 * DAY }), true],
    ['one that has spoken five times in all', rhythm({ silentMs: 6 * DAY, slots: 5 }), false],
    ['one that speaks now', rhythm({ silentMs: 0 }), false],
  ])('%s', (_, one, quiet) => {
    expect(isQuiet(one, NOW)).toBe(quiet);
  });

  it('does not know what is usual for one that has spoken once', () => {
    expect(mayBeSilentMs(rhythm({ silentMs: DAY, slots: 1, longestPauseMs: 0 }))).toBeUndefined();
  });

  it('puts the most surprising first', () => {
    const nightly = rhythm({ silentMs: 40 * HOUR, longestPauseMs: 12 * HOUR });
    const chatty = rhythm({ silentMs: 30 * HOUR });
    expect(quietOnes([nightly, rhythm({ silentMs: 1 }), chatty], NOW)).toEqual([chatty, nightly]);
  });
});
