import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, Fields } from '../../src/model/event.ts';
import { LEVELS, type Level } from '../../src/model/severity.ts';
import { histogram } from '../../src/store/search/histogram.ts';
import { levelsOverTime } from '../../src/store/search/levels-over-time.ts';
import type { QueryNode } from '../../src/store/search/node.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import { printQuery } from '../../src/store/search/print.ts';
import { ruleActivity } from '../../src/store/search/rule-activity.ts';
import { type Speaker, speakerHours, speakerQuery, speakerRhythms } from '../../src/store/search/speakers.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { DAY_MS, madeEvent, NOW } from './store-events.ts';

const HOUR_MS = 3_600_000;
const now = () => NOW;
const ALL: QueryNode = { type: 'all' };
const RULES: readonly (readonly [id: string, level: Level])[] = [
  ['rule-a', 'critical'],
  ['rule-b', 'high'],
  ['rule-c', 'low'],
];
const SPEAKERS: readonly Fields[] = [
  { 'event.dataset': 'linux.auth', 'host.name': 'Web01' },
  { 'event.dataset': 'linux.auth', 'host.name': 'web01' },
  { 'event.dataset': 'linux.auth', 'host.name': 'web010' },
  { 'event.dataset': 'segura.events', 'log.source.address': '192.0.2.1:514' },
  { 'event.dataset': 'segura.events', 'log.source.address': '192.0.2.1:4711' },
  { 'event.dataset': 'segura.events', 'log.source.address': '192.0.2.10:514' },
  { 'event.dataset': 'segura.events', 'log.source.address': '[2001:db8::1]:514' },
  { 'event.dataset': 'segura.events', 'log.source.address': '2001:db8::1' },
  { 'event.dataset': 'files' },
  { 'host.name': 'nameless', tags: ['json_fault:not_json'] },
  { 'event.dataset': 'linux.auth', 'host.name': 'web02', 'rule.level': 'high', 'rule.id': 'rule-a' },
];

let store: SearchEngine;
let stored: readonly Event[];

function made(): Event[] {
  const random = seededRandom(7);
  return Array.from({ length: 4000 }, (_, i) => {
    const back = random() < 0.4 ? random() * DAY_MS : random() * 40 * DAY_MS;
    const hits = RULES.filter(() => random() < 0.1).map(([id, level]) => ({ id, version: 'v', title: id, level, matches: [] }));
    const timestamp = Math.floor(NOW - back);
    return madeEvent(i + 1, {
      timestamp,
      receivedAt: timestamp + 1500,
      hits,
      fields: { ...SPEAKERS[Math.floor(random() * SPEAKERS.length)] },
    });
  });
}

beforeAll(async () => {
  store = await startSearchEngine();
  stored = made();
  await store.fill(stored);
});
afterAll(() => store.stop());

