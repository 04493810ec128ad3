import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlertFigures } from '../../src/alert/alert-figures.ts';
import { createAlerting } from '../../src/alert/alerting.ts';
import { createAlerts } from '../../src/alert/alerts.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import { listAlertsEndpoint } from '../../src/api/contract/alerts.ts';
import { histogramEndpoint } from '../../src/api/contract/events.ts';
import { type Overview, overviewEndpoint, PERIODS, type Period } from '../../src/api/contract/overview.ts';
import { ruleActivityEndpoint } from '../../src/api/contract/rules.ts';
import { faultSamplesEndpoint, listSourcesEndpoint } from '../../src/api/contract/sources.ts';
import { createApi } from '../../src/api/server.ts';
import type { Event } from '../../src/model/event.ts';
import { LEVELS, type Level } from '../../src/model/severity.ts';
import { EngineError } from '../../src/store/store.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { NOW, setUpApi } from '../support/api.ts';
import { blockOf, hitOf, ruleOf } from '../support/detected.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type TestState, testState } from '../support/state.ts';
import { madeEvent } from './store-events.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const WEIGHTS = { informational: 0, low: 1, medium: 3, high: 10, critical: 30 };
const RULES: readonly (readonly [id: string, level: Level])[] = [
  ['rule-a', 'critical'],
  ['rule-b', 'high'],
  ['rule-c', 'low'],
  ['rule-d', 'medium'],
  ['rule-e', 'medium'],
  ['rule-f', 'informational'],
];
const HOSTS = ['web01', 'web02', 'db01'];
const PEOPLE = ['ana', 'bob', 'eve'];

let store: SearchEngine;
let state: TestState;
let app: FastifyInstance;
let broken: FastifyInstance;
let everything: string;
let linuxOnly: string;

/** Forty days of events; many at full minutes, as syslog's times are, so that they lie on the edges of bars and periods. */
function made(): Event[] {
  const random = seededRandom(11);
  const events = Array.from({ length: 3000 }, (_, i) => {
    const back = random() < 0.5 ? random() * 2 * DAY : random() * 65 * DAY;
    const at = Math.floor((NOW - back) / MINUTE) * MINUTE + (random() < 0.5 ? 0 : Math.floor(random() * MINUTE));
    const hits = RULES.filter(() => random() < 0.06).map(([id, level]) => ({ id, version: 'v1', title: id, level, matches: [] }));
    const dataset = random() < 0.5 ? 'linux.auth' : 'segura.events';
    const fields = {
      'event.dataset': dataset,
      'host.name': HOSTS[i % 3] ?? '',
      'user.name': PEOPLE[i % 3] ?? '',
      ...(i % 50 === 0 && { tags: ['cef_fault:cef_short_header', 'made_by_us'] }),
      ...(i % 70 === 0 && { tags: ['invalid_utf8'] }),
    };
    return madeEvent(i + 1, { timestamp: at, receivedAt: at + 250, hits, fields });
  });
  // Spoke each half hour, and fell silent 30 hours ago.
  const fallen = Array.from({ length: 480 }, (_, i) =>
    madeEvent(10_000 + i, {
      timestamp: NOW - 30 * HOUR - i * 30 * MINUTE,
      fields: { 'event.dataset': 'linux.auth', 'host.name': 'fallen' },
    }),
  );
  return [...events, ...fallen];
}

async function alertOn(events: readonly Event[]): Promise<void> {
  const alerting = createAlerting({
    state: state.state,
    settings: alertSettings.parse({ group_gap_secs: 60 }),
    ruleInfo: ruleOf,
    isQuiet: () => false,
    router: () => ({ notifiers: [], following: [], targets: () => [] }),
    telemetry: silent,
    now: () => NOW,
  });
  const hits = events.flatMap((event) =>
    event.hits.map(({ id, level }) =>
      hitOf({ seq: event.seq, at: event.timestamp, rule: id, level, user: String(event.fields['user.name']), fields: event.fields }),
    ),
  );
  const last = Math.max(...events.map(({ seq }) => seq));
  await alerting.commitBlock(blockOf(1, last, hits));
}

