import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../src/store/search/parse.ts';
import { printQuery } from '../../src/store/search/print.ts';
import { canBeTerm, hasTerm, isValue, withoutTerm, withTerm } from './query-text.ts';

const understood = (query: string): string => {
  const parsed = parseQuery(query);
  return parsed.ok ? printQuery(parsed.value) : `fault: ${parsed.error.message}`;
};

describe('a term', () => {
  it('means the value and nothing else, whatever the value holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (value) => {
        fc.pre(canBeTerm('user.name', value));
        expect(parseQuery(isValue('user.name', value))).toEqual({
          ok: true,
          value: { type: 'is', field: 'user.name', pattern: value === '' ? [] : [value] },
        });
      }),
    );
  });

  it.each(['*', 'a" OR "b', 'CORP\\alice', 'x\\', '10.0.0.0/8', 'a\nb', '(', 'TO'])('%j', (value) => {
    expect(parseQuery(isValue('a b:c', value))).toMatchObject({ value: { type: 'is', field: 'a b:c', pattern: [value] } });
  });

  it('is not offered where the language cannot say it', () => {
    expect([canBeTerm('7zip', 'x'), canBeTerm('a', 'x'.repeat(1001)), canBeTerm('a', 'x')]).toEqual([false, false, true]);
  });
});

describe('a query with one term more', () => {
  const term = 'user.name:"ana"';

  it.each([
    ['', term],
    ['*', term],
    ['failed login', `failed AND login AND ${term}`],
    ['a:1 OR b:2', `(a:1 OR b:2) AND ${term}`],
    ['a:1 || b:2', `(a:1 || b:2) AND ${term}`],
    ['a:"x OR y"', `a:"x OR y" AND ${term}`],
    ['a:(x OR y) NOT b:2', `a:(x OR y) AND NOT b:2 AND ${term}`],
    [`a:1 ${term}`, `a:1 AND ${term}`],
    [`NOT ${term} AND a:1`, `a:1 AND ${term}`],
    ['port: [1 TO 5]', `port: [1 TO 5] AND ${term}`],
    ['port >= 1024', `port >= 1024 AND ${term}`],
  ])('%s', (query, expected) => {
    expect(withTerm(query, term)).toBe(expected);
    expect(hasTerm(withTerm(query, term), term)).toBe(true);
    expect(parseQuery(expected).ok).toBe(true);
  });

  it.each(['failed login', 'a:1 -b:2', '!a:1 b', '! a:1 b', '(a OR b) c', 'user.name:(a OR b) AND NOT x:1', 'a >= 1 b: "c d"', 'a\\ b c'])(
    'keeps its meaning: %s',
    (query) => {
      const both = understood(withTerm(query, term));
      expect(both).toBe(understood(`(${query}) AND ${term}`));
      expect(understood(withoutTerm(withTerm(query, term), term))).toBe(understood(query));
    },
  );
});
