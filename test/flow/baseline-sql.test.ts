import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Calendar } from '../../src/detect/baseline/calendar.ts';
import { evaluateBaselines } from '../../src/detect/baseline/evaluate.ts';
import { BaselineJudge, type Question } from '../../src/detect/baseline/judge.ts';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import type { Baseline } from '../../src/detect/sigma/baseline.ts';
import { fold } from '../../src/detect/sigma/fold.ts';
import { sql } from '../../src/store/sql.ts';
import { storeHits } from '../support/hits-table.ts';
import { propertySeed } from '../support/property-seed.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { madeEvent } from './store-events.ts';

const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 25);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Some days before the clocks of Europe change, and some after. */
const BEGIN = Date.UTC(2026, 2, 20, 21);

let store: SearchEngine;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(async () => {
  await store.stop();
});

const shape = fc.record({
  measure: fc.constantFrom('events' as const, 'distinct' as const, 'sum' as const, 'new' as const),
  every: fc.constantFrom(1_200_000, 'hour' as const, 'day' as const, 'day' as const, 'week' as const),
  timeZone: fc.constantFrom('UTC', 'Europe/Helsinki', 'America/New_York'),
  against: fc.constantFrom(
    { kind: 'max' as const },
    { kind: 'quantile' as const, q: 0.75 },
    { kind: 'mean' as const, sigmas: 0 },
    { kind: 'mean' as const, sigmas: 2 },
    { kind: 'previous' as const },
  ),
  factor: fc.constantFrom(1, 1, 1.5),
  margin: fc.constantFrom(0, 0, 1),
  orEqual: fc.boolean(),
  least: fc.constantFrom(0, 0, 0, 0, 2),
  leastNorm: fc.constantFrom(0, 0, 0, 0, 1),
  leastDays: fc.integer({ min: 1, max: 7 }),
  since: fc.constantFrom('own' as const, 'own' as const, 'anybody' as const),
  weekdays: fc.constantFrom('any' as const, 'any' as const, 'same' as const, 'workdays' as const),
});

/** `at` in hours, or in minutes of a day for stretches of an hour; `late`: it comes after all others. */
const event = fc.record({
  at: fc.integer({ min: 0, max: 24 * 24 }),
  who: fc.constantFrom('eve', 'Eve', 'bob', 'ann'),
  value: fc.constantFrom('fi', 'se', 'no', 'dk'),
  number: fc.integer({ min: -3, max: 9 }),
  refs: fc.constantFrom([0], [0], [1], [0, 1]),
  late: fc.constantFrom(false, false, false, true),
});

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;
type Drawn = typeof event extends fc.Arbitrary<infer T> ? T : never;

function baselineOf(name: string, drawn: Shape): Baseline {
  const info = { id: name, version: 'v', name, title: name, level: 'low' as const, description: '', tags: [], falsepositives: [] };
  const where = { nextSteps: [], groupBy: ['who'], file: 'a.yml', line: 1, status: undefined, author: undefined, generate: false };
  const historyDays = drawn.every === 'week' ? 14 : drawn.every === 'hour' || typeof drawn.every === 'number' ? 2 : 10;
  return {
    ...{ ...info, ...where, ...drawn, historyDays },
    leastDays: Math.min(drawn.leastDays, historyDays),
    weekdays: drawn.every === 'week' || drawn.against.kind === 'previous' ? 'any' : drawn.weekdays,
    refs: [
      { id: 'a', kind: 'rule' },
      { id: 'b', kind: 'rule' },
    ],
    groupNames: ['who'],
    groupPaths: [[['who']], [['who']]],
    fieldNames: drawn.measure === 'events' ? [] : ['value'],
    fieldPaths: drawn.measure === 'events' ? [[], []] : [[['value']], [['value']]],
  };
}

function hitsOf({ measure, every }: Baseline, drawn: readonly Drawn[]): (Counted & { late: boolean })[] {
  // Hours are judged over days, so that their events are nearer.
  const scale = every === 'hour' || typeof every === 'number' ? HOUR / 6 : HOUR;
  return drawn.flatMap(({ at, who, value, number, refs, late }, i) =>
    refs.map((ref) => ({
      at: BEGIN + at * scale,
      ref,
      event: i + 1,
      group: [who],
      late,
      ...((measure === 'distinct' || measure === 'new') && { value: JSON.stringify([value]) }),
      ...(measure === 'sum' && { number: number + ref }),
    })),
  );
}