beforeAll(async () => {
  store = await startSearchEngine();
  state = await testState(() => NOW);
  const events = made();
  await store.fill(events);
  await alertOn(events);
  const tokens = state.state.tokens;
  everything = (await tokens.create({ name: 'all', scopes: ['events:read'] }))?.token ?? '';
  linuxOnly = (await tokens.create({ name: 'linux', scopes: ['events:read'], datasets: ['linux.*'] }))?.token ?? '';
  const { deps, app: unused } = setUpApi({}, {}, { tokens, alerts: createAlerts(state.state, () => NOW) });
  await unused.close();
  const hub = { ...deps.hub, alertFigures: createAlertFigures(state.state) };
  app = createApi({ ...deps, hub, engine: store.engine }, { trusted: false });
  const down = () => Promise.reject(new EngineError({ code: 'down', message: 'it is down' }));
  const engine = { query: down, command: down, insert: down, up: false };
  broken = createApi({ ...deps, hub: { ...hub, intake: () => Promise.reject(new Error('a bug')) }, engine }, { trusted: false });
});
afterAll(async () => {
  await Promise.all([app.close(), broken.close()]);
  await Promise.all([store.stop(), state.remove()]);
});

async function get(url: string, token: string, query: Record<string, string> = {}, from = app): Promise<unknown> {
  const answer = await from.inject({ url: `${url}?${new URLSearchParams(query)}`, headers: { authorization: `Bearer ${token}` } });
  expect([answer.statusCode, answer.body.slice(0, 300)]).toEqual([200, expect.anything()]);
  return answer.json();
}

const overviewOf = async (period: Period, token: string, from = app): Promise<Overview> =>
  overviewEndpoint.answer.parse(await get('/api/overview', token, { period }, from));

/** As many as the explorer finds. */
const found = async (token: string, q: string, range: { from: string; to: string }): Promise<number> =>
  histogramEndpoint.answer.parse(await get('/api/events/histogram', token, { q, from: range.from, to: range.to })).total;

async function listed(token: string, query: Record<string, string>): Promise<{ level: Level }[]> {
  const all: { level: Level }[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = listAlertsEndpoint.answer.parse(await get('/api/alerts', token, { ...query, limit: '500', ...(cursor && { cursor }) }));
    all.push(...page.alerts);
    if (page.cursor === undefined) return all;
    cursor = page.cursor;
  }
}

function whole<T>(part: { ok: true; value: T } | { ok: false; problem: { detail: string } }): T {
  if (!part.ok) throw new Error(part.problem.detail);
  return part.value;
}

const cases = PERIODS.flatMap((period) => [
  [period, 'all datasets', () => everything] as const,
  [period, 'one dataset', () => linuxOnly] as const,
]);

describe('the overview', () => {
  it.each(cases)('%s, %s: every number is that of the search it leads to', async (period, _, tokenOf) => {
    const token = tokenOf();
    const overview = await overviewOf(period, token);
    const events = whole(overview.events);
    expect(events.total).toBeGreaterThan(100);
    expect(events.total).toBe(await found(token, '*', overview));
    expect(events.before).toBe(await found(token, '*', overview.before));
    const detections = whole(overview.detections);
    expect(detections.total).toBe(await found(token, detections.queries.all, overview));
    expect(detections.before).toBe(await found(token, detections.queries.all, overview.before));
    const sums = LEVELS.map((level) => detections.bars.reduce((sum, { levels }) => sum + levels[level], 0));
    const [informational, ...shown] = LEVELS;
    expect(await found(token, detections.queries[informational], overview)).toBeGreaterThan(0);
    expect(sums).toEqual([0, ...(await Promise.all(shown.map((level) => found(token, detections.queries[level], overview))))]);
    for (const { start, levels } of detections.bars.slice(0, 8)) {
      const at = Date.parse(start);
      const bar = {
        from: new Date(Math.max(at, Date.parse(overview.from))).toISOString(),
        to: new Date(Math.min(at + detections.interval_ms, Date.parse(overview.to))).toISOString(),
      };
      expect(LEVELS.reduce((sum, level) => sum + levels[level], 0)).toBe(await found(token, detections.queries.all, bar));
    }
  });

  it.each(cases)('%s, %s: alerts are those that are listed', async (period, _, tokenOf) => {
    const token = tokenOf();
    const overview = await overviewOf(period, token);
    const alerts = whole(overview.alerts);
    const range = { from: overview.from, to: overview.to };
    const all = await listed(token, range);
    expect(alerts.now.total).toBe(all.length);
    expect(alerts.before.total).toBe((await listed(token, overview.before)).length);
    expect(alerts.now.risk).toBe(all.reduce((sum, { level }) => sum + WEIGHTS[level], 0));
    expect(alerts.rules).toHaveLength(5);
    for (const { rule_id: rule, count } of alerts.rules) expect(count).toBe((await listed(token, { ...range, rule })).length);
    expect(alerts.rules.reduce((sum, { count }) => sum + count, alerts.other_rules)).toBe(all.length);
    expect(alerts.people.map(({ name }) => name).sort()).toEqual(['ana', 'bob', 'eve']);
    for (const { name, count } of alerts.people) expect(count).toBe((await listed(token, { ...range, about: name })).length);
  });

  it('sees less with fewer datasets, and does not mix up callers', async () => {
    const [all, some] = await Promise.all([overviewOf('week', everything), overviewOf('week', linuxOnly)]);
    expect(whole(some.events).total).toBeLessThan(whole(all.events).total);
    expect(whole(some.alerts).now.total).toBeLessThan(whole(all.alerts).now.total);
    expect(whole(all.health.engine).events).toBe(3480);
    expect(whole(some.health.engine).events).toBeUndefined();
  });

  it('names the source that fell silent, and how to find it', async () => {
    const quiet = whole((await overviewOf('day', everything)).quiet);
    expect(quiet.sources).toMatchObject([{ dataset: 'linux.auth', host: 'fallen', silent_secs: 30 * 3600, longest_pause_secs: 1800 }]);
    const [fallen] = quiet.sources;
    expect(
      await found(everything, fallen?.q ?? '', { from: new Date(NOW - 60 * DAY).toISOString(), to: new Date(NOW).toISOString() }),
    ).toBe(480);
  });

  it('shows what does not need the engine while it is down', async () => {
    const overview = await overviewOf('day', everything, broken);
    for (const part of [overview.events, overview.detections, overview.quiet, overview.health.engine])
      expect(part).toMatchObject({ ok: false, problem: { code: 'EAR_ENGINE_DOWN', hint: expect.any(String) } });
    expect(overview.health.intake).toMatchObject({ ok: false, problem: { code: 'EAR_INTERNAL' } });
    expect(JSON.stringify(overview)).not.toContain('a bug');
    expect(whole(overview.alerts).now.total).toBeGreaterThan(0);
    expect(whole(overview.health.outbox)).toEqual({ waiting: 1, dead: 2 });
  });
});

