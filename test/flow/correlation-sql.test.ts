import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import { evaluate, groupsFound } from '../../src/detect/correlate/evaluate.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import { describe as describeEpisodes, type FoundEpisode } from '../../src/detect/correlate/sql/describe.ts';
import { momentSeq } from '../../src/detect/correlate/sql/moments.ts';
import { type Asked, triggersOf } from '../../src/detect/correlate/sql/triggers.ts';
import { alternativesOf } from '../../src/detect/correlate/temporal.ts';
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
const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 25);
vi.setConfig({ testTimeout: 120_000 + ROUNDS * 2_000 });

const BEGIN = Date.UTC(2026, 0, 10);
const LONGEST = 20;
const LARGE = 400;

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

function roundOf(name: string, [a, shape, events, inner, from, length]: Draw, number: number): Round {
  const drawnOne = correlation(name, a, shape);
  const refs = drawnOne.refs.map((ref, i) => (inner.includes(i) ? { ...ref, kind: 'correlation' as const } : ref));
  // Each moment is an event of its own.
  const hits = hitsOf(drawnOne, events).map((hit) => ({
    ...hit,
    at: BEGIN + hit.at,
    event: hit.event + number * 1_000,
    ...(inner.includes(hit.ref) && { event: -1 - (hit.event + number * 1_000) * 4 - hit.ref }),
  }));
  return { correlation: { ...drawnOne, refs }, hits, from: BEGIN + from, to: BEGIN + from + length };
}

type Draw = [Drawn, Shape, readonly TimelineEvent[], readonly number[], number, number];

const draws = (shapes: fc.Arbitrary<[Drawn, Shape]>, events: typeof timeline, latest: number): fc.Arbitrary<Draw> =>
  fc
    .tuple(
      shapes,
      events,
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([0, 1, 2, 3]) }),
      fc.integer({ min: 0, max: latest }),
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

const ABOVE = 1_000_000;
const HEADS = new Map([
  [1, ABOVE],
  [2, ABOVE],
]);

interface Span {
  readonly identity: string;
  readonly groupKey: string;
  readonly first: number;
  readonly last: number;
  readonly value: number;
}

/** What `evaluate` finds between two moments. */
function expectedOf({ correlation, hits }: Round, from: number, to: number): Span[] {
  const groups = groupsFound([correlation], new Map([[correlation.id, hits]])).flatMap(({ groups }) => groups);
  return groups.flatMap(({ values, triggers }) =>
    spansOf(
      correlation,
      values,
      triggers.filter(({ at }) => at >= from && at <= to),
    ),
  );
}

