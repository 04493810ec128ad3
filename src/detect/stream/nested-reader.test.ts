import { describe, expect, it } from 'vitest';
import { type Random, seeded } from '../../../test/support/events-for-rules.ts';
import { ruleText } from '../../../test/support/sigma-rule.ts';
import type { RuleHit } from '../../model/detection.ts';
import type { Fields, Value } from '../../model/event.ts';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import type { Rule } from '../sigma/rule.ts';
import { NestedFields } from './nested-reader.ts';
import { compileRules } from './rule-set.ts';
import { isMap } from './values.ts';

const ITEMS = [
  'a: x',
  'a|contains: y',
  'a: null',
  'a|exists: true',
  'b: x',
  'b|exists: false',
  'b: null',
  'b.c: x',
  'b.c|startswith: y',
  'b.c|gte: 3',
  'b.c: null',
  'b.c|exists: true',
  'b.c.d: x',
  'b.c.d|exists: false',
  'b.c[1]: x',
  'b.c|fieldref: a',
  'constructor: x',
  'constructor.name|exists: true',
  "'|all': [xy]",
];

const rules = ITEMS.map((item, n): Rule => {
  const text = ruleText(`selection:\n  ${item}\ncondition: selection`).replace('5f1c0a52', (0x10000000 + n).toString(16));
  const { rules, rejected } = readRules(`rule-${n}.yml`, text);
  const [rule] = rules;
  if (rule === undefined) throw new Error(JSON.stringify(rejected));
  return rule;
});

const KEYS = ['a', 'b', 'c', 'd', 'constructor', 'name'];

function value(random: Random, depth: number): Value {
  const kind = random(depth > 3 ? 5 : 9);
  if (kind < 5) return ['x', 'y', 'xy', 4, null][kind] ?? null;
  if (kind < 7) return Array.from({ length: random(4) }, () => value(random, depth + 1));
  return map(random, depth + 1);
}

const map = (random: Random, depth: number): { [key: string]: Value } =>
  Object.fromEntries(Array.from({ length: random(4) }, () => [KEYS[random(KEYS.length)] ?? '', value(random, depth)]));

/** The same document, some of its maps written as dotted keys. */
function dotted(document: { readonly [key: string]: Value }, random: Random): { [key: string]: Value } {
  const found: { [key: string]: Value } = {};
  for (const [key, child] of Object.entries(document)) {
    if (!isMap(child) || random(2) === 0) found[key] = isMap(child) ? dotted(child, random) : child;
    else for (const [below, value] of Object.entries(dotted(child, random))) found[`${key}.${below}`] = value;
  }
  return found;
}

function flatten(value: Value, path: string, into: Fields): Fields {
  if (!isMap(value)) into[path] = value;
  else for (const [key, child] of Object.entries(value)) flatten(child, path === '' ? key : `${path}.${key}`, into);
  return into;
}

const idsOf = (hits: readonly RuleHit[]): string[] => hits.map(({ id }) => id);

describe('nested JSON read in place', () => {
  it('gives the hits of the same fields flat, whether keys are nested or dotted, with the index and without', () => {
    const random = seeded(7);
    const indexed = compileRules(rules, { routing: false });
    const full = compileRules(rules, { routing: false, index: false });
    const fired = new Set<string>();
    for (let i = 0; i < 5_000; i++) {
      const document = map(random, 0);
      const about = { text: '', timestamp: 0, source: 'test' };
      const expected = idsOf(full.match({ fields: FieldSet.of(flatten(document, '', {})), ...about }));
      const written = dotted(document, random);
      expect(idsOf(full.match({ fields: new NestedFields(written), ...about })), JSON.stringify(written)).toEqual(expected);
      expect(idsOf(indexed.match({ fields: new NestedFields(written), ...about })), JSON.stringify(written)).toEqual(expected);
      for (const id of expected) fired.add(id);
    }
    expect(fired.size).toBe(rules.length);
  });

  it('has @timestamp and the like from the document, and keywords in the line too', () => {
    const fields = new NestedFields({ '@timestamp': '2026-11-20T10:00:00Z', event: { original: 'xy' } });
    expect(fields.get('@timestamp')).toBe('2026-11-20T10:00:00Z');
    expect(fields.get('event.original')).toBe('xy');
    const hits = compileRules(rules, { routing: false }).match({ fields: new NestedFields({}), text: 'a XY', timestamp: 0, source: '' });
    expect(hits.flatMap(({ matches }) => matches.map(({ field }) => field))).toContain('keyword');
  });

  it('follows no more brackets than the stack holds', () => {
    const document = JSON.parse(`${'{"b":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as { [key: string]: Value };
    expect(() =>
      compileRules(rules, { routing: false }).match({ fields: new NestedFields(document), text: '', timestamp: 0, source: '' }),
    ).not.toThrow();
  });
});
