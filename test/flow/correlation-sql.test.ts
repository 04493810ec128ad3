import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import { groupsFound } from '../../src/detect/correlate/evaluate.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import { type Asked, triggersOf } from '../../src/detect/correlate/sql/triggers.ts';
import type { Correlation, Expression } from '../../src/detect/sigma/correlation.ts';
import { sql } from '../../src/store/sql.ts';
import {
  correlation,
  type Drawn,
  drawn,
  hitsOf,
  numberFor,
  OPS,
  RULES,
  type Shape,
  shapeOf,
  type TimelineEvent,
  TYPES,
  timeline,
  tree,
} from '../support/correlation-timelines.ts';
import { type StoredHit, storeHits } from '../support/hits-table.ts';
import { propertySeed } from '../support/property-seed.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

/** How many timelines are drawn for each line of the table; `npm run test:oracle` draws more, and prints it. */
const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 40);

const BEGIN = Date.UTC(2026, 0, 10);
const LONGEST = 20;

let store: SearchEngine;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(async () => {
  await store.stop();
});

/** One timeline of one correlation. Some of its refs are moments of another correlation. */
interface Round {
  readonly correlation: Correlation;
  readonly hits: readonly Counted[];
  /** Of the range that is asked for beside the whole. */
  readonly from: number;
  readonly to: number;
}

function roundOf(name: string, [a, shape, events, inner, from, length]: Draw): Round {
  const drawnOne = correlation(name, a, shape);
  const refs = drawnOne.refs.map((ref, i) => (inner.includes(i) ? { ...ref, kind: 'correlation' as const } : ref));
  // Each moment is an event of its own.
  const hits = hitsOf(drawnOne, events).map((hit) => ({
    ...hit,
    at: BEGIN + hit.at,
    ...(inner.includes(hit.ref) && { event: -1 - hit.event * 4 - hit.ref }),
  }));
  return { correlation: { ...drawnOne, refs }, hits, from: BEGIN + from, to: BEGIN + from + length };
}

type Draw = [Drawn, Shape, readonly TimelineEvent[], readonly number[], number, number];

const draws = (shapes: fc.Arbitrary<[Drawn, Shape]>): fc.Arbitrary<Draw> =>
  fc
    .tuple(
      shapes,
      timeline,
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([0, 1, 2, 3]) }),
      fc.integer({ min: 0, max: LONGEST }),
      fc.integer({ min: 0, max: 8 }),
    )
    .map(([[a, shape], ...rest]) => [a, shape, ...rest]);

/** Rules lead to a row for each hit; moments may be there twice. Every third event came three days late. */
function rowsOf({ correlation: { id }, hits }: Round): StoredHit[] {
  return hits.flatMap(({ at, ref, event, group, value = '', number = 0 }) => {
    const row = { counter: id, ...groupColumns(group), t: at, ref, textValue: value, numberValue: number };
    if (event >= 0)
      return { ...row, node: 1 + (event % 2), seq: event + 1, receivedAt: BEGIN + (event % 3 === 0 ? 259_200_000 : 0), moment: 0 as const };
    const moment = { ...row, node: 0, seq: 1_000_000 - event, receivedAt: BEGIN, moment: 1 as const };
    return event % 2 === 0 ? [moment, moment] : moment;
  });
}

const HEADS = new Map([
  [1, 1_000],
  [2, 1_000],
]);

interface Span {
  readonly identity: string;
  readonly groupKey: string;
  readonly first: number;
  readonly last: number;
}

/** What `evaluate` finds between two moments. */
function expectedOf({ correlation, hits }: Round, from: number, to: number): Span[] {
  const groups = groupsFound([correlation], new Map([[correlation.id, hits]])).flatMap(({ groups }) => groups);
  return groups.flatMap(({ values, triggers }) => {
    const spans: { first: number; last: number }[] = [];
    for (const { at } of triggers.filter(({ at }) => at >= from && at <= to)) {
      const open = spans.at(-1);
      if (open !== undefined && at - open.last <= correlation.timespanMs) open.last = at;
      else spans.push({ first: at, last: at });
    }
    return spans.map((span) => ({ identity: correlation.id, groupKey: groupColumns(values).groupKey, ...span }));
  });
}

const askedOf = ({ correlation, hits }: Round, from: number, to: number): Asked[] =>
  [...new Set(hits.map(({ group }) => groupColumns(group).groupKey))].map((groupKey) => ({
    correlation,
    identity: correlation.id,
    groupKey,
    from,
    to,
  }));

