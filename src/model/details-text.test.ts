import { expect, it } from 'vitest';
import { detailsText } from './details-text.ts';

const correlation = { kind: 'correlation', type: 'event_count', timespanMs: 600_000, condition: 'at least 10' } as const;
const leg = (title: string, count: number) => ({ ruleId: title, title, count });
const baseline = {
  kind: 'baseline',
  ruleIds: ['r'],
  measure: 'downloads a day',
  value: 4,
  against: 'the most on a day',
  historyDays: 28,
  bucketStart: 0,
} as const;

it.each([
  [{ ...correlation, value: 12, legs: [leg('Sign-in failed', 12)] }, ['12 events within 10 min; the rule tells of at least 10']],
  [
    { ...correlation, type: 'value_count', fields: 'user.name', value: 11, legs: [] },
    ['11 different values of user.name within 10 min; the rule tells of at least 10'],
  ],
  [
    { ...correlation, type: 'value_sum', fields: 'bytes', value: 11, legs: [] },
    ['A sum of bytes of 11 within 10 min; the rule tells of at least 10'],
  ],
  [
    {
      ...correlation,
      type: 'temporal_ordered',
      condition: '',
      legs: [{ ...leg('Guessed', 3), countedRuleIds: ['f'] }, leg('Signed in', 1)],
    },
    ['One after the other, within 10 min', 'Guessed, Signed in: 1'],
  ],
  [
    { ...correlation, type: 'temporal', condition: '', legs: [leg('Sign-in failed', 12), leg('Signed in', 1), leg('Blocked', 0)] },
    ['All of it, within 10 min', 'Sign-in failed: 12, Signed in: 1'],
  ],
  [{ ...correlation, condition: '“A” and no “B”', legs: [leg('A', 1)] }, ['“A” and no “B”, within 10 min']],
  [{ ...baseline, norm: 3 }, ['4 downloads a day; the most on a day was 3, in 28 days of history']],
  [{ ...baseline, value: 2.3456, norm: 1 / 3, historyDays: 1 }, ['2.35 downloads a day; the most on a day was 0.33, in 1 day of history']],
  [{ ...baseline, firstSeen: 'FI' }, ['FI was never there before, in 28 days of history']],
  [
    { kind: 'silence', lastAt: 0, expectedMs: 300_000, silentMs: 7_200_000, learned: true } as const,
    ['Silent for 2 h; it used to speak at least every 5 min'],
  ],
  [
    { kind: 'silence', lastAt: 0, expectedMs: 300_000, silentMs: 7_200_000, learned: false } as const,
    ['Silent for 2 h; it should speak at least every 5 min'],
  ],
  [
    { kind: 'silence', lastAt: 0, expectedMs: 300_000, times: 9, silentMs: 300_000, learned: false } as const,
    ['Fewer than 9 events within 5 min'],
  ],
])('%j', (details, text) => {
  expect(detailsText(details)).toEqual(text);
});
