import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BacktestDeps, backtest } from '../../src/hub/rules/backtest.ts';
import type { Event, Fields } from '../../src/model/event.ts';
import { conditionOf } from '../../src/store/search/candidate.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { ruleOf, ruleText } from '../support/sigma-rule.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;
const DETECTION = 's: { event.action: vault_opened }\ncondition: s';
const range = { from: NOW - 30 * 24 * HOUR, to: NOW };

let store: SearchEngine;
let seq = 0;

function opened(user: string, hoursAgo: number, more: Fields = {}): Event {
  seq += 1;
  const fields = { 'event.module': 'linux', 'event.dataset': 'vault.audit', 'event.action': 'vault_opened', 'user.name': user, ...more };
  const timestamp = NOW - hoursAgo * HOUR;
  return { node: 1, seq, receivedAt: timestamp, timestamp, source: 'vault', fields, raw: Buffer.from(`${user} opened`), hits: [] };
}

const EVENTS = [
  opened('ana', 200),
  opened('bob', 50),
  // Two within the gap are one alert, a third later is another.
  opened('ana', 30),
  opened('ana', 29.5),
  opened('ana', 20),
  // What is in the map of an array SQL leaves to the stream.
  opened('eve', 2, { event: [{ action: 'vault_opened' }], 'event.action': 'other' }),
  opened('mel', 1, { 'event.action': 'vault_closed' }),
  opened('zoe', 3, { 'event.dataset': 'secret.audit' }),
];

beforeAll(async () => {
  store = await startSearchEngine();
  await store.fill(EVENTS);
});
afterAll(async () => {
  await store.stop();
});

const deps = (): BacktestDeps => ({
  engine: store.engine,
  rules: () => ({ rules: [ruleOf(DETECTION)], correlations: [], baselines: [], silences: [] }),
  options: () => ({ placeholders: new Map([['admins', ['ana']]]) }),
  lists: { since: () => [], forThePast: (rule) => rule },
  bounds: () => ({ gapMs: HOUR, maxMs: 24 * HOUR }),
  now: () => NOW,
});

it('says how often, on whom, and how many alerts a day', async () => {
  const tested = await backtest(deps(), { named: 'a' }, range);
  expect(tested.ok && tested.value).toMatchObject({
    events: 6,
    alerts: 5,
    alertsPerDay: 5 / 30,
    judgedAgain: 1,
    exact: 6 / 7,
    searchedFrom: range.from,
    users: [
      { value: 'ana', count: 4 },
      { value: 'bob', count: 1 },
      { value: 'zoe', count: 1 },
    ],
  });
  if (!tested.ok) throw new Error('not tested');
  expect(tested.value.examples.map(({ seq: each }) => each)).toEqual([8, 5, 4, 3, 2, 1]);
  expect(tested.value.days.map(({ day, events, alerts }) => `${day} ${events} ${alerts}`)).toEqual([
    '2026-11-12 1 1',
    '2026-11-18 1 1',
    '2026-11-19 3 2',
    '2026-11-20 1 1',
  ]);
});

it('takes the text of a rule file, and says what is wrong with it', async () => {
  const tested = await backtest(deps(), { text: ruleText('s: { user.name: bob }\ncondition: s') }, range);
  expect(tested.ok && tested.value.events).toBe(1);
  const wrong = await backtest(deps(), { text: ruleText('s: { user.name|odd: bob }\ncondition: s') }, range);
  expect(wrong).toMatchObject({ ok: false, error: { code: 'rejected', reason: expect.stringContaining('`odd` is not a modifier') } });
  expect(await backtest(deps(), { named: 'nobody' }, range)).toEqual({ ok: false, error: { code: 'not_found' } });
});

it('says what an exception would leave, and what is wrong with it', async () => {
  const except = 'known: { user.name: ana }\ncondition: not known';
  const tested = await backtest(deps(), { named: 'a', except }, range);
  expect(tested.ok && tested.value).toMatchObject({ events: 2, users: [{ value: 'bob' }, { value: 'zoe' }] });
  const wrong = await backtest(deps(), { named: 'a', except: 'known: { user.name: ana }\ncondition: known' }, range);
  expect(wrong).toMatchObject({ ok: false, error: { code: 'bad_exception', reason: expect.stringContaining('line 2, column 12') } });
});

