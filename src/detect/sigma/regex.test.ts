import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';
import { compileRegex, necessaryLiteral } from './regex.ts';

const plain = { ignoreCase: false, multiline: false, dotAll: false };

function search(source: string, flags = plain): (text: string) => boolean {
  const compiled = compileRegex(source, flags);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value;
}

describe('regular expressions', () => {
  it('search, and mind the case unless told otherwise', () => {
    expect(search('b+')('abbc')).toBe(true);
    expect(search('B')('abc')).toBe(false);
    expect(search('B', { ...plain, ignoreCase: true })('abc')).toBe(true);
    expect(search('(?i)B')('abc')).toBe(true);
    expect(search('^b', { ...plain, multiline: true })('a\nb')).toBe(true);
    expect(search('^b')('a\nb')).toBe(false);
    expect(search('a.b', { ...plain, dotAll: true })('a\nb')).toBe(true);
    expect(search('a.b')('a\nb')).toBe(false);
  });

  it.each([
    ['(?=a)b', 'look-around'],
    ['(?<!a)b', 'look-around'],
    ['(a)\\1', 'back-reference'],
    ['a(', 'not valid'],
  ])('refuses %s', (source, reason) => {
    const compiled = compileRegex(source, plain);
    expect(compiled.ok ? '' : compiled.error).toContain(reason);
  });

  it('answers on hostile texts', () => {
    expect(search('(a+)+$')(`${'a'.repeat(100_000)}!`)).toBe(false);
    expect(search('(x+x+)+y')('x'.repeat(100_000))).toBe(false);
  });
});

describe('the literal that must be there', () => {
  it.each([
    ['abc', 'abc'],
    ['ab+c', 'ab'],
    ['ab*cde', 'cde'],
    ['ab?', 'a'],
    ['a|bcd', ''],
    ['(a|b)cde[fg]hi', 'cde'],
    ['\\.bin\\/eh', '.bin/eh'],
    ['x{0,2}yz', 'yz'],
    ['\\dabc', 'abc'],
    ['\\x41bc', ''],
    ['shadow', 'hadow'],
    ['(?i)ABC', 'abc'],
    ['[]x]abc', 'abc'],
    ['[[:alpha:]|]abc', 'abc'],
  ])('%s: %s', (source, literal) => {
    expect(necessaryLiteral(source)).toBe(literal);
  });

  it('is in the folded form of every text in which the expression is found', () => {
    const unit = fc.constantFrom('a', 'k', 's', '\\.', '.', '[ab]', '(ab|k)', '(ka)', 'b');
    const quantified = fc.tuple(unit, fc.constantFrom('', '', '+', '*', '?', '{2}', '{0,2}')).map(([u, q]) => u + q);
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'k', 's', '.', 'A', 'K', '\u212a', '\u017f'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(quantified, { maxLength: 5 }), texts, fc.boolean(), (units, text, ignoreCase) => {
        const source = units.join('');
        if (search(source, { ...plain, ignoreCase })(text)) expect(fold(text)).toContain(necessaryLiteral(source));
      }),
      { numRuns: 3_000 },
    );
  });
});
