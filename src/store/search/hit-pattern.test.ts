import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { foldAscii } from './case-fold.ts';
import { hitPattern, type RuleField } from './hit-pattern.ts';
import { type Pattern, patternOf } from './node.ts';
import { valueTest } from './value-test.ts';

const FIELDS: readonly RuleField[] = ['rule.id', 'rule.level', 'rule.name'];

const piece = fc.constantFrom(
  'a',
  'B',
  '"',
  '\\',
  '/',
  '[',
  ']',
  ',',
  '\n',
  '\u0001',
  '\u2028',
  'é',
  'É',
  'ß',
  '😀',
  'u00',
  '"],["',
  '\\"',
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const hit = fc.tuple(text, text, text);
const pattern: fc.Arbitrary<Pattern> = fc
  .array(fc.oneof(piece, fc.constantFrom({ wild: '*' } as const, { wild: '?' } as const)), { minLength: 1, maxLength: 4 })
  .map(patternOf);

/** As our encoder writes hits, and as the engine does for rows that are older than the column. */
const written = (hits: readonly (readonly string[])[], byEngine: boolean): string => {
  const json = JSON.stringify(hits);
  return byEngine ? json.replaceAll('/', '\\/').replaceAll('\u2028', '\\u2028') : json;
};

it('is true of the text of hits where the test of their values is', () => {
  let found = 0;
  const one = fc.tuple(fc.array(hit, { minLength: 1, maxLength: 3 }), pattern, fc.nat({ max: 2 }), fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(one, ([hits, asked, place, whole, byEngine]) => {
      const field = FIELDS[place] ?? 'rule.id';
      // Half of the time something that is there.
      const wanted = whole ? patternOf([hits[0]?.[place] ?? '']) : asked;
      const { test } = valueTest({ type: 'is', field, pattern: wanted }, 0);
      const expected = hits.some((each) => test(each[place] ?? ''));
      if (expected) found += 1;
      expect(RE2JS.compile(hitPattern(field, wanted)).test(foldAscii(written(hits, byEngine)))).toBe(expected);
    }),
    { numRuns: 3_000 },
  );
  expect(found).toBeGreaterThan(1_000);
});

it('is true of no event without hits', () => {
  expect(RE2JS.compile(hitPattern('rule.name', patternOf([{ wild: '*' }]))).test('')).toBe(false);
});
