import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import { groupsFound } from '../../src/detect/correlate/evaluate.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import { FEW } from '../../src/detect/correlate/sql/lane.ts';
import { type Asked, triggersOf } from '../../src/detect/correlate/sql/triggers.ts';
import type { Correlation } from '../../src/detect/sigma/correlation.ts';
import { sql } from '../../src/store/sql.ts';
import { correlation, RULES, type Shape, TYPES } from '../support/correlation-timelines.ts';
import { type StoredHit, storeHits } from '../support/hits-table.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

/** Of groups with very many events little is read; here what is on either side of each line where that little begins and ends. */
const BEGIN = Date.UTC(2026, 0, 10);
const T = 100;
const [FROM, TO] = [BEGIN + 1_000, BEGIN + 1_040];
/** What has more rows than this is asked as if it had very many. */
const LARGE = { small: 0, large: 1 };

let store: SearchEngine;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(() => store.stop());
beforeEach(() => store.engine.command(sql`TRUNCATE TABLE earshot.hits`));

type Hit = readonly [at: number, ref: number];

interface Case {
  readonly correlation: Correlation;
  readonly hits: readonly Counted[];
}

const caseOf = (name: string, rules: readonly string[], shape: Shape, hits: readonly Hit[]): Case => ({
  correlation: correlation(name, { timespanMs: T, groupNames: ['user'], rules }, shape),
  hits: hits.map(([at, ref], event) => ({ at, ref, event, group: ['a'], value: `${event}`, number: 2 ** event })),
});

const { groupKey } = groupColumns(['a']);
const rowsOf = ({ correlation: { id }, hits }: Case): StoredHit[] =>
  hits.map(({ at, ref, event, group, value = '', number = 0 }) => ({
    ...{ counter: id, ...groupColumns(group), t: at, ref, textValue: value, numberValue: number },
    ...{ node: 1, seq: event + 1, receivedAt: BEGIN, moment: 0 as const },
  }));

const asked = ({ correlation }: Case): Asked => ({ correlation, identity: correlation.id, groupKey, from: FROM, to: TO });

interface Span {
  readonly first: number;
  readonly last: number;
  readonly value: number;
}

const text = ({ first, last, value }: Span): string => `${first - BEGIN} ${last - BEGIN} ${value}`;

/** First and last moment, with the largest value: all are within a timespan, so in one stretch. */
function expected({ correlation, hits }: Case): string[] {
  const found = groupsFound([correlation], new Map([[correlation.id, hits]])).flatMap(({ groups }) => groups);
  const triggers = found.flatMap((group) => group.triggers).filter(({ at }) => at >= FROM && at <= TO);
  const times = triggers.map(({ at }) => at);
  const value = Math.max(...triggers.map((trigger) => trigger.value));
  return triggers.length === 0 ? [] : [text({ first: Math.min(...times), last: Math.max(...times), value })];
}

/** A few at a time, so that each is read as a range of its own. */
async function compare(cases: readonly Case[]): Promise<void> {
  await storeHits(store.engine, cases.flatMap(rowsOf));
  for (let i = 0; i < cases.length; i += FEW) {
    const some = cases.slice(i, i + FEW);
    const spans = await triggersOf(store.engine, some.map(asked), LARGE, new Map([[1, 1_000]]));
    const told = (each: Case, found: readonly string[]) => [each.correlation.id, each.hits.map(({ at, ref }) => [at - BEGIN, ref]), found];
    expect(some.map((each) => told(each, spans.filter(({ identity }) => identity === each.correlation.id).map(text)))).toEqual(
      some.map((each) => told(each, expected(each))),
    );
  }
}

/** On either side of where the first window begins, of where the last one does, and of where what is asked begins and ends. */
const EDGES = [FROM - T - 1, FROM - T, TO - T - 1, TO - T, TO - T + 1, FROM - 1, FROM, FROM + 1, TO - 1, TO, TO + 1];
/** Two events before the last one, which is at the end. */
const BEFORE = [FROM - T - 1, FROM - T, TO - T - 1, TO - T, FROM - 1, FROM, TO];
const pairs = BEFORE.flatMap((first, i) => BEFORE.slice(i).map((second): [number, number] => [first, second]));

describe('at the edges of what is read of a group with very many events', () => {
  for (const type of TYPES.filter((each) => !each.startsWith('temporal')))
    it(`${type} is what the evaluator says`, async () => {
      const cases = EDGES.flatMap((at) => {
        const hits = [at, at, FROM, TO].map((each): Hit => [each, 0]);
        const all = caseOf('all', ['r0'], { type, bounds: [{ op: 'neq', number: -1 }] }, hits);
        // Each value that a window has, asked for by itself, tells of each moment by itself.
        const triggers = groupsFound([all.correlation], new Map([['all', all.hits]])).flatMap(({ groups }) => groups);
        const values = new Set(triggers.flatMap((group) => group.triggers.map(({ value }) => value)));
        return [...values].map((number) => caseOf(`${at - BEGIN} ${number}`, ['r0'], { type, bounds: [{ op: 'eq', number }] }, hits));
      });
      await compare(cases);
    });

  // With a number one of the rules may be left out.
  for (const [name, second, last, bounds] of [
    ['temporal_ordered', 1, 2, []],
    ['temporal_ordered with a number', 2, 3, [{ op: 'gte', number: 2 }]],
  ] as const)
    it(`${name} is what the evaluator says`, async () => {
      const cases = pairs.flatMap(([a, b], i) => {
        const hits: Hit[] = [
          [a, 0],
          [b, second],
          [TO, last],
        ];
        // Of the first rule one more: just out of the last window, or too late for the second.
        const more: Hit[] = [...(a === TO - T ? [[a - 1, 0] as const] : []), ...(b < FROM - 1 ? [[FROM - 1, 0] as const] : [])];
        const rules = RULES.slice(0, last + 1);
        return [hits, ...more.map((each): Hit[] => [each, ...hits])].map((of, n) =>
          caseOf(`${i} ${n}`, rules, { type: 'temporal_ordered', bounds }, of),
        );
      });
      await compare(cases);
    });
});

it('counts what is in every window up to the head, and nothing that is above it or of a hub whose head is not known', async () => {
  const stays: Hit = [FROM - 10, 0];
  const hits: Hit[] = [[FROM, 0], stays, stays, [TO, 0], stays, stays];
  for (const head of [1, 3, 4, 5, 6]) {
    const below = hits.slice(0, head);
    const each = caseOf(`head ${head}`, ['r0'], { type: 'event_count', bounds: [{ op: 'gte', number: 1 }] }, hits);
    const [row] = rowsOf({ ...each, hits: each.hits.slice(1) });
    const ofAnother = row === undefined ? [] : [{ ...row, node: 2 }];
    await storeHits(store.engine, [...rowsOf(each), ...ofAnother]);
    const found = await triggersOf(store.engine, [asked(each)], LARGE, new Map([[1, head]]));
    expect(found.map(text)).toEqual(expected(caseOf(each.correlation.id, ['r0'], each.correlation, below)));
  }
});
