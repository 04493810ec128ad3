import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literalOf, parsePattern, withDashes } from './pattern.ts';
import { compilePattern } from './pattern-match.ts';

const any = { special: 'any' };
const one = { special: 'one' };

describe('Sigma strings', () => {
  it.each([
    ['plain', ['plain']],
    ['', []],
    ['a*b?', ['a', any, 'b', one]],
    ['\\*', ['*']],
    ['\\?', ['?']],
    ['\\\\*', ['\\', any]],
    ['\\\\\\*', ['\\*']],
    ['a\\b', ['a\\b']],
    ['a\\\\b', ['a\\b']],
    ['\\\\\\\\', ['\\\\']],
    ['\\\\\\', ['\\\\']],
    ['end\\', ['end\\']],
    ['C:\\Windows\\*', ['C:\\Windows*']],
    ['C:\\Windows\\\\*', ['C:\\Windows\\', any]],
  ])('%j', (text, parts) => {
    expect(parsePattern(text)).toEqual(parts);
  });

  it('knows a plain text from one with wildcards', () => {
    expect(literalOf(parsePattern('a\\*'))).toBe('a*');
    expect(literalOf(parsePattern(''))).toBe('');
    expect(literalOf(parsePattern('a*'))).toBeUndefined();
  });

  it('takes dashes before words for one another, and others not', () => {
    const matches = compilePattern(withDashes(parsePattern('cmd -c /f a-b')));
    for (const text of ['cmd -c /f a-b', 'cmd /c -f a-b', 'cmd –c —f a-b', 'cmd ―c /f a-b']) expect(matches(text)).toBe(true);
    for (const text of ['cmd -c /f a/b', 'cmd +c /f a-b', 'cmd c /f a-b']) expect(matches(text)).toBe(false);
  });
});

describe('matching', () => {
  it.each([
    ['*', '', true],
    ['?', '', false],
    ['?', '😀', true],
    ['??', '😀', false],
    ['a?c', 'a😀c', true],
    ['*?', '😀', true],
    ['*??', '😀', false],
    ['**a', 'bba', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*ab', 'aab', true],
    ['ab*ab', 'ab', false],
    ['a*a', 'a', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compilePattern(parsePattern(pattern))(text)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 12 });
    const globs = fc.array(fc.constantFrom('a', 'b', 'ab', '*', '?', '😀'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(globs, letters, (glob, text) => {
        const oracle = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
        expect(compilePattern(parsePattern(glob))(text)).toBe(oracle.test(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
