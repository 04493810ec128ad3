import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { textsOf } from '../../src/store/search/field-values.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import { compilePredicate } from '../../src/store/search/predicate.ts';
import { type Touched, whoTouched } from '../../src/store/search/touched.ts';
import { events, NOW } from '../support/search-arbitraries.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const DAY = 86_400_000;
const ACTING = ['user.name', 'user.email', 'source.user.name', 'user.id'];
const ACTIONS = ['viewed', 'opened', 'Viewed', ''];
const now = () => NOW;

let store: SearchEngine;
let stored: readonly Event[];

beforeAll(async () => {
  store = await startSearchEngine();
  const [drafts = []] = fc.sample(events(400), { numRuns: 1, seed: 20261121 });
  stored = drafts.map((event, i) => ({
    ...event,
    timestamp: i % 3 === 0 ? NOW - 1_000 - i : i % 3 === 1 ? NOW - 5 * DAY + i : NOW - 40 * DAY + i,
    raw: i % 2 === 0 ? Buffer.from(`somebody touched Prod-DB no ${i}`) : event.raw,
    fields: {
      ...event.fields,
      ...(i % 5 > 0 && { 'user.name': i % 10 === 3 ? 'ANA' : ['ana', 'bob', 'carol', 'dora'][i % 4] }),
      ...(i % 7 > 0 && { 'event.action': ACTIONS[i % 4] }),
    } as Event['fields'],
  }));
  await store.fill(stored);
});

afterAll(async () => {
  await store.stop();
});

const query = (text: string) => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

/** By the search language as it is asked of one event. */
function expected(text: string, from: number, to: number) {
  const matches = compilePredicate(query(text), now);
  const found = stored.filter((event) => event.timestamp >= from && event.timestamp < to && matches(event));
  const actorOf = ({ fields }: Event) => ACTING.flatMap((field) => textsOf(fields[field])).find((name) => name !== '') ?? '';
  const lower = (name: string) => name.toLowerCase();
  return [...Map.groupBy(found, (event) => lower(actorOf(event)))]
    .map(([name, own]) => ({
      name,
      count: own.length,
      first: Math.min(...own.map(({ timestamp }) => timestamp)),
      last: Math.max(...own.map(({ timestamp }) => timestamp)),
      viewed: own.filter(({ fields }) => fields['event.action'] === 'viewed').length,
    }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

const shape = ({ by }: Touched) =>
  by
    .map(({ name, count, first, last, actions }) => ({
      name: name.toLowerCase(),
      count,
      first,
      last,
      viewed: actions.find(({ action }) => action === 'viewed')?.count ?? 0,
    }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

describe('who touched something', () => {
  it.each([
    ['"prod-db"', NOW - 100 * DAY, NOW],
    ['"prod-db"', NOW - DAY, NOW],
    ['"prod-db" user.name:ana', NOW - 10 * DAY, NOW],
    ['"no such words"', NOW - 100 * DAY, NOW],
  ])('%s', async (text, from, to) => {
    const wanted = expected(text, from, to);
    const found = await whoTouched(store.engine, { query: query(text), from, to, timeoutMs: 15_000 }, now);
    expect(shape(found)).toEqual(wanted);
    expect(found.total).toBe(wanted.reduce((sum, { count }) => sum + count, 0));
    expect(found).toMatchObject({ more: false, searchedFrom: from });
    expect(found.stopped).toBeUndefined();
  });

  it('finds somebody at all', () => {
    expect(expected('"prod-db"', NOW - 100 * DAY, NOW).length).toBeGreaterThan(3);
  });
});
