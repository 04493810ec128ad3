import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateBaselines } from '../../src/detect/baseline/evaluate.ts';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import type { Baseline } from '../../src/detect/sigma/baseline.ts';
import { readRules } from '../../src/detect/sigma/load.ts';
import { baselineOracle } from '../support/baseline-oracle.ts';

/** How many timelines are drawn for each line of the table; `npm run test:oracle` draws more, and prints it. */
const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 60);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The clocks of Helsinki are changed in the days that are drawn. */
const BEGIN = Date.UTC(2026, 9, 12);

const [BASE] = readRules(
  'a.yml',
  [
    'title: R\nname: r\nlogsource: { product: linux }\ndetection: { s: { a: b }, condition: s }',
    'title: B\nname: b\nbaseline: { rules: [r], group-by: [user.name] }',
  ].join('\n---\n'),
).baselines;

interface Line {
  timelines: number;
  found: number;
}
const table = new Map<string, Line>();

const shape = fc.record<Partial<Baseline>>({
  timeZone: fc.constantFrom('UTC', 'Europe/Helsinki', 'America/New_York'),
  against: fc.constantFrom<Baseline['against']>(
    { kind: 'max' },
    { kind: 'quantile', q: 0.5 },
    { kind: 'quantile', q: 0.9 },
    { kind: 'mean', sigmas: 0 },
    { kind: 'mean', sigmas: 1.5 },
    { kind: 'previous' },
  ),
  factor: fc.constantFrom(1, 1.5, 2),
  margin: fc.constantFrom(0, 1),
  orEqual: fc.boolean(),
  least: fc.constantFrom(0, 0, 2),
  leastNorm: fc.constantFrom(0, 0, 1),
  since: fc.constantFrom<Baseline['since']>('own', 'anybody'),
});

/** Spellings that fold together; whole numbers, which add up without an error; several rules that hit one event. */
const timelineOf = (days: number): fc.Arbitrary<Counted[]> =>
  fc
    .array(
      fc.record({
        at: fc.integer({ min: 0, max: days * 24 * 4 - 1 }).map((quarter) => BEGIN + quarter * (HOUR / 4)),
        user: fc.constantFrom('a', 'A', 'b'),
        value: fc.constantFrom('["x"]', '["y"]', '["z"]'),
        number: fc.integer({ min: -3, max: 9 }),
        refs: fc.constantFrom([0], [0], [1], [0, 1]),
      }),
      { maxLength: 40 },
    )
    .map((all) =>
      all.flatMap(({ at, user, value, number, refs }, event) =>
        refs.map((ref) => ({ at, ref, event, group: [user], value, number: number + ref })),
      ),
    );

const round = (value: number | undefined) => (value === undefined ? 'none' : value.toFixed(6));

function compare(name: string, drawn: Baseline, hits: readonly Counted[], days: number): void {
  // No document says both.
  const baseline: Baseline = drawn.against.kind === 'previous' ? { ...drawn, weekdays: 'any' } : drawn;
  const range = [BEGIN - (baseline.historyDays + 14) * DAY, BEGIN + (days + 2) * DAY] as const;
  const expected = baselineOracle(baseline, hits, range).map(({ norm, ...each }) => JSON.stringify({ ...each, norm: round(norm) }));
  const found = evaluateBaselines([baseline], new Map([[baseline.id, hits]])).map(({ group, start, value, norm, historyDays, events }) =>
    JSON.stringify({
      group: JSON.stringify(group.map((each) => each.toLowerCase())),
      start,
      value,
      historyDays,
      events,
      norm: round(norm),
    }),
  );
  expect(found.sort()).toEqual(expected.sort());
  const line = table.get(name) ?? { timelines: 0, found: 0 };
  table.set(name, line);
  line.timelines++;
  line.found += found.length;
}

const LENGTHS = {
  hour: { days: 3, history: 2, weekdays: ['any', 'same'] },
  day: { days: 16, history: 9, weekdays: ['any', 'same', 'workdays'] },
  week: { days: 60, history: 28, weekdays: ['any'] },
} as const;

describe('the evaluator of baselines finds what the oracle finds', () => {
  for (const every of ['hour', 'day', 'week'] as const) {
    for (const measure of ['events', 'distinct', 'sum', 'new'] as const) {
      it(`${measure} by the ${every}`, () => {
        if (BASE === undefined) throw new Error('no baseline');
        const { days, history, weekdays } = LENGTHS[every];
        const more = fc.record({
          weekdays: fc.constantFrom<Baseline['weekdays']>(...weekdays),
          leastDays: fc.integer({ min: 1, max: history }),
        });
        fc.assert(
          fc.property(shape, more, timelineOf(days), (one, other, hits) =>
            compare(`${measure} by the ${every}`, { ...BASE, measure, every, historyDays: history, ...one, ...other }, hits, days),
          ),
          { numRuns: ROUNDS },
        );
      });
    }
  }
});

describe('parts of a day that a document names', () => {
  it.each([
    ['events by 20 minutes', 20, 1 / 72],
    ['events by 20 minutes, two of them learned', 20, 2 / 72],
    ['events by two hours', 120, 1],
  ])('%s', (name, minutes, leastDays) => {
    if (BASE === undefined) throw new Error('no baseline');
    const base = { ...BASE, every: minutes * 60_000, historyDays: 1, leastDays };
    fc.assert(
      fc.property(shape, timelineOf(minutes === 20 ? 1 : 3), (one, hits) => compare(name, { ...base, ...one }, hits, 3)),
      { numRuns: ROUNDS },
    );
  });
});

afterAll(() => {
  if (process.env.ORACLE_ROUNDS === undefined) return;
  const lines = [...table].map(([name, { timelines, found }]) => `| ${name} | ${timelines} | ${found} | 0 |`);
  process.stdout.write(['| what | timelines | unusual stretches compared | differences |', '|---|---|---|---|', ...lines, ''].join('\n'));
});
