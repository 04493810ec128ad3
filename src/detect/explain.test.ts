import { describe, expect, it } from 'vitest';
import { judged, ruleOf } from '../../test/support/sigma-rule.ts';
import type { Fields } from '../model/event.ts';
import type { ExplainedLeaf } from '../model/explanation.ts';
import { explainWhy } from './explain.ts';
import { compileRules } from './stream/rule-set.ts';

const why = (detection: string, fields: Fields, text = '') => explainWhy(ruleOf(detection), judged(fields, { text }));
const leaf = (item: string, fields: Fields, text = ''): ExplainedLeaf | undefined =>
  why(`s:\n  ${item}\ncondition: s`, fields, text).because[0];

describe('why a leaf is false', () => {
  it.each<[string, Fields, Partial<ExplainedLeaf>]>([
    ['f: x', {}, { found: 'missing', field: 'f' }],
    ['f: x', { f: null }, { found: 'null', value: 'null' }],
    ['f: x', { f: [null] }, { found: 'null', value: '[null]' }],
    ['f: x', { f: [] }, { found: 'empty', value: '[]' }],
    ['f: x', { f: 'y' }, { found: 'other_value', value: 'y' }],
    ['f: x', { f: '' }, { found: 'other_value', value: '' }],
    ['f: x', { f: ['y', null] }, { found: 'other_value', value: '["y",null]' }],
    ['f: x', { 'f.g': 'y' }, { found: 'wrong_kind' }],
    ['f|cased: Xy', { f: 'xY' }, { found: 'other_case', value: 'xY' }],
    ['f|cased: Xy', { f: 'z' }, { found: 'other_value', value: 'z' }],
    ["f|re: '^x$'", { f: 'xx' }, { found: 'other_value', value: 'xx' }],
    ['f|gte: 5', { f: '4' }, { found: 'other_value', value: '4' }],
    ['f|gte: 5', { f: 'many' }, { found: 'wrong_kind', value: 'many' }],
    ['f|cidr: 192.0.2.0/24', { f: '198.51.100.1' }, { found: 'other_value', value: '198.51.100.1' }],
    ['f|cidr: 192.0.2.0/24', { f: 'localhost' }, { found: 'wrong_kind', value: 'localhost' }],
    ["'@timestamp|hour': 5", {}, { found: 'other_value', value: '2026-11-20T03:04:05.000Z' }],
    ['f|hour: 5', { f: 'noon' }, { found: 'wrong_kind' }],
    ['f|exists: true', {}, { found: 'missing' }],
    ['f|exists: false', { f: 'y' }, { found: 'present', value: 'y' }],
    ['f: null', { f: 'y' }, { found: 'present', value: 'y' }],
    ['f|fieldref: g', { f: 'y', g: 'z' }, { found: 'other_value', value: 'y' }],
    ["'|all': [evil]", { f: 'good' }, { found: 'nowhere', field: 'keyword' }],
  ])('%s of %j', (item, fields, expected) => {
    expect(leaf(item, fields)).toMatchObject({ truth: false, ...expected });
  });

  it('shows a long value in part', () => {
    expect(leaf('f: x', { f: 'y'.repeat(10_000) })?.value).toHaveLength(256);
  });
});

describe('why a rule fires, or not', () => {
  const RULE = 'a:\n  f: [x, y]\n  g|contains: z\nb:\n  h: w\ncondition: a and not b';
  const labels = (fields: Fields) => why(RULE, fields).because.map(({ label }) => label);

  it('names what was in the way', () => {
    expect(labels({ f: 'x', g: 'none' })).toEqual(['a: g|contains: z']);
    expect(labels({ f: 'q', g: 'zz' })).toEqual(['a: f: x', 'a: f: y']);
    expect(labels({ f: 'x', g: 'zz', h: 'w' })).toEqual(['b: h: w']);
  });

  it('says of what a filter took out that it is there', () => {
    const { fires, because } = why(RULE, { f: 'x', g: 'zz', h: 'W' });
    expect(fires).toBe(false);
    expect(because).toEqual([{ kind: 'leaf', truth: true, label: 'b: h: w', field: 'h', value: 'W' }]);
  });

  it('names what made it fire', () => {
    const { fires, because } = why(RULE, { f: 'X', g: 'zz' });
    expect(fires).toBe(true);
    expect(because).toMatchObject([
      { truth: true, label: 'a: f: x', value: 'X' },
      { truth: true, label: 'a: g|contains: z', value: 'zz' },
      { truth: false, label: 'b: h: w', found: 'missing' },
    ]);
  });

  it('has the truth of each node', () => {
    expect(why(RULE, { f: 'y', g: 'zz' }).tree).toMatchObject({
      kind: 'and',
      truth: true,
      children: [
        { kind: 'or', truth: true, children: [{ truth: false }, { truth: true }] },
        { kind: 'leaf', truth: true },
        { kind: 'not', truth: true, children: [{ kind: 'leaf', truth: false }] },
      ],
    });
  });

  it('says how the log source differs', () => {
    const { fires, tree, logSource } = why('s:\n  f: x\ncondition: s', { f: 'x', 'event.module': 'Other' });
    expect({ fires, tree: tree.truth }).toEqual({ fires: false, tree: true });
    expect(logSource).toEqual([
      { truth: false, fields: ['event.module', 'host.os.type'], values: ['linux', 'syslog'], found: { 'event.module': 'Other' } },
    ]);
  });

  it('says that no event is of the log source', () => {
    const rule = { ...ruleOf('s:\n  f: x\ncondition: s'), route: undefined };
    expect(explainWhy(rule, judged({ f: 'x' }))).toMatchObject({ fires: false, logSource: undefined });
    expect(explainWhy(rule, judged({ f: 'x' }), { routing: false })).toMatchObject({ fires: true, logSource: [] });
  });

  it('agrees with the stream', () => {
    const values = ['x', 'y', 'zz', 'w', undefined, null];
    const rule = ruleOf(RULE);
    const set = compileRules([rule]);
    for (const f of values)
      for (const g of values)
        for (const h of values) {
          const event = judged(
            Object.fromEntries(Object.entries({ f, g, h }).filter((pair): pair is [string, string | null] => pair[1] !== undefined)),
          );
          expect(explainWhy(rule, event).fires).toBe(set.match(event).length > 0);
        }
  });
});
