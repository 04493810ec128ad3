import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectionsEndpoint } from '../../src/api/contract/detections.ts';
import { createApi } from '../../src/api/server.ts';
import type { Event, Fields } from '../../src/model/event.ts';
import { hitHistory } from '../../src/store/search/hit-history.ts';
import type { QueryNode } from '../../src/store/search/node.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import { compilePredicate } from '../../src/store/search/predicate.ts';
import { as, setUpApi } from '../support/api.ts';
import { ruleOf } from '../support/detected.ts';
import { events, NOW } from '../support/search-arbitraries.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const [FROM, TO] = [NOW - DAY, NOW];
const RULES = ['alice', '11111111-1111-4111-8111-111111111111'];

let store: SearchEngine;
let app: FastifyInstance;
let stored: readonly Event[];

/** Our rules have UUIDs, which no sender puts into an event: these short names are in both. */
const withoutRule = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([path]) => !path.startsWith('rule.')));

const runningRule = (id: string) => ({
  ...ruleOf(id),
  file: `${id}.yml`,
  status: undefined,
  author: undefined,
  filters: [],
  kind: 'rule' as const,
  counts: [],
});

beforeAll(async () => {
  store = await startSearchEngine();
  const [drafts = []] = fc.sample(events(600), { numRuns: 1, seed: 20260202 });
  // Some names that are only names, some datasets, and a week's worth of time.
  stored = drafts.map((event, i) => ({
    ...event,
    // A rule hits an event once.
    hits: [...new Map(event.hits.map((hit) => [hit.id, hit])).values()],
    timestamp: NOW - (i % 9) * DAY * (i % 2) - (i % 23) * HOUR - i,
    fields: {
      ...withoutRule(event.fields),
      'user.name': ['ana', 'bob', 'João', 'eve'][i % 4] ?? '',
      'event.dataset': i % 3 === 0 ? 'cef' : 'linux.auth',
    },
  }));
  await store.fill(stored);
  const { deps, app: unused } = setUpApi();
  await unused.close();
  app = createApi(
    { ...deps, engine: store.engine, rules: () => ({ rules: RULES.map(runningRule), rejected: [], silent: [] }) },
    { trusted: false },
  );
});

afterAll(async () => {
  await app.close();
  await store.stop();
});

const matching = (text: string, from = FROM, to = TO): Event[] => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const test = compilePredicate(parsed.value, () => NOW);
  return stored.filter((event) => event.timestamp >= from && event.timestamp < to && test(event));
};

const ask = async (query: Record<string, string>, token = 'ear_admin') => {
  const search = new URLSearchParams({ from: `${FROM}`, to: `${TO}`, ...query });
  const answer = await app.inject({ url: `/api/detections?${search}`, headers: as(token) });
  expect([answer.statusCode, answer.body.slice(0, 300)]).toEqual([200, expect.anything()]);
  return detectionsEndpoint.answer.parse(answer.json());
};