describe('sources', () => {
  it.each([
    ['all', () => everything],
    ['some', () => linuxOnly],
  ])('counts of a caller who may see %s datasets are those of searches', async (_, tokenOf) => {
    const token = tokenOf();
    const sources = listSourcesEndpoint.answer.parse(await get('/api/sources', token));
    const { speakers } = whole(sources.speakers);
    const range = (days: number) => ({ from: new Date(NOW - days * DAY).toISOString(), to: new Date(NOW).toISOString() });
    expect(speakers.map(({ host }) => host)).toContain('fallen');
    for (const { q, faulty_q: faultyQ, total, hours, faulty, host } of speakers) {
      expect(total, q).toBe(await found(token, q, range(14)));
      expect(hours.reduce((sum, count) => sum + count, 0)).toBe(await found(token, q, range(1)));
      expect(faulty).toBe(await found(token, faultyQ, range(1)));
      if (token === linuxOnly) expect(q).toContain('linux.auth');
      expect([host, speakers.find((each) => each.q === q)?.quiet]).toEqual([host, host === 'fallen']);
    }
    const faults = whole(sources.faults);
    expect(faults.total).toBe(await found(token, faults.q, range(1)));
    expect(faults.tags.map(({ tag }) => tag).sort()).toEqual(['cef_fault:cef_short_header', 'invalid_utf8']);
    for (const { q, count } of faults.tags) expect(count).toBe(await found(token, q, range(1)));
    const [first] = faults.tags;
    const { samples } = faultSamplesEndpoint.answer.parse(await get('/api/sources/faults', token, { tag: first?.tag ?? '', limit: '3' }));
    expect(samples).toHaveLength(3);
    for (const { tags, original } of samples) {
      expect(tags).toContain(first?.tag);
      expect(original).toMatch(/^raw \d+$/);
    }
  });
});

describe('what rules did', () => {
  it.each([
    ['all', () => everything],
    ['some', () => linuxOnly],
  ])('hits of a caller who may see %s datasets are those of searches', async (_, tokenOf) => {
    const token = tokenOf();
    const activity = ruleActivityEndpoint.answer.parse(await get('/api/rules/activity', token));
    const hits = whole(activity.hits);
    expect(hits).toHaveLength(RULES.length);
    const day = { from: new Date(Date.parse(activity.to) - DAY).toISOString(), to: activity.to };
    for (const { rule_id: rule, day: today, month } of hits) {
      expect(month).toBe(await found(token, `rule.id:"${rule}"`, activity));
      expect(today).toBe(await found(token, `rule.id:"${rule}"`, day));
    }
  });
});