function query(text: string): QueryNode {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** As the explorer counts. */
const found = async (text: string, from: number, to: number): Promise<number> =>
  (await histogram(store.engine, { query: query(text), from, to }, now)).total;

const printed = (speaker: Speaker): string => printQuery(speakerQuery(speaker));

describe('levelsOverTime', () => {
  it('counts in each bar and level what a search finds', async () => {
    const [from, to] = [NOW - 7 * DAY_MS - 1234, NOW];
    const result = await levelsOverTime(store.engine, { query: ALL, from, to, intervalMs: DAY_MS }, now);
    expect(result.bars).toHaveLength(8);
    expect(result.total).toBe(await found('rule.level:*', from, to));
    let sum = 0;
    for (const [i, level] of LEVELS.entries()) {
      const worse = LEVELS.slice(i + 1).map((other) => ` AND NOT rule.level:${other}`);
      const text = `rule.level:${level}${worse.join('')}`;
      for (const { start, levels } of result.bars) {
        expect(levels[level], `${level} at ${start}`).toBe(await found(text, Math.max(start, from), Math.min(start + DAY_MS, to)));
        sum += levels[level];
      }
    }
    expect(sum).toBe(result.total);
  });

  it('counts only what the query leaves', async () => {
    const [from, to] = [NOW - 7 * DAY_MS, NOW];
    const tree = query('event.dataset:linux.*');
    const { total } = await levelsOverTime(store.engine, { query: tree, from, to, intervalMs: DAY_MS }, now);
    expect(total).toBe(await found('event.dataset:linux.* AND rule.level:*', from, to));
    expect(total).toBeGreaterThan(0);
  });
});

describe('ruleActivity', () => {
  it('counts what a search by the rule finds, and knows the last', async () => {
    const rules = await ruleActivity(store.engine, { query: query('NOT rule.level:xyz'), to: NOW }, now);
    expect(rules.map(({ rule }) => rule).sort()).toEqual(['rule-a', 'rule-b', 'rule-c']);
    for (const { rule, day, month, days, lastAt } of rules) {
      const hits = stored.filter((event) => event.hits.some(({ id }) => id === rule));
      const within = (ms: number) => hits.filter(({ timestamp }) => timestamp >= NOW - ms && timestamp < NOW).length;
      expect([day, month]).toEqual([within(DAY_MS), within(30 * DAY_MS)]);
      expect(days).toHaveLength(30);
      expect(lastAt).toBe(Math.max(...hits.map(({ timestamp }) => timestamp)));
      if (rule !== 'rule-a') expect(month).toBe(await found(`rule.id:"${rule}"`, NOW - 30 * DAY_MS, NOW));
    }
  });
});

describe('speakers', () => {
  it('counts for each what a search by it finds', async () => {
    const faulty = query('tags:*_fault*');
    const speakers = await speakerHours(store.engine, { query: ALL, faulty, to: NOW }, now);
    expect(speakers).toHaveLength(8);
    expect(speakers.reduce((sum, { total }) => sum + total, 0)).toBe(await found('*', NOW - DAY_MS, NOW));
    for (const speaker of speakers) {
      const { total, hours, recent, lagMs, faulty: faults } = speaker;
      expect(total, printed(speaker)).toBe(await found(printed(speaker), NOW - DAY_MS, NOW));
      expect(recent).toBe(await found(printed(speaker), NOW - 300_000, NOW));
      for (const [i, count] of hours.entries())
        if (i % 6 === 0) expect(count).toBe(await found(printed(speaker), NOW - (24 - i) * HOUR_MS, NOW - (23 - i) * HOUR_MS));
      expect(lagMs).toEqual({ median: 1500, p95: 1500 });
      expect(faults).toBe(speaker.host === 'nameless' ? total : 0);
    }
  });

  it('knows the pauses of each', async () => {
    const rhythms = await speakerRhythms(store.engine, { query: ALL, to: NOW }, now);
    expect(rhythms).toHaveLength(8);
    for (const rhythm of rhythms) {
      const times = stored
        .filter(({ fields, timestamp }) => timestamp >= NOW - 14 * DAY_MS && timestamp < NOW && isOf(fields, rhythm))
        .map(({ timestamp }) => timestamp)
        .toSorted((a, b) => a - b);
      expect([rhythm.firstAt, rhythm.lastAt, rhythm.total]).toEqual([times.at(0), times.at(-1), times.length]);
      const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
      expect(rhythm.longestPauseMs).toBe(Math.max(...pauses));
    }
  });
});

const peerOf = (address: unknown): string =>
  String(address ?? '')
    .replace(/^\[(.*)\].*$/, '$1')
    .replace(/^([^:]*):\d+$/, '$1');

const isOf = (fields: Fields, { dataset, host, peer }: Speaker): boolean =>
  String(fields['event.dataset'] ?? '') === dataset &&
  String(fields['host.name'] ?? '').toLowerCase() === host &&
  (host !== '' || peerOf(fields['log.source.address']) === peer);