describe('detections', () => {
  it.each(['', 'user.name:ana', 'event.dataset:cef AND NOT user.name:eve'])('%j: every number leads to as many events', async (q) => {
    for (const by of ['level', 'rule', 'technique'] as const) {
      const answer = await ask({ q, by });
      expect(answer.total).toBe(matching(answer.q).length);
      expect(answer.total).toBeGreaterThan(10);
      expect(answer.total_before).toBe(matching(answer.q, FROM - DAY, FROM).length);
      expect(answer.bars.reduce((sum, { count }) => sum + count, 0)).toBe(answer.total);
      for (const { count, values } of answer.bars) expect(Object.values(values).reduce((sum, each) => sum + each, 0)).toBe(count);
      // Of hosts and addresses the test events have spellings that differ in case: top values tell those apart, searches do not.
      const groups = [answer.rules, answer.levels, answer.techniques, answer.people.values, answer.datasets.values];
      for (const counted of groups.flat()) expect([counted.q, counted.count]).toEqual([counted.q, matching(counted.q).length]);
      expect(answer.people.values.length * answer.rules.length * answer.techniques.length * answer.levels.length).toBeGreaterThan(0);
      for (const rule of answer.rules) {
        const before = matching(rule.q, Date.parse(answer.compared_since), FROM).length;
        expect(rule.usual).toBeCloseTo((before * DAY) / (FROM - Date.parse(answer.compared_since)), 6);
      }
    }
  });

  it('leaves out the rules below a level, and the events that only they hit', async () => {
    const answer = await ask({ least_level: 'medium', by: 'rule' });
    const whole = await ask({ by: 'rule' });
    expect(answer.total).toBe(matching(answer.q).length);
    expect(answer.total).toBeLessThan(whole.total);
    expect(answer.total_before).toBe(matching(answer.q, FROM - DAY, FROM).length);
    expect(answer.levels.map(({ value }) => value)).not.toContain('informational');
    expect(answer.bars.reduce((sum, { count }) => sum + count, 0)).toBe(answer.total);
    for (const counted of [...answer.levels, ...answer.people.values]) expect(matching(counted.q)).toHaveLength(counted.count);
    const levels = (rules: typeof answer.rules) => [...new Set(rules.map(({ level }) => level))].toSorted();
    expect(levels(answer.rules)).toEqual(levels(whole.rules).filter((level) => level !== 'informational' && level !== 'low'));
  });

  it('says who was hit by a rule for the first time', async () => {
    const { anomalies, compared_since } = await ask({});
    const firsts = anomalies.flatMap((each) => (each.kind === 'new_person' ? [each] : []));
    for (const { q, count, first_at } of firsts) {
      expect(matching(q, Date.parse(compared_since), FROM)).toEqual([]);
      expect(matching(q)).toHaveLength(count);
      expect(Math.min(...matching(q).map(({ timestamp }) => timestamp))).toBe(Date.parse(first_at));
    }
  });

  it('says what is more than usual, and what is new', async () => {
    const hits = (id: string) => [{ id, version: 'v', title: `Title ${id}`, level: 'high' as const, matches: [] }];
    const blank = { node: 2, receivedAt: NOW, source: 's', raw: Buffer.from('x') };
    const at = (seq: number, timestamp: number, id: string, user: string): Event => ({
      ...blank,
      seq,
      timestamp,
      fields: { 'user.name': user },
      hits: hits(id),
    });
    const made = [
      ...Array.from({ length: 12 }, (_, i) => at(i + 1, NOW - HOUR - i, 'loud', 'ana')),
      at(50, NOW - 3 * DAY, 'loud', 'ana'),
      at(51, NOW - HOUR, 'new', 'ana'),
      at(52, NOW - 3 * DAY, 'quiet', 'ana'),
      at(53, NOW - 2 * HOUR, 'quiet', 'zoe'),
      at(54, NOW - HOUR, 'quiet', 'Zoe'),
    ];
    await store.add(made);
    stored = [...stored, ...made];
    const { anomalies } = await ask({ q: 'rule.id:(loud OR new OR quiet)' });
    expect(anomalies.map((each) => [each.kind, each.rule.id, each.kind === 'new_person' ? each.person : ''])).toEqual([
      ['more_than_usual', 'loud', ''],
      ['new_rule', 'new', ''],
      ['new_person', 'quiet', 'Zoe'],
    ]);
  });

  it('what rules hit before is counted by rule, group and person', async () => {
    const is = (field: string, value: string): QueryNode => ({ type: 'is', field, pattern: [value] });
    const group = [is('event.dataset', 'cef')];
    const range = { from: NOW - 8 * DAY, to: NOW - HOUR };
    const history = await hitHistory(
      store.engine,
      { ...range, rule: is('rule.id', 'alice'), all: { type: 'all' }, group, person: 'ANA' },
      () => NOW,
    );
    const rule = matching('rule.id:alice', range.from, range.to).filter(({ hits }) => hits.length > 0);
    const ofGroup = rule.filter((event) => event.fields['event.dataset'] === 'cef');
    const ofPerson = (list: readonly Event[]) => list.filter((event) => /^ana$/i.test(`${event.fields['user.name']}`)).length;
    expect(history).toEqual({
      ruleEvents: rule.length,
      rulePeople: new Set(rule.map((event) => event.fields['user.name'])).size,
      groupEvents: ofGroup.length,
      groupDays: new Set(ofGroup.map(({ timestamp }) => Math.floor(timestamp / DAY))).size,
      groupLastAt: Math.max(...ofGroup.map(({ timestamp }) => timestamp)),
      personRuleEvents: ofPerson(rule),
      personEvents: ofPerson(matching('earshot.hits:>0', range.from, range.to)),
    });
    expect(ofGroup.length).toBeGreaterThan(3);
  });
});
