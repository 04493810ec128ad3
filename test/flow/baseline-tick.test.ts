import { afterAll, beforeAll, expect, it } from 'vitest';
import { BaselineTick, type LiveBaseline, type Looked, type Round } from '../../src/detect/baseline/tick.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import type { Baseline } from '../../src/detect/sigma/baseline.ts';
import { readRules } from '../../src/detect/sigma/load.ts';
import { storeHits } from '../support/hits-table.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TODAY = Date.UTC(2026, 4, 20);

let store: SearchEngine;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(async () => {
  await store.stop();
});

function baselineOf(map: string): Baseline {
  const rule = 'title: R\nname: r\nlogsource: { product: linux }\ndetection: { s: { f: x }, condition: s }';
  const [baseline] = readRules('a.yml', `${rule}\n---\ntitle: B\nname: b\nbaseline: ${map}`).baselines;
  if (baseline === undefined) throw new Error('the baseline was rejected');
  return baseline;
}

let identities = 0;

/** A tick over rows that are written as the test says, each with a number of its own. */
function watch(baseline: Baseline, liveAt = 0) {
  const identity = `tick${++identities}`;
  const live: LiveBaseline[] = [{ identity, baseline, beganAt: liveAt, liveAt }];
  const rounds: Round[] = [];
  let looked: Looked | undefined;
  let seq = 0;
  let now = TODAY + 12 * HOUR;
  const tick = new BaselineTick({
    engine: store.engine,
    live: () => live,
    head: async () => ({ heads: new Map([[identities, seq]]), receivedAt: now }),
    looked: async () => looked,
    commit: async (round) => {
      rounds.push(round);
      const begun = round.begun.map(({ identity, liveAt }): [string, number] => [identity, liveAt]);
      looked = { cursor: round.to, begun: new Map([...(looked?.begun ?? []), ...begun]) };
    },
  });
  return {
    write: (at: readonly number[], who = 'Eve', value = '') =>
      storeHits(
        store.engine,
        at.map((t) => ({
          ...{ counter: identity, ...groupColumns([who]), t, ref: 0, textValue: value, numberValue: 0, node: identities, seq: ++seq },
          ...{ receivedAt: now, moment: 0 as const },
        })),
      ),
    run: async (): Promise<Round | undefined> => {
      const before = rounds.length;
      await tick.run();
      return rounds[before];
    },
    at: (time: number) => {
      now = time;
    },
  };
}

const days = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => TODAY - (to - i) * DAY + 9 * HOUR);
const today = (count: number): number[] => Array.from({ length: count }, (_, i) => TODAY + 10 * HOUR + i * 1000);

const MORE = '{ rules: [r], group-by: [user.name], history: 30d, least_history: 10d }';

it('tells of more than ever, as one finding that grows, with value, norm and days of history', async () => {
  const { write, run } = watch(baselineOf(MORE));
  await write([...days(1, 20), ...days(5, 5)]);
  expect(await run()).toMatchObject({ findings: [], reviewed: [] });
  await write(today(2));
  expect(await run()).toMatchObject({ findings: [], reviewed: [{ from: TODAY, to: TODAY }] });
  await write(today(1));
  const found = {
    kind: 'baseline',
    group: { 'user.name': 'Eve' },
    groupKey: '["eve"]',
    firstTrigger: TODAY,
    lastTrigger: TODAY,
    gapMs: 0,
    late: false,
  };
  expect(await run()).toMatchObject({
    findings: [found],
    told: [
      {
        count: 3,
        firstAt: TODAY + 10 * HOUR,
        lastAt: TODAY + 10 * HOUR + 1000,
        details: { value: 3, norm: 2, historyDays: 20, measure: 'events a day', against: 'the most on a day', bucketStart: TODAY },
      },
    ],
  });
  await write(today(1));
  expect(await run()).toMatchObject({ findings: [found], told: [{ count: 4, details: { value: 4, norm: 2 } }] });
  expect(await run()).toBeUndefined();
});

it('judges the day anew when an event of the past comes: what was told may not hold', async () => {
  const { write, run } = watch(baselineOf(MORE));
  await write(days(1, 20));
  await run();
  await write(today(2));
  expect((await run())?.findings).toHaveLength(1);
  // Of yesterday evening, an hour late: yesterday had two as well.
  await write([TODAY - HOUR]);
  const round = await run();
  expect(round?.findings.map(({ firstTrigger }) => firstTrigger)).toEqual([TODAY - DAY]);
  expect(round?.reviewed.map(({ from }) => from)).toEqual([TODAY - DAY, TODAY]);
});

it('tells of what is new, once for a day, with its first ten events', async () => {
  const { write, run, at } = watch(baselineOf('{ rules: [r], group-by: [user.name], new: source.geo.country_iso_code }'));
  await write(days(1, 20), 'Eve', '["fi"]');
  await run();
  await write(today(3), 'Eve', '["fi"]');
  expect((await run())?.findings).toEqual([]);
  await write(today(2), 'Eve', '["br"]');
  await write(today(1), 'Newcomer', '["br"]');
  expect(await run()).toMatchObject({
    findings: [{ groupKey: '["eve"]' }],
    told: [{ count: 2, eventIds: [expect.any(String), expect.any(String)], details: { value: 1, firstSeen: 'br', historyDays: 20 } }],
  });
  at(TODAY + DAY + HOUR);
  await write([TODAY + DAY], 'Eve', '["br"]');
  expect((await run())?.findings).toEqual([]);
});

it('a baseline that has just come live looks at its open day as a whole, and tells nobody', async () => {
  const { write, run } = watch(baselineOf(MORE), TODAY + 12 * HOUR);
  await write([...days(1, 20), ...today(3)]);
  await run();
  await write([], 'Eve');
  await write(today(1), 'Bob');
  expect(await run()).toMatchObject({ findings: [{ groupKey: '["eve"]', late: true }] });
});
