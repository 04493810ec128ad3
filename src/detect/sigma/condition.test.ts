import { describe, expect, it } from 'vitest';
import { faultsOf, fires } from '../../../test/support/sigma-rule.ts';

/** Which of the selections a, b, c, _d, sel_x, sel-y are true is told by the letters. */
const SELECTIONS = ['a', 'b', 'c', '_d', 'sel_x', 'sel-y', 'opt.conf'];

function holds(condition: string, ...set: string[]): boolean {
  const detection = `${SELECTIONS.map((name) => `${name}:\n  labels.${name}: 1`).join('\n')}\ncondition: ${condition}`;
  return fires(detection, Object.fromEntries(set.map((name) => [`labels.${name}`, 1])));
}

describe('conditions', () => {
  it('not binds more than and, and more than or', () => {
    expect(holds('a or b and c', 'a')).toBe(true);
    expect(holds('(a or b) and c', 'a')).toBe(false);
    expect(holds('not a and b', 'b')).toBe(true);
    expect(holds('not (a and b)', 'b')).toBe(true);
    expect(holds('not not a', 'a')).toBe(true);
    expect(holds('a and not b or c', 'b', 'c')).toBe(true);
    expect(holds('a and not (b or c)', 'a', 'c')).toBe(false);
  });

  it('counts selections', () => {
    expect(holds('1 of sel*', 'sel-y')).toBe(true);
    expect(holds('any of sel*', 'sel-y')).toBe(true);
    expect(holds('all of sel*', 'sel-y')).toBe(false);
    expect(holds('all of sel*', 'sel-y', 'sel_x')).toBe(true);
    expect(holds('1 of *x', 'sel_x')).toBe(true);
    expect(holds('1 of opt.*', 'opt.conf')).toBe(true);
    expect(holds('not 1 of sel*', 'a')).toBe(true);
    expect(holds('not all of sel* and a', 'a', 'sel_x')).toBe(true);
  });

  it('leaves out names with an underscore unless they are meant', () => {
    expect(holds('1 of them', '_d')).toBe(false);
    expect(holds('1 of them', 'c')).toBe(true);
    expect(holds('all of them', 'a', 'b', 'c', 'sel_x', 'sel-y', 'opt.conf')).toBe(true);
    expect(holds('1 of _*', '_d')).toBe(true);
    expect(holds('_d', '_d')).toBe(true);
    expect(() => holds('1 of *d', '_d')).toThrow('no search identifier matches');
  });

  it('takes keywords in any case, and a list as OR', () => {
    expect(holds('a AND NOT b', 'a')).toBe(true);
    expect(holds('[a and b, c]', 'c')).toBe(true);
    expect(holds('[a and b, c]', 'a')).toBe(false);
  });

  it.each([
    ['a andb', '8:16: condition: `andb` comes where'],
    ['a and', '8:19: condition: it ends where'],
    ['a and x', '8:20: condition: there is no search identifier `x`'],
    ['(a and a', 'a parenthesis is not closed'],
    ['a)', '`)` comes where'],
    ['2 of a*', '`2 of` is not in Sigma 2.1'],
    ['1 of x*', 'no search identifier matches `x*`'],
    ['1 of', '`of` needs `them` or a pattern'],
    ['a*', 'write `1 of a*`'],
    ['a | count() > 5', 'write a correlation rule'],
    ['a & b', '`&` has no meaning here'],
    ['""', 'it ends where'],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, 'nested deeper'],
    [`${'not '.repeat(200)}a`, 'nested deeper'],
  ])('refuses %s', (condition, reason) => {
    expect(faultsOf(`a:\n  x: 1\ncondition: ${condition}`).join('\n')).toContain(reason);
  });
});
