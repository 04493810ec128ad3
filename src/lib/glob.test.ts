import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsGlob } from './glob.ts';

describe('fitsGlob', () => {
  it.each([
    ['', '', true],
    ['', '*', true],
    ['a', '?', true],
    ['', '?', false],
    ['abc', 'a*c', true],
    ['abcd', 'a*c', false],
    ['aXbXc', '*X?', true],
    ['a.c', 'a?c*', true],
    ['a*c', 'a*c', true],
  ])('%j and %j: %s', (text, pattern, fits) => {
    expect(fitsGlob(text, pattern)).toBe(fits);
  });

  it('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`, 's');
        expect(fitsGlob(text, pattern)).toBe(expression.test(text));
      }),
    );
  });

  it('takes its time in proportion, however many stars', () => {
    const began = performance.now();
    expect(fitsGlob('a'.repeat(20_000), `${'a*'.repeat(200)}b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
