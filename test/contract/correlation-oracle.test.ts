import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/detect/correlate/evaluate.ts';
import type { Correlation, Expression } from '../../src/detect/sigma/correlation.ts';
import { fold } from '../../src/detect/sigma/fold.ts';
import { oracle } from '../support/correlation-oracle.ts';
import {
  correlation,
  drawn,
  hitsOf,
  numberFor,
  OPS,
  RULES,
  shapeOf,
  type TimelineEvent,
  TYPES,
  timeline,
  tree,
} from '../support/correlation-timelines.ts';

/** How many timelines are drawn for each line of the table; `npm run test:oracle` draws more, and prints it. */
const ROUNDS = Number(process.env.ORACLE_ROUNDS ?? 60);

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
