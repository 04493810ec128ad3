import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judged, ruleOf } from '../../../test/support/sigma-rule.ts';
import { LONG_LIST } from './long-list.ts';
import { compileRules } from './rule-set.ts';

describe('a long list', () => {
  const values = ["'ab'", "'*ab*'", "'ab*'", "'*ab'", "''", "'*'", "'a*b'", "'a\\0b'"];
  const rules = ['', '|cased'].flatMap((modifier) => values.map((value) => ruleOf(`s:\n  f${modifier}: ${value}\ncondition: s`)));
  rules.push(...["'ab'", "'a*b'"].map((value) => ruleOf(`s:\n  - ${value}\ncondition: s`)));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '\0'), maxLength: 4 });

  it.each([false, true])('is asked as a short one is (with the sign between elements in an element: %s)', (odd) => {
    const list = fc.array(odd ? text : text.map((each) => each.replaceAll('\0', '')), { maxLength: 6 });
    const sets = rules.map((rule) => compileRules([rule], { index: false }));
    fc.assert(
      fc.property(list, (elements) => {
        const long = elements.length === 0 ? [] : Array.from({ length: LONG_LIST }, () => elements).flat();
        for (const set of sets)
          expect(set.match(judged({ f: long })).length, set.rules[0]?.version).toBe(set.match(judged({ f: elements })).length);
      }),
      { numRuns: 300 },
    );
  });
});