it('looks only at events that the caller may see', async () => {
  const only = conditionOf({ type: 'is', field: 'event.dataset', pattern: ['vault.audit'] }, NOW);
  const tested = await backtest(deps(), { named: 'a' }, { ...range, only });
  expect(tested.ok && tested.value.users.map(({ value }) => value)).toEqual(['ana', 'bob']);
});

it('runs an expression that the engine refuses as the stream does', async () => {
  const text = ruleText(`s: { event.action|re: "(vault|[\\\\pL\\\\pN]{900})_opened" }\ncondition: s`);
  const tested = await backtest(deps(), { text }, range);
  expect(tested.ok && tested.value).toMatchObject({ events: 6, judgedAgain: 8 });
});

const CORRELATION = [
  'title: Often',
  'correlation: { type: event_count, rules: [a], group-by: [user.name], timespan: 1h, condition: { gte: 2 } }',
];

it('tests a correlation of rules that run: its alerts, and the events in them', async () => {
  const tested = await backtest(deps(), { text: CORRELATION.join('\n') }, range);
  expect(tested.ok && tested.value).toMatchObject({
    rule: { title: 'Often' },
    events: 2,
    alerts: 1,
    alertsPerDay: 1 / 30,
    searchedFrom: range.from,
    users: [{ value: 'ana', count: 2 }],
    days: [{ day: '2026-11-19', events: 2, alerts: 1 }],
  });
  expect(tested.ok && tested.value.examples.map(({ seq: each }) => each)).toEqual([4, 3]);
});

it('tests a correlation with its rules in one file, and one of several that it does not count', async () => {
  const own = ruleText('s: { user.name|expand: "%admins%" }\ncondition: s').replace('title: A', 'title: A\nname: by_admins');
  const counted = CORRELATION.map((line) => line.replace('[a]', '[by_admins]').replace('gte: 2', 'gte: 1'));
  const tested = await backtest(deps(), { text: [own, '---', ...counted].join('\n') }, range);
  expect(tested.ok && tested.value).toMatchObject({ alerts: 3, events: 4 });
  const twice = await backtest(deps(), { text: [...counted, 'name: x', '---', ...counted, 'name: y', '---', own].join('\n') }, range);
  expect(twice).toMatchObject({ ok: false, error: { reason: expect.stringContaining('one is tested at a time') } });
});

const BASELINE = 'title: More\nbaseline: { rules: [a], group-by: [user.name], history: 14d, least_history: 1d }';

it('tests a baseline: the stretches that are unusual, with the history before them', async () => {
  const tested = await backtest(deps(), { text: BASELINE }, range);
  // Three in one day, where there was one a day at most.
  expect(tested.ok && tested.value).toMatchObject({
    rule: { title: 'More' },
    events: 3,
    alerts: 1,
    searchedFrom: range.from,
    users: [{ value: 'ana', count: 3 }],
    days: [{ day: '2026-11-19', events: 3, alerts: 1 }],
  });
});

it('knows what was before the range that is tested, and tells of nothing in it', async () => {
  const short = { from: NOW - 36 * HOUR, to: NOW };
  expect(await backtest(deps(), { text: BASELINE }, short)).toMatchObject({ value: { alerts: 1, searchedFrom: short.from } });
  const after = { from: NOW - 10 * HOUR, to: NOW };
  expect(await backtest(deps(), { text: BASELINE }, after)).toMatchObject({ value: { alerts: 0 } });
});

it('says that silence cannot be tested', async () => {
  const tested = await backtest(deps(), { text: 'title: Quiet\nsilence: { of: host }' }, range);
  expect(tested).toMatchObject({ ok: false, error: { code: 'rejected', reason: expect.stringContaining('silence is not in the events') } });
});
