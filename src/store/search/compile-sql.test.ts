import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, queries } from '../../../test/support/search-arbitraries.ts';
import { compileQuery } from './compile-sql.ts';
import { patternOf, type QueryNode } from './node.ts';

describe('compileQuery', () => {
  it('has the same text whatever the values: they are parameters', () => {
    const hostile = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `zq${text}qz`);
    fc.assert(
      fc.property(hostile, hostile, (field, value) => {
        const trees: QueryNode[] = [
          { type: 'is', field, pattern: patternOf([value]) },
          { type: 'is', field, pattern: patternOf([value, { wild: '*' }]) },
          { type: 'text', pattern: patternOf([value]) },
          { type: 'text', pattern: patternOf([{ wild: '*' }, value]) },
          { type: 'exists', field },
          { type: 'range', field, kind: 'text', lower: { text: value, inclusive: true }, upper: { text: value, inclusive: false } },
        ];
        for (const tree of trees) {
          const { text } = compileQuery(tree, NOW, 'anywhere');
          expect(text).not.toContain('zq');
          expect(text).not.toContain('qz');
        }
      }),
    );
  });

  it('is made of nothing but its own words, names of columns and parameters', () => {
    const own = /^(?:[\w\s.,()[\]<>=!'"{}:^+\-*/\\\uFFFD]|->|\n)*$/;
    fc.assert(
      fc.property(queries, (tree) => {
        const { text, params } = compileQuery(tree, NOW, 'anywhere');
        expect(text).toMatch(own);
        const used = [...text.matchAll(/\{(p\d+):/g)].map(([, name]) => name);
        expect(used.toSorted()).toEqual(Object.keys(params).toSorted());
      }),
    );
  });
});