function spansOf(
  { id, timespanMs }: Correlation,
  values: readonly string[],
  triggers: readonly { readonly at: number; readonly value: number }[],
): Span[] {
  const spans: { first: number; last: number; value: number }[] = [];
  for (const { at, value } of triggers) {
    const open = spans.at(-1);
    if (open !== undefined && at - open.last <= timespanMs) {
      open.last = at;
      open.value = Math.max(open.value, value);
    } else spans.push({ first: at, last: at, value });
  }
  return spans.map((span) => ({ identity: id, groupKey: groupColumns(values).groupKey, ...span }));
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
  spans.map(({ identity, groupKey, first, last, value }) => `${identity} ${groupKey} ${first - BEGIN} ${last - BEGIN} ${value}`).sort();

interface Line {
  timelines: number;
  spans: number;
  episodes: number;
}

const table = new Map<string, Line>();

interface Size {
  readonly events: typeof timeline;
  readonly latest: number;
  readonly rounds: number;
  /** Asked as if these were very many rows. */
  readonly large?: number;
}

const SMALL: Size = { events: timeline, latest: LONGEST, rounds: ROUNDS };

async function compare(
  name: string,
  shapes: fc.Arbitrary<[Drawn, Shape]>,
  { events, latest, rounds: numRuns, large }: Size = SMALL,
): Promise<void> {
  const rounds = fc
    .sample(draws(shapes, events, latest), { numRuns, seed: propertySeed })
    .map((each, i) => roundOf(`${name} ${i}`, each, i));
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  const rows = rounds.flatMap(rowsOf);
  // What is above the heads is there twice, and not to be counted.
  rows.push(...rows.flatMap((row) => (row.moment === 0 ? { ...row, seq: row.seq + ABOVE } : [])));
  for (const late of [true, false])
    await storeHits(
      store.engine,
      rows.filter(({ receivedAt }) => receivedAt > BEGIN === late),
    );
  const line = table.get(name) ?? { timelines: 0, spans: 0, episodes: 0 };
  table.set(name, line);
  line.timelines += rounds.length;
  const ranges = [
    () => ({ from: BEGIN, to: BEGIN + latest }),
    ({ from, to }: Round) => ({ from, to }),
    ({ from }: Round) => ({ from, to: from }),
  ];
  for (const rangeOf of ranges) {
    const asked = rounds.flatMap((round) => askedOf(round, rangeOf(round).from, rangeOf(round).to));
    const expected = inOrder(rounds.flatMap((round) => expectedOf(round, rangeOf(round).from, rangeOf(round).to)));
    const found = inOrder(await triggersOf(store.engine, asked, { small: 0 }, HEADS));
    expect(inOrder(await triggersOf(store.engine, asked, {}, HEADS))).toEqual(expected);
    // What has more than so many rows is remembered by the first, and asked in another way by the second.
    if (large !== undefined)
      for (let i = 0; i < 2; i++) expect(inOrder(await triggersOf(store.engine, asked, { small: 0, large }, HEADS))).toEqual(expected);
    if (JSON.stringify(found) !== JSON.stringify(expected)) explain(rounds, found, expected);
    expect(found).toEqual(expected);
    line.spans += found.length;
    if (rangeOf === ranges[0]) {
      const whole = rounds.filter(({ correlation }) => correlation.refs.every(({ kind }) => kind === 'rule'));
      const spans = whole.flatMap((round) => expectedOf(round, BEGIN, BEGIN + latest));
      const hits = new Map(whole.map((round) => [round.correlation.id, round.hits]));
      line.episodes += await compareEpisodes(
        whole.map(({ correlation }) => correlation),
        hits,
        spans,
      );
    }
    // A few alone: each is then a range of its own.
    const few = asked.slice(0, 3);
    const names = new Set(few.map(({ identity, groupKey }) => `${identity} ${groupKey}`));
    const ofFew = expected.filter((each) => [...names].some((of) => each.startsWith(`${of} `)));
    expect(inOrder(await triggersOf(store.engine, few, { small: 0 }, HEADS))).toEqual(ofFew);
  }
}

/** Episodes with all that is said of them. */
async function compareEpisodes(
  correlations: readonly Correlation[],
  hits: ReadonlyMap<string, readonly Counted[]>,
  spans: readonly Span[],
): Promise<number> {
  const inner = new Map(correlations.map((correlation) => [correlation.id, { correlation, identity: correlation.id }]));
  const episodes = spans.flatMap((span): FoundEpisode[] => {
    const correlation = inner.get(span.identity)?.correlation;
    const { identity, groupKey, first, last } = span;
    return correlation === undefined ? [] : [{ correlation, identity, groupKey, first, last }];
  });
  const times = new Map<number, number>();
  for (const of of hits.values()) for (const { event, at } of of) times.set(event, at);
  const expected = evaluate(correlations, hits).map(({ correlation, group, first, last, events }) => {
    const places = events.map((event) => ({ at: times.get(event) ?? 0, node: 1 + (event % 2), seq: event + 1 }));
    const ids = places.sort((a, b) => a.at - b.at || a.node - b.node || a.seq - b.seq).map(({ node, seq }) => `${node}-${seq}`);
    const { groupKey } = groupColumns(group);
    return JSON.stringify([correlation.id, groupKey, first, last, events.length, [...new Set([...ids.slice(0, 10), ...ids.slice(-10)])]]);
  });
  const described = await describeEpisodes(store.engine, episodes, { inner }, HEADS);
  expect(described.map(({ legs, value }, i) => ({ legs: ofRules(episodes[i], legs), value }))).toEqual(
    legsAndValues(correlations, hits, episodes),
  );
  const found = described.map((each, i) => {
    const groupKey = groupColumns(Object.values(each.group)).groupKey;
    expect(groupKey).toBe(episodes[i]?.groupKey);
    return JSON.stringify([episodes[i]?.identity, groupKey, each.firstAt, each.lastAt, each.count, each.eventIds]);
  });
  expect(found.sort()).toEqual(expected.sort());
  return found.length;
}

/** Those of inner correlations are how often these held, which no hit says. */
const ofRules = (episode: FoundEpisode | undefined, legs: readonly number[]): number[] =>
  legs.filter((_, ref) => episode?.correlation.refs[ref]?.kind === 'rule');

/** For each episode how many hits of each rule are in its windows, and the largest value of those that hold. */
function legsAndValues(
  correlations: readonly Correlation[],
  hits: ReadonlyMap<string, readonly Counted[]>,
  episodes: readonly FoundEpisode[],
) {
  const evaluated = groupsFound(correlations, hits);
  return episodes.map((episode) => {
    const { correlation, groupKey, first, last } = episode;
    const isOwn = ({ group }: Counted) => groupColumns(group).groupKey === groupKey;
    const rows = (hits.get(correlation.id) ?? []).filter((hit) => isOwn(hit) && hit.at >= first - correlation.timespanMs && hit.at <= last);
    const groups = evaluated.find((each) => each.correlation.id === correlation.id)?.groups ?? [];
    const triggers = groups.find(({ values }) => groupColumns(values).groupKey === groupKey)?.triggers ?? [];
    const values = triggers.filter(({ at }) => at >= first && at <= last).map(({ value }) => value);
    const isTimed = correlation.bounds.length === 0;
    const parts = new Set(isTimed ? alternativesOf(correlation).flatMap(({ present }) => present) : correlation.refs.keys());
    const legs = correlation.refs.map((_, ref) => (parts.has(ref) ? rows.filter((hit) => hit.ref === ref).length : 0));
    return { legs: ofRules(episode, legs), value: isTimed ? undefined : Math.max(...values) };
  });
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

/** Long windows and short ranges, as a group with very many events is asked: most of a window is the same for all moments. */
const largeTimeline = fc.array(
  fc.record<TimelineEvent>({
    at: fc.integer({ min: 0, max: LARGE }),
    rules: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...RULES).map((rule) => [rule]) },
      { weight: 1, arbitrary: fc.subarray(RULES, { minLength: 1 }) },
    ),
    user: fc.constant('a'),
    host: fc.integer({ min: 0, max: 90 }).map(String),
    number: fc.integer({ min: -400, max: 400 }).map((quarters) => quarters / 4),
  }),
  { minLength: 500, maxLength: 700 },
);

