import { describe, expect, it } from 'vitest';
import { readRules } from '../sigma/load.ts';
import type { Counted } from './counted.ts';
import { evaluate } from './evaluate.ts';

const id = (n: number) => `5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e1${n}`;
const rule = (n: number) =>
  `title: R${n}\nid: ${id(n)}\nname: r${n}\nlogsource: { product: linux }\ndetection: { s: { f: ${n} }, condition: s }\n---\n`;

/** `hits`: ref and minute of each event. */
function episodes(correlation: string, hits: readonly (readonly [ref: number, minute: number, more?: Partial<Counted>])[]) {
  const text = `${[1, 2, 3].map(rule).join('')}title: C\nid: ${id(9)}\ncorrelation: ${correlation}\n`;
  const { correlations, rejected } = readRules('a.yml', text);
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  const counted = hits.map(([ref, minute, more], event): Counted => ({ at: minute * 60_000, ref, event, group: [], ...more }));
  return evaluate(correlations, new Map([[id(9), counted]])).map(({ events }) => events);
}

describe('windows', () => {
  const three = '{ type: event_count, rules: [r1, r2], timespan: 10m, condition: { gte: 3 } }';

  it('slide, and take both their ends', () => {
    expect(
      episodes(three, [
        [0, 0],
        [0, 5],
        [0, 10],
      ]),
    ).toEqual([[0, 1, 2]]);
    expect(
      episodes(three, [
        [0, 0],
        [0, 5],
        [0, 10.001],
      ]),
    ).toEqual([]);
  });

  it('are one episode while they hold no further apart than the timespan', () => {
    const burst = (minute: number) =>
      [
        [0, minute],
        [0, minute],
        [0, minute],
      ] as const;
    expect(episodes(three, [...burst(0), ...burst(10)])).toEqual([[0, 1, 2, 3, 4, 5]]);
    expect(episodes(three, [...burst(0), ...burst(11)])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it('count an event once that two rules hit', () => {
    expect(
      episodes(three, [
        [0, 0, { event: 1 }],
        [1, 0, { event: 1 }],
        [0, 1, { event: 2 }],
      ]),
    ).toEqual([]);
  });

  it('are separate for each group, told apart without regard to case', () => {
    const of = (name: string) => ({ group: [name] });
    expect(
      episodes(three, [
        [0, 0, of('a')],
        [0, 1, of('A')],
        [0, 2, of('b')],
        [0, 3, of('a')],
      ]),
    ).toEqual([[0, 1, 3]]);
  });

  it('forget a number that leaves, however large', () => {
    const sum = '{ type: value_sum, rules: [r1], timespan: 10m, condition: { eq: 3, field: v } }';
    expect(
      episodes(sum, [
        [0, 0, { number: 1e30 }],
        [0, 11, { number: 1 }],
        [0, 12, { number: 2 }],
      ]),
    ).toEqual([[1, 2]]);
  });
});

describe('what must be absent', () => {
  const condition = (type: string, text: string) => `{ type: ${type}, rules: [r1, r2, r3], timespan: 10m, condition: ${text} }`;
  const absent = (type: string, minutes: readonly (readonly [number, number])[]) =>
    episodes(condition(type, 'r1 and r2 and not r3'), minutes);

  it('is in no window with the rest, before it or after', () => {
    expect(
      absent('temporal', [
        [0, 20],
        [1, 25],
      ]),
    ).toEqual([[0, 1]]);
    for (const minute of [15, 22, 30])
      expect(
        absent('temporal', [
          [0, 20],
          [1, 25],
          [2, minute],
        ]),
      ).toEqual([]);
    for (const minute of [14.9, 30.1])
      expect(
        absent('temporal', [
          [0, 20],
          [1, 25],
          [2, minute],
        ]),
      ).toEqual([[0, 1]]);
  });

  it('with an order does not follow the first part', () => {
    expect(
      absent('temporal_ordered', [
        [0, 20],
        [1, 25],
        [2, 20],
      ]),
    ).toEqual([[0, 1]]);
    expect(
      absent('temporal_ordered', [
        [0, 20],
        [1, 25],
        [2, 30],
      ]),
    ).toEqual([]);
    expect(
      absent('temporal_ordered', [
        [1, 20],
        [0, 25],
      ]),
    ).toEqual([]);
  });
});

it('is quick with all events in one window', () => {
  const many = (count: number): [number, number, Partial<Counted>][] =>
    Array.from({ length: count }, (_, i) => [i % 2, i / 1e6, { value: `${i % 5000}`, number: (i * 7919) % 1000 }]);
  const took = (correlation: string, count: number): number => {
    const hits = many(count);
    const start = performance.now();
    expect(episodes(correlation, hits)).toHaveLength(1);
    return performance.now() - start;
  };
  for (const type of ['event_count', 'value_count', 'value_sum', 'value_percentile', 'temporal', 'temporal_ordered']) {
    const field = type.startsWith('value_') ? ', field: v' : '';
    // Quadratic would be 400 million steps and more.
    expect(took(`{ type: ${type}, rules: [r1, r2], timespan: 10m, condition: { gte: 1${field} } }`, 20_000), type).toBeLessThan(1500);
  }
});
