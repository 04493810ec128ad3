import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import { evaluate } from '../../src/detect/correlate/evaluate.ts';
import type { Bound, Correlation, CorrelationType, Expression } from '../../src/detect/sigma/correlation.ts';
import { fold } from '../../src/detect/sigma/fold.ts';
import { oracle } from '../support/correlation-oracle.ts';

/** How many timelines are drawn for each line of the table; `npm run test:oracle` draws more, and prints it. */
const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 60);

const RULES = ['r0', 'r1', 'r2', 'r3'];

interface TimelineEvent {
  readonly at: number;
  readonly rules: readonly string[];
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly number: number;
}

/** Few times, so that many are equal; spellings that fold together; quarters, which add up without an error. */
const timeline = fc.array(
  fc.record<TimelineEvent>({
    at: fc.integer({ min: 0, max: 20 }),
    rules: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...RULES).map((rule) => [rule]) },
      { weight: 1, arbitrary: fc.subarray(RULES, { minLength: 1 }) },
    ),
    user: fc.constantFrom('a', 'A', 'b', '7', undefined),
    host: fc.constantFrom('x', 'X', 'y', '-2.5'),
    number: fc.integer({ min: -12, max: 12 }).map((quarters) => quarters / 4),
  }),
  { maxLength: 22 },
);

const timespanMs = fc.integer({ min: 0, max: 6 });
const groupNames = fc.constantFrom<string[]>([], ['user'], ['user', 'host'], ['host']);
const refs = fc.shuffledSubarray(RULES, { minLength: 1, maxLength: 4 });

type Shape = Partial<Pick<Correlation, 'bounds' | 'expression' | 'percentile'>> & Pick<Correlation, 'type'>;

interface Drawn {
  readonly timespanMs: number;
  readonly groupNames: readonly string[];
  readonly rules: readonly string[];
}

/** `inner`: a correlation that it counts too, after the rules or before them. */
function correlation(
  id: string,
  { timespanMs, groupNames, rules }: Drawn,
  shape: Shape,
  inner?: { id: string; first: boolean },
): Correlation {
  const ofRules = rules.map((rule) => ({ id: rule, kind: 'rule' as const }));
  const of = inner === undefined ? [] : [{ id: inner.id, kind: 'correlation' as const }];
  const refs = inner?.first ? [...of, ...ofRules] : [...ofRules, ...of];
  const info = { version: '1', name: id, title: id, level: 'high', description: '', tags: [], falsepositives: [], nextSteps: [] } as const;
  return {
    ...info,
    id,
    file: 'a.yml',
    line: 1,
    status: undefined,
    author: undefined,
    groupBy: groupNames,
    refs,
    timespanMs,
    groupNames,
    groupPaths: refs.map(() => groupNames.map((name) => [name])),
    fieldPaths: refs.map(() => (shape.type.startsWith('value_') ? [['host']] : [])),
    bounds: [],
    percentile: 50,
    expression: undefined,
    generate: false,
    ...shape,
  };
}

function hitsOf(correlation: Correlation, events: readonly TimelineEvent[]): Counted[] {
  return events.flatMap((event, i) => {
    const group = correlation.groupNames.map((name) => (name === 'user' ? event.user : event.host));
    if (!group.every((value) => value !== undefined)) return [];
    const value = fold(event.host ?? '');
    return correlation.refs.flatMap(({ id, kind }, ref) =>
      // Another rule may read another field: the first one's number is that of the event.
      kind === 'rule' && event.rules.includes(id) ? { at: event.at, ref, event: i, group, value, number: event.number + ref } : [],
    );
  });
}

interface Line {
  timelines: number;
  withEpisodes: number;
  episodes: number;
}

const table = new Map<string, Line>();

/** Both find the same episodes, each with the same events. */
function compare(name: string, correlations: readonly Correlation[], events: readonly TimelineEvent[]): void {
  const hits = new Map(correlations.map((each) => [each.id, hitsOf(each, events)]));
  const found = evaluate(correlations, hits).map(({ correlation, group, first, last, events: of }) =>
    JSON.stringify({ correlation: correlation.id, group: JSON.stringify(group.map(fold)), first, last, events: of }),
  );
  const expected = oracle(correlations, hits).map(({ correlation, group, first, last, events: of }) =>
    JSON.stringify({ correlation, group, first, last, events: of }),
  );
  expect(found.sort()).toEqual(expected.sort());
  const line = table.get(name) ?? { timelines: 0, withEpisodes: 0, episodes: 0 };
  table.set(name, line);
  line.timelines++;
  if (found.length > 0) line.withEpisodes++;
  line.episodes += found.length;
}