describe('large groups', () => {
  for (const type of TYPES) {
    it(`${type} in a large group`, async () => {
      const isValue = type.startsWith('value_') && type !== 'value_count';
      const most = type === 'event_count' ? 250 : type === 'value_count' ? 88 : 4;
      // Around what such windows come to, so that some hold and some do not.
      const number = isValue ? fc.integer({ min: -20, max: 20 }).map((n) => n / 8) : fc.integer({ min: most >> 1, max: most });
      const shape = fc.constantFrom(...OPS).chain((op) => number.chain((n) => shapeOf(type, [{ op, number: n }])));
      const one = drawn.map((each) => ({ ...each, groupNames: ['user'], timespanMs: 100 + each.timespanMs * 20 }));
      await compare(`${type} in a large group`, fc.tuple(one, shape), {
        events: largeTimeline,
        latest: LARGE,
        rounds: Math.ceil(ROUNDS / 4),
        large: 300,
      });
    });
  }
});

describe('chains of correlations', () => {
  it('are described by the events behind their moments', async () => {
    const shape = fc.constantFrom(...TYPES).chain((type) => {
      const all = type === 'temporal' || type === 'temporal_ordered' ? fc.constantFrom([], [{ op: 'gte' as const, number: 1 }]) : undefined;
      return (all ?? numberFor(type).map((number) => [{ op: 'gte' as const, number }])).chain((bounds) => shapeOf(type, bounds));
    });
    const link = fc.tuple(drawn, shape, fc.boolean());
    const chains = fc.sample(fc.tuple(link, link, link, timeline), { numRuns: ROUNDS, seed: propertySeed });
    const name = 'chains of correlations';
    const correlations: Correlation[] = [];
    const hits = new Map<string, readonly Counted[]>();
    chains.forEach(([one, two, three, events], i) => {
      const inner = correlation(`inner ${i}`, one[0], one[1]);
      const middle = correlation(`middle ${i}`, two[0], two[1], { id: inner.id, first: two[2] });
      const outer = correlation(`outer ${i}`, three[0], three[1], { id: middle.id, first: three[2] });
      for (const each of [inner, middle, outer]) {
        correlations.push(each);
        hits.set(
          each.id,
          hitsOf(each, events).map((hit) => ({ ...hit, at: BEGIN + hit.at, event: hit.event + i * 100 })),
        );
      }
    });
    const found = groupsFound(correlations, hits);
    const rows = correlations.flatMap((each) => rowsOf({ correlation: each, hits: hits.get(each.id) ?? [], from: 0, to: 0 }));
    await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
    await storeHits(store.engine, [...rows, ...found.flatMap(momentRows)]);
    const spans = found.flatMap(({ correlation, groups }) =>
      groups.flatMap(({ values, triggers }) => spansOf(correlation, values, triggers)),
    );
    const all = found.flatMap(({ correlation, groups }) =>
      groups.map(({ values }) => ({
        correlation,
        identity: correlation.id,
        groupKey: groupColumns(values).groupKey,
        from: BEGIN,
        to: BEGIN + LONGEST,
      })),
    );
    expect(inOrder(await triggersOf(store.engine, all, {}, HEADS))).toEqual(inOrder(spans));
    const episodes = await compareEpisodes(correlations, hits, spans);
    table.set(name, { timelines: ROUNDS, spans: spans.length, episodes });
  });
});

/** The rows of the moments that a correlation counts, as they are written when the inner one is found. */
function momentRows({ correlation, groups }: ReturnType<typeof groupsFound>[number]): StoredHit[] {
  return groups.flatMap(({ hits }) =>
    hits.flatMap(({ at, ref, group, value = '', number = 0, behind }) => {
      const inner = behind?.hits[0]?.group;
      const id = correlation.refs[ref]?.id;
      if (inner === undefined || id === undefined) return [];
      const seq = momentSeq(id, groupColumns(inner).groupKey, at);
      const row = { counter: correlation.id, ...groupColumns(group), t: at, ref, textValue: value, numberValue: number };
      return { ...row, node: 0, seq, receivedAt: BEGIN, moment: 1 as const };
    }),
  );
}

afterAll(() => {
  if (process.env.ORACLE_ROUNDS === undefined) return;
  const lines = [...table].map(([name, { timelines, spans, episodes }]) => `| ${name} | ${timelines} | ${spans} | ${episodes} | 0 |`);
  process.stdout.write(
    ['| what | timelines | stretches of moments | episodes | differences |', '|---|--:|--:|--:|--:|', ...lines, ''].join('\n'),
  );
});