const inOrder = (spans: readonly Span[]): string[] =>
  spans.map(({ identity, groupKey, first, last }) => `${identity} ${groupKey} ${first - BEGIN} ${last - BEGIN}`).sort();

interface Line {
  timelines: number;
  spans: number;
}

const table = new Map<string, Line>();

async function compare(name: string, shapes: fc.Arbitrary<[Drawn, Shape]>): Promise<void> {
  const rounds = fc.sample(draws(shapes), { numRuns: ROUNDS, seed: propertySeed }).map((each, i) => roundOf(`${name} ${i}`, each));
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  const rows = rounds.flatMap(rowsOf);
  for (const late of [true, false])
    await storeHits(
      store.engine,
      rows.filter(({ receivedAt }) => receivedAt > BEGIN === late),
    );
  const line = table.get(name) ?? { timelines: 0, spans: 0 };
  table.set(name, line);
  line.timelines += rounds.length;
  const ranges = [
    () => ({ from: BEGIN, to: BEGIN + LONGEST }),
    ({ from, to }: Round) => ({ from, to }),
    ({ from }: Round) => ({ from, to: from }),
  ];
  for (const rangeOf of ranges) {
    const asked = rounds.flatMap((round) => askedOf(round, rangeOf(round).from, rangeOf(round).to));
    const expected = inOrder(rounds.flatMap((round) => expectedOf(round, rangeOf(round).from, rangeOf(round).to)));
    const found = inOrder(await triggersOf(store.engine, asked, {}, HEADS));
    if (JSON.stringify(found) !== JSON.stringify(expected)) explain(rounds, found, expected);
    expect(found).toEqual(expected);
    line.spans += found.length;
    // A few alone: each is then a range of its own.
    const few = asked.slice(0, 3);
    const names = new Set(few.map(({ identity, groupKey }) => `${identity} ${groupKey}`));
    const ofFew = expected.filter((each) => [...names].some((of) => each.startsWith(`${of} `)));
    expect(inOrder(await triggersOf(store.engine, few, {}, HEADS))).toEqual(ofFew);
  }
}

/** The first timeline that differs. */
function explain(rounds: readonly Round[], found: readonly string[], expected: readonly string[]): void {
  const [differs = ''] = [...found.filter((each) => !expected.includes(each)), ...expected.filter((each) => !found.includes(each))];
  const round = rounds.find(({ correlation: { id } }) => differs.startsWith(`${id} `));
  console.error(differs, JSON.stringify({ ...round, hits: round?.hits.map((hit) => ({ ...hit, at: hit.at - BEGIN })) }));
}

const fixed = (shape: Shape) => fc.tuple(drawn, fc.constant(shape));

describe('the engine finds what the evaluator finds', () => {
  for (const type of TYPES) {
    for (const op of OPS) {
      it(`${type} ${op}`, async () => {
        const shape = numberFor(type).chain((number) => shapeOf(type, [{ op, number }]));
        await compare(`${type} ${op}`, fc.tuple(drawn, shape));
      });
    }
  }

  it('two bounds', async () => {
    const bounds = [
      { op: 'gt', number: 0 },
      { op: 'lte', number: 2 },
    ] as const;
    await compare(
      'two bounds',
      fc.tuple(
        drawn,
        fc.constantFrom(...TYPES).chain((type) => shapeOf(type, bounds)),
      ),
    );
  });

  for (const type of ['temporal', 'temporal_ordered'] as const) {
    it(`${type} of all`, async () => {
      await compare(`${type} of all`, fixed({ type }));
    });

    it(`${type} with a condition`, async () => {
      const shape = tree.map((expression) => ({ type, expression }));
      await compare(
        `${type} with a condition`,
        fc.tuple(
          drawn.map((each) => ({ ...each, rules: RULES })),
          shape,
        ),
      );
    });

    it(`${type} with an absence`, async () => {
      const ref = (ref: number): Expression => ({ kind: 'ref', ref });
      const expression: Expression = { kind: 'and', children: [ref(0), ref(1), { kind: 'not', child: ref(2) }] };
      await compare(
        `${type} with an absence`,
        fc.tuple(
          drawn.map((each) => ({ ...each, rules: RULES })),
          fc.constant({ type, expression }),
        ),
      );
    });
  }
});

afterAll(() => {
  if (process.env.ORACLE_ROUNDS === undefined) return;
  const lines = [...table].map(([name, { timelines, spans }]) => `| ${name} | ${timelines} | ${spans} | 0 |`);
  process.stdout.write(['| what | timelines | spans of moments | differences |', '|---|--:|--:|--:|', ...lines, ''].join('\n'));
});
