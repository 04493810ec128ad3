import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../sigma/fold.ts';
import { Needles } from './needles.ts';

function found(needles: readonly string[], text: string): string[] {
  const ids = new Set<number>();
  new Needles(needles.map((each, id) => ({ text: each, id }))).search(text, { found: (id) => ids.add(id) });
  return [...ids].sort((a, b) => a - b).map((id) => needles[id] ?? '');
}

describe('needles', () => {
  it('are found wherever they lie, without regard to case', () => {
    expect(found(['ab', 'abc', 'bcd', 'xyz'], 'ABCD')).toEqual(['ab', 'abc', 'bcd']);
    expect(found(['ab'], 'ab')).toEqual(['ab']);
    expect(found(['ab'], 'b')).toEqual([]);
    expect(found(['k9', 'köln', 'i̇'], 'KÖLN \u212a9 İ')).toEqual(['k9', 'köln', 'i̇']);
  });

  it('are those that a plain search finds', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '@', '`', '_', 'B', 'ö', 'Ö', 'σ', 'ς', 'İ'), maxLength: 14 });
    const needle = letters.map(fold).filter((text) => text.length >= 2);
    fc.assert(
      fc.property(fc.uniqueArray(needle, { maxLength: 12 }), letters, (needles, text) => {
        expect(found(needles, text)).toEqual(needles.filter((each) => fold(text).includes(each)));
      }),
      { numRuns: 2_000 },
    );
  });
});
