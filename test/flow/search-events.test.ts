import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { oneEvent, searchEvents, surroundings } from '../../src/store/search/events.ts';
import { textsOf } from '../../src/store/search/field-values.ts';
import type { Found } from '../../src/store/search/find-events.ts';
import { histogram } from '../../src/store/search/histogram.ts';
import type { QueryNode } from '../../src/store/search/node.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import type { Position } from '../../src/store/search/position.ts';
import { summary } from '../../src/store/search/summary.ts';
import { topValues } from '../../src/store/search/top-values.ts';
import { sql } from '../../src/store/sql.ts';
import type { EngineError } from '../../src/store/store.ts';
import { events, NOW } from '../support/search-arbitraries.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const DAY = 86_400_000;
const now = () => NOW;
const ALL: QueryNode = { type: 'all' };

let store: SearchEngine;
let stored: readonly Event[];

/** Some events years back, and several in the same millisecond, so that every window and the whole order are used. */
function spread(drafts: readonly Event[]): Event[] {
  return drafts.map((event, i) => {
    const timestamp = i % 7 === 0 ? NOW - 400 * DAY + i : i % 5 === 0 ? NOW - 1000 : i % 3 === 0 ? NOW - 5 * DAY + i : event.timestamp;
    const fields = i % 4 === 0 ? { ...event.fields, 'user.name': i % 8 === 0 ? 'alice' : 'Alice' } : event.fields;
    return { ...event, node: 1 + (i % 2), timestamp, fields };
  });
}

const newestFirst = (a: Event, b: Event): number => b.timestamp - a.timestamp || b.node - a.node || b.seq - a.seq;
const ids = (list: readonly Event[]): string[] => list.map(({ node, seq }) => `${node}-${seq}`);