const drawn = fc.record<Drawn>({ timespanMs, groupNames, rules: refs });

const shapeOf = (type: CorrelationType, bounds: readonly Bound[]): fc.Arbitrary<Shape> =>
  type === 'value_percentile'
    ? fc.integer({ min: 0, max: 100 }).map((percentile) => ({ type, bounds, percentile }))
    : fc.constant({ type, bounds });

const OPS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
const TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
] as const;

/** Around what a window of a few events comes to. */
const numberFor = (type: CorrelationType) =>
  type.startsWith('value_') && type !== 'value_count'
    ? fc.integer({ min: -8, max: 16 }).map((quarters) => quarters / 4)
    : fc.integer({ min: 0, max: 4 });

const { tree } = fc.letrec<{ tree: Expression; ref: Expression; not: Expression; many: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 2, arbitrary: tie('ref') },
    { weight: 1, arbitrary: tie('not') },
    { weight: 3, arbitrary: tie('many') },
  ),
  ref: fc.record({ kind: fc.constant('ref' as const), ref: fc.integer({ min: 0, max: 3 }) }),
  not: fc.record({ kind: fc.constant('not' as const), child: tie('tree') }),
  many: fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  }),
}));

const check = <T>(arbitrary: fc.Arbitrary<T>, property: (drawn: T) => void): void =>
  fc.assert(fc.property(arbitrary, property), { numRuns: ROUNDS });

describe('the evaluator finds what the oracle finds', () => {
  for (const type of TYPES) {
    for (const op of OPS) {
      it(`${type} ${op}`, () => {
        const shape = numberFor(type).chain((number) => shapeOf(type, [{ op, number }]));
        check(fc.tuple(drawn, shape, timeline), ([a, b, events]) => compare(`${type} ${op}`, [correlation('c', a, b)], events));
      });
    }
  }

  it('two bounds', () => {
    const shape = fc.constantFrom(...TYPES).chain((type) =>
      shapeOf(type, [
        { op: 'gt', number: 0 },
        { op: 'lte', number: 2 },
      ]),
    );
    check(fc.tuple(drawn, shape, timeline), ([a, b, events]) => compare('two bounds', [correlation('c', a, b)], events));
  });

  for (const type of ['temporal', 'temporal_ordered'] as const) {
    it(`${type} of all`, () => {
      check(fc.tuple(drawn, timeline), ([a, events]) => compare(`${type} of all`, [correlation('c', a, { type })], events));
    });

    it(`${type} with a condition`, () => {
      check(fc.tuple(drawn, tree, timeline), ([a, expression, events]) =>
        compare(`${type} with a condition`, [correlation('c', { ...a, rules: RULES }, { type, expression })], events),
      );
    });

    it(`${type} with an absence`, () => {
      const ref = (ref: number): Expression => ({ kind: 'ref', ref });
      const expression: Expression = { kind: 'and', children: [ref(0), ref(1), { kind: 'not', child: ref(2) }] };
      check(fc.tuple(drawn, timeline), ([a, events]) =>
        compare(`${type} with an absence`, [correlation('c', { ...a, rules: RULES }, { type, expression })], events),
      );
    });
  }

  it('chains of correlations', () => {
    const shape = fc.constantFrom(...TYPES).chain((type) => {
      const all = type === 'temporal' || type === 'temporal_ordered' ? fc.constantFrom([], [{ op: 'gte' as const, number: 1 }]) : undefined;
      return (all ?? numberFor(type).map((number) => [{ op: 'gte' as const, number }])).chain((bounds) => shapeOf(type, bounds));
    });
    const link = fc.tuple(drawn, shape, fc.boolean());
    check(fc.tuple(link, link, link, timeline), ([one, two, three, events]) => {
      const inner = correlation('c1', one[0], one[1]);
      const middle = correlation('c2', two[0], two[1], { id: 'c1', first: two[2] });
      const outer = correlation('c3', three[0], three[1], { id: 'c2', first: three[2] });
      compare('chains of correlations', [inner, middle, outer], events);
    });
  });
});

afterAll(() => {
  if (process.env.ORACLE_ROUNDS === undefined) return;
  const lines = [...table].map(
    ([name, { timelines, withEpisodes, episodes }]) => `| ${name} | ${timelines} | ${withEpisodes} | ${episodes} | 0 |`,
  );
  process.stdout.write(['| what | timelines | with episodes | episodes | differences |', '|---|---|---|---|---|', ...lines, ''].join('\n'));
});
