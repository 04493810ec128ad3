import { describe, expect, it } from 'vitest';
import { eventFor, type Random, seeded } from '../../../test/support/events-for-rules.ts';
import { ruleText } from '../../../test/support/sigma-rule.ts';
import { readRules } from '../sigma/load.ts';
import type { Rule } from '../sigma/rule.ts';
import { compileRules } from './rule-set.ts';

const FIELDS = ['a', 'b.c', 'd.e.f', 'g'];
const TEXTS = ['x', 'ab', 'root', 'Sudo', 'köln', 'ask', 'a*b', '?b', '*', "''", '/etc/*', 'ΣΑΣ', '1'];
const MODIFIERS = [
  '',
  '',
  '|contains',
  '|startswith',
  '|endswith',
  '|cased',
  '|contains|cased',
  '|neq',
  '|contains|neq',
  '|windash',
  '|re',
  '|re|i',
  '|base64offset|contains',
];

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;

function item(random: Random): string {
  const field = pick(random, FIELDS);
  switch (random(12)) {
    case 0:
      return `${field}: null`;
    case 1:
      return `${field}|exists: ${random(2) === 0}`;
    case 2:
      return `${field}|gte: ${random(9)}`;
    case 3:
      return `${field}|fieldref: ${pick(random, FIELDS)}`;
    case 4:
      return `'|all': [${pick(random, ['root', 'ask', '1b'])}, "sk"]`;
    default: {
      const modifier = pick(random, MODIFIERS);
      const plain = modifier.includes('base64');
      const texts = modifier.includes('re') ? ['a.b', 'ro+t', '[sk]+u', 'ask|b', '^/etc'] : plain ? ['root', 'ab'] : TEXTS;
      const values = Array.from({ length: 1 + random(3) }, () => pick(random, texts)).map((text) => (text === "''" ? text : `'${text}'`));
      return `${field}${modifier}: [${values.join(', ')}]`;
    }
  }
}

function randomRule(random: Random, n: number): Rule {
  const selections = ['p', 'q', 'r'].map((name) => {
    const items = [
      ...new Map(Array.from({ length: 1 + random(3) }, () => item(random)).map((each) => [each.split(':')[0], each])).values(),
    ];
    return `${name}:\n${items.map((each) => `  ${each}`).join('\n')}`;
  });
  const condition = pick(random, [
    'p',
    'p and q',
    'p or q',
    'not p',
    'p and not q',
    'p and (q or r)',
    '1 of them',
    'all of them',
    'not (p and q) and r',
    'p or not q and r',
  ]);
  const text = ruleText(`${selections.join('\n')}\ncondition: ${condition}`).replace('5f1c0a52', (0x10000000 + n).toString(16));
  const { rules, rejected } = readRules(`rule-${n}.yml`, text);
  const [rule] = rules;
  if (rule === undefined) throw new Error(`${JSON.stringify(rejected)}\n${text}`);
  return rule;
}

describe('the index', () => {
  it('never changes which rules fire', () => {
    const random = seeded(20_261_120);
    let hits = 0;
    for (let round = 0; round < 30; round++) {
      const rules = Array.from({ length: 20 }, (_, n) => randomRule(random, n));
      const failed: unknown[] = [];
      const options = { routing: false, onError: (_: unknown, error: unknown) => failed.push(error) };
      const indexed = compileRules(rules, options);
      const full = compileRules(rules, { ...options, index: false });
      for (let i = 0; i < 200; i++) {
        const event = eventFor(pick(random, rules).tree, random);
        const expected = full.match(event);
        expect(indexed.match(event), JSON.stringify(event)).toEqual(expected);
        hits += expected.length;
      }
      expect(failed).toEqual([]);
    }
    // The comparison says something only when rules do fire.
    expect(hits).toBeGreaterThan(5_000);
  });
});