function query(text: string): QueryNode {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

beforeAll(async () => {
  store = await startSearchEngine();
  const [drafts = []] = fc.sample(events(300), { numRuns: 1, seed: 20260131 });
  stored = spread(drafts);
  await store.fill(stored);
});

afterAll(async () => {
  await store.stop();
});

async function allPages(limit: number, tree: QueryNode, from: number, to: number): Promise<Event[]> {
  const all: Event[] = [];
  let cursor: Position | undefined;
  for (;;) {
    const page: Found = await searchEvents(store.engine, { query: tree, from, to, limit, cursor }, now);
    all.push(...page.events);
    if (page.next === undefined) return all;
    cursor = page.next;
  }
}

describe('searchEvents', () => {
  it.each([1, 7, 100, 1000])('gives every event once, newest first, in pages of %i', async (limit) => {
    const expected = stored.toSorted(newestFirst).slice(0, limit === 1 ? 40 : undefined);
    const from = limit === 1 ? (expected.at(-1)?.timestamp ?? 0) : 0;
    const oracle = stored.filter(({ timestamp }) => timestamp >= from).toSorted(newestFirst);
    expect(ids(await allPages(limit, ALL, from, NOW + 30 * DAY))).toEqual(ids(oracle));
  });

  it('gives events back exactly', async () => {
    const page = await searchEvents(store.engine, { query: ALL, from: 0, to: NOW + 30 * DAY, limit: 500 }, now);
    // JSON has no negative zero inside an array.
    const asJson = (event: Event) => ({ ...event, fields: JSON.stringify(event.fields), raw: event.raw.toString('hex') });
    const byName = (event: Event): Event => ({ ...event, fields: Object.fromEntries(Object.entries(event.fields).toSorted()) });
    expect(page.events.map(byName).map(asJson)).toEqual(stored.toSorted(newestFirst).map(byName).map(asJson));
  });

  it('keeps to the range: from is in, to is not', async () => {
    const [at = 0] = stored.map(({ timestamp }) => timestamp);
    const found = await allPages(50, ALL, at, at + 1);
    expect(ids(found)).toEqual(ids(stored.filter(({ timestamp }) => timestamp === at).toSorted(newestFirst)));
    expect(await allPages(50, ALL, at, at)).toEqual([]);
  });

  it('is cancelled by its signal', async () => {
    const search = { query: ALL, from: 0, to: NOW, limit: 5, signal: AbortSignal.abort() };
    const fault = await searchEvents(store.engine, search, now).catch((error: EngineError) => error.fault.code);
    expect(fault).toBe('cancelled');
  });
});

describe('oneEvent and surroundings', () => {
  it('finds an event by its id', async () => {
    const [, , wanted] = stored;
    expect(await oneEvent(store.engine, `${wanted?.node}-${wanted?.seq}`)).toEqual(wanted);
    expect(await oneEvent(store.engine, '9-1')).toBeUndefined();
    expect(await oneEvent(store.engine, '1; DROP TABLE earshot.events')).toBeUndefined();
  });

  it('shows what shares a value, on both sides', async () => {
    const isAlice = (event: Event): boolean => textsOf(event.fields['user.name']).some((name) => name.toLowerCase() === 'alice');
    const line = stored.filter(isAlice).toSorted(newestFirst);
    const at = line.findIndex((event, i) => i >= 3 && textsOf(event.fields['user.name'])[0]?.toLowerCase() === 'alice');
    const middle = line[at];
    if (middle === undefined) throw new Error('the sample has no such event');
    const around = await surroundings(store.engine, `${middle.node}-${middle.seq}`, { by: 'user.name', before: 3, after: 2 }, now);
    expect(ids(around?.before ?? [])).toEqual(ids(line.slice(at + 1, at + 4)));
    expect(ids(around?.after ?? [])).toEqual(ids(line.slice(at - 2, at).reverse()));
  });
});

describe('histogram and topValues', () => {
  it('counts every event of the range in its bar', async () => {
    const [from, to] = [NOW - 3 * DAY - 123, NOW + DAY];
    const result = await histogram(store.engine, { query: ALL, from, to, intervalMs: 3_600_000 }, now);
    const inRange = stored.filter(({ timestamp }) => timestamp >= from && timestamp < to);
    expect(result.total).toBe(inRange.length);
    for (const { start, count } of result.bars) {
      expect(count).toBe(inRange.filter(({ timestamp }) => timestamp >= start && timestamp < start + 3_600_000).length);
    }
    expect(result.bars).toHaveLength(4 * 24 + 1);
  });

  it.each(['user.name', 'earshot.source', 'destination.port', 'tags', 'source.ip', 'rule.name', 'vendor.list'])(
    'splits bars by %s',
    async (by) => {
      const [from, to] = [0, NOW + 30 * DAY];
      const result = await histogram(store.engine, { query: ALL, from, to, by }, now);
      expect(result.total).toBe(stored.length);
      for (const { count, values, others } of result.bars) {
        expect(Object.values(values ?? {}).reduce((sum, n) => sum + n, others ?? 0)).toBe(count);
      }
      expect(new Set(result.bars.flatMap(({ values }) => Object.keys(values ?? {}))).size).toBeLessThanOrEqual(10);
    },
  );

  it.each([
    'user.name',
    'event.action',
    'destination.port',
    'tags',
    'source.ip',
    'vendor.list',
    'process.pid',
    'no.such.field',
    '__proto__',
  ])('counts the values of %s exactly', async (field) => {
    const tree = query('NOT source.ip:10.0.0.0/8');
    const result = await topValues(store.engine, { query: tree, from: 0, to: NOW + 30 * DAY, field, size: 5 }, now);
    const hits = await allPages(1000, tree, 0, NOW + 30 * DAY);
    const perEvent = hits.map((event) => [...new Set(textsOf(Object.hasOwn(event.fields, field) ? event.fields[field] : undefined))]);
    const counts = Map.groupBy(perEvent.flat(), (text) => text);
    const oracle = [...counts]
      .map(([value, list]) => ({ value, count: list.length }))
      .toSorted((a, b) => b.count - a.count || Buffer.from(a.value).compare(Buffer.from(b.value)));
    expect(result.values).toEqual(oracle.slice(0, 5));
    expect(result.others).toBe(oracle.slice(5).reduce((sum, { count }) => sum + count, 0));
    expect(result).toMatchObject({
      total: hits.length,
      missing: perEvent.filter((list) => list.length === 0).length,
      distinct: counts.size,
    });
  });

  it.each([undefined, 'user.name', 'event.action', 'tags', 'rule.name', 'vendor.list'])(
    'counts values and bars by %s in one pass',
    async (by) => {
      const search = { query: query('NOT source.ip:10.0.0.0/8'), from: 0, to: NOW + 30 * DAY };
      const fields = ['user.name', 'tags', 'rule.name', 'process.pid'];
      const found = await summary(store.engine, { ...search, fields, size: 3, bars: { by, buckets: 40 } }, now);
      expect(found.histogram).toEqual(await histogram(store.engine, { ...search, by, buckets: 40 }, now));
      for (const [place, field] of fields.entries())
        expect(found.top[place]).toEqual(await topValues(store.engine, { ...search, field, size: 3 }, now));
    },
  );
});

describe('hostile text', () => {
  it('never is part of a statement', async () => {
    const before = await store.engine.query<{ n: string }>(sql`SELECT count() AS n FROM earshot.events`, {
      timeoutMs: 5000,
      maxMemoryBytes: 1e8,
      maxRows: 1,
    });
    for (const text of [
      "'; DROP TABLE earshot.events; --",
      '\\',
      "\\'",
      '{p0:String}',
      '\n\nDROP TABLE earshot.events\n',
      '\u0000',
      '{{',
      '`',
    ]) {
      const quoted = `"${text.replace(/[\\"]/g, '\\$&')}"`;
      await searchEvents(store.engine, { query: query(`user.name:${quoted} OR ${quoted}`), from: 0, to: NOW, limit: 5 }, now);
      await topValues(store.engine, { query: ALL, from: 0, to: NOW, field: text, size: 5 }, now);
    }
    const after = await store.engine.query<{ n: string }>(sql`SELECT count() AS n FROM earshot.events`, {
      timeoutMs: 5000,
      maxMemoryBytes: 1e8,
      maxRows: 1,
    });
    expect(after).toEqual(before);
  });
});
