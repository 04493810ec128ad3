import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/event.ts';
import { conditionOf } from '../../src/store/search/candidate.ts';
import { QUERY_SETTINGS } from '../../src/store/search/compile-sql.ts';
import type { QueryNode } from '../../src/store/search/node.ts';
import { compilePredicate } from '../../src/store/search/predicate.ts';
import { printQuery } from '../../src/store/search/print.ts';
import { eventsWhere } from '../../src/store/search/reading.ts';
import { sql } from '../../src/store/sql.ts';
import { propertySeed } from '../support/property-seed.ts';
import { events, NOW, queries } from '../support/search-arbitraries.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const EVENTS = 400;
const ROUNDS = Number(process.env.SEARCH_ROUNDS ?? 3);
const QUERIES = Number(process.env.SEARCH_QUERIES ?? 400);
const BOUNDS = { timeoutMs: 20_000, maxMemoryBytes: 300_000_000, maxRows: EVENTS };

let store: SearchEngine;

beforeAll(async () => {
  store = await startSearchEngine();
});

afterAll(async () => {
  await store.stop();
});

const fromEngine = async (tree: QueryNode): Promise<number[]> => {
  const found = eventsWhere(conditionOf(tree, NOW), (from) => sql`SELECT seq FROM ${from}`);
  const statement = sql`SELECT seq FROM ${found} ORDER BY seq SETTINGS ${QUERY_SETTINGS}`;
  const rows = await store.engine.query<{ seq: string }>(statement, BOUNDS);
  return rows.map(({ seq }) => Number(seq));
};

describe('the two back ends of search', () => {
  it('give the same events', async () => {
    let found = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = propertySeed + round;
      const [stored = []] = fc.sample(events(EVENTS), { numRuns: 1, seed });
      await store.fill(stored);
      await fc.assert(
        fc.asyncProperty(queries, async (tree) => {
          const expected = stored.filter(compilePredicate(tree, () => NOW)).map(({ seq }) => seq);
          const actual = await fromEngine(tree);
          if (expected.length > 0 && expected.length < EVENTS) found += 1;
          if (`${actual}` !== `${expected}`) explain(seed, tree, stored, expected, actual);
        }),
        { numRuns: QUERIES, seed },
      );
    }
    // A test of queries that find nothing would prove nothing.
    expect(found).toBeGreaterThan((ROUNDS * QUERIES) / 4);
  }, 3_600_000);
});

function explain(seed: number, tree: QueryNode, stored: readonly Event[], expected: readonly number[], actual: readonly number[]): never {
  const differ = stored.filter(({ seq }) => expected.includes(seq) !== actual.includes(seq)).slice(0, 2);
  const shown = differ.map((event) => ({ ...event, raw: event.raw.toString('latin1'), engineSays: actual.includes(event.seq) }));
  throw new Error(`PROPERTY_SEED=${seed}: ${JSON.stringify(printQuery(tree))} differs on ${JSON.stringify(shown)}`);
}
