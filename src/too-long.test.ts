import { expect, it } from 'vitest';
import { readRules } from './detect/sigma/load.ts';
import { settingsSchema } from './settings.ts';
import { tooLong } from './too-long.ts';

const [RULE, INNER, OUTER] = ['11', '12', '13'].map((end) => `5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e${end}`) as [string, string, string];

const correlations = (timespan: string) =>
  readRules(
    'a.yml',
    `title: A
id: ${RULE}
taxonomy: ecs
logsource: { product: linux }
detection: { s: { message: x }, condition: s }
---
title: Inner
id: ${INNER}
correlation: { type: event_count, rules: [${RULE}], timespan: ${timespan}, condition: { gte: 3 } }
---
title: Outer
id: ${OUTER}
correlation: { type: event_count, rules: [${INNER}], timespan: 1h, condition: { gte: 2 } }
`,
  ).correlations;

const settings = (more: object) => settingsSchema.parse({ retention: { default_days: 10 }, correlations: { keep_days: 20 }, ...more });

it('takes what is kept long enough, as hits or as events', () => {
  expect(tooLong(correlations('9d'), settings({}))).toMatchObject({ kept: [{ id: INNER }, { id: OUTER }], faults: [] });
  expect(tooLong(correlations('40d'), settings({ retention: { default_days: 90 } })).faults).toEqual([]);
  expect(tooLong(correlations('40d'), settings({ correlations: { keep_days: 81 } })).faults).toEqual([]);
});

it('refuses what is not, and what counts it, with the place and the mend', () => {
  const reason =
    'the `timespan` is too long: it needs the hits of 21 days, and 20 are kept (events: 10); shorten it, or raise `correlations.keep_days`';
  expect(tooLong(correlations('10d'), settings({}))).toEqual({
    kept: [],
    faults: [
      { file: 'a.yml', line: 7, column: 1, reason },
      { file: 'a.yml', line: 11, column: 1, reason: 'it counts a correlation whose `timespan` is too long for what is kept' },
    ],
  });
});

it('goes by the class of events that is kept for the shortest time', () => {
  const classes = [{ name: 'short', datasets: ['edge.*'], days: 2 }];
  expect(tooLong(correlations('30d'), settings({ retention: { default_days: 400, classes } })).faults).toHaveLength(2);
});