const rowsOf = (name: string, hits: readonly Counted[]) =>
  hits.map(({ at, ref, event: seq, group, value = '', number = 0 }) => ({
    ...{ counter: name, ...groupColumns(group), t: at, ref, textValue: value, numberValue: number, node: 1, seq },
    ...{ receivedAt: at + 3 * DAY, moment: 0 as const },
  }));

let round = 0;

it('the engine judges every stretch as the definition does, whatever comes late', { timeout: 300_000 }, async () => {
  let unusual = 0;
  const judge = new BaselineJudge(store.engine);
  await fc.assert(
    fc.asyncProperty(shape, fc.array(event, { minLength: 5, maxLength: 60 }), async (drawn, events) => {
      const baseline = baselineOf(`round${++round}`, drawn);
      const hits = hitsOf(baseline, events);
      const heads = new Map([[1, 1_000]]);
      const calendar = new Calendar(baseline.every, baseline.timeZone);
      const places = [...new Set(hits.map(({ at, group }) => JSON.stringify([fold(group[0] ?? ''), calendar.startOf(at)])))];
      const questions = places.map((place): Question => {
        const [who, start] = JSON.parse(place) as [string, number];
        return { baseline, identity: baseline.id, groupKey: JSON.stringify([who]), start };
      });
      // What comes in time is judged first: norms are then known, and the late ones must change them.
      for (const part of [hits.filter(({ late }) => !late), hits.filter(({ late }) => late)]) {
        if (part.length > 0) await storeHits(store.engine, rowsOf(baseline.id, part));
        for (const question of questions) judge.forget(question);
        await judge.judge(questions, heads);
      }
      const verdicts = await judge.judge(questions, heads);
      // The store has no events at all: what was not counted was not heard.
      const expected = evaluateBaselines([baseline], new Map([[baseline.id, hits]]), () => false);
      unusual += expected.length;
      const found = verdicts.flatMap((verdict, i) => {
        const { groupKey, start } = questions[i] ?? { groupKey: '', start: 0 };
        return verdict === undefined ? [] : [textOf(groupKey, start, verdict)];
      });
      expect(found.sort()).toEqual(expected.map((each) => textOf(JSON.stringify(each.group.map(fold)), each.start, each)).sort());
    }),
    { numRuns: ROUNDS, seed: propertySeed },
  );
  expect(unusual).toBeGreaterThan(ROUNDS / 2);
});

const textOf = (
  groupKey: string,
  start: number,
  of: { value: number; norm?: number; historyDays: number; news: readonly string[] },
): string => [groupKey, new Date(start).toISOString(), of.value, of.norm?.toFixed(6), of.historyDays, [...of.news].sort().join()].join(' ');

it('rows beyond the head are not looked at, and hours in which nothing was heard are no quiet hours', async () => {
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  const always = {
    every: 'day',
    timeZone: 'UTC',
    against: { kind: 'mean', sigmas: 0 },
    factor: 1,
    margin: 0,
    orEqual: false,
    least: 0,
    leastNorm: 0,
    leastDays: 1,
  } as const;
  const baseline = baselineOf('heads', { ...always, measure: 'events', since: 'own', weekdays: 'any' });
  const midnight = Date.UTC(2026, 4, 1);
  const hit = (day: number, event: number): Counted => ({ at: midnight + day * DAY + HOUR, ref: 0, event, group: ['eve'] });
  await storeHits(store.engine, rowsOf('heads', [hit(0, 1), hit(0, 2), hit(9, 3), hit(9, 4)]));
  const question = { baseline, identity: 'heads', groupKey: '["eve"]', start: midnight + 9 * DAY };
  const ask = async (head: number) => (await new BaselineJudge(store.engine).judge([question], new Map([[1, head]])))[0];
  expect(await ask(2)).toBeUndefined();
  // Of the days between, the store has no event: they are not quiet, and the norm is that of the first day.
  expect(await ask(4)).toBeUndefined();
  await store.fill([3, 4, 6].map((day, i) => madeEvent(i + 1, { timestamp: midnight + day * DAY + 5 * HOUR })));
  expect(await ask(3)).toEqual({ value: 1, norm: 0.5, historyDays: 9, news: [] });
  expect(await ask(4)).toEqual({ value: 2, norm: 0.5, historyDays: 9, news: [] });
});
