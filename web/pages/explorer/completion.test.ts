import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/store/search/parse.ts';
import { addressField, operatorsAt, placeAt, withField, withOperator, withValue } from './completion.ts';

/** `|` is the caret. */
const at = (text: string) => placeAt(text.replace('|', ''), text.indexOf('|'));
const taken = ({ text, caret }: { text: string; caret: number }) => `${text.slice(0, caret)}|${text.slice(caret)}`;

describe('what stands at the caret', () => {
  it.each([
    ['|', { kind: 'field', typed: '', start: 0, end: 0, rest: '' }],
    ['us|', { kind: 'field', typed: 'us', start: 0, end: 2 }],
    ['a:1 us|er b:2', { kind: 'field', typed: 'us', start: 4, end: 8, rest: 'a:1 b:2' }],
    ['a:1 AND -us|', { kind: 'field', typed: 'us', start: 9, rest: 'a:1' }],
    ['user.name:|', { kind: 'value', field: 'user.name', typed: '', start: 10, end: 10, rest: '' }],
    ['user.name:an|a AND b:2', { kind: 'value', field: 'user.name', typed: 'an', start: 10, end: 13, rest: 'b:2' }],
    ['user.name:"Ana S|', { kind: 'value', typed: 'Ana S', start: 10, end: 16 }],
    ['user.name:"Ana S|ilva" x', { kind: 'value', typed: 'Ana S', start: 10, end: 21, rest: 'x' }],
    ['user.name: an|', { kind: 'value', field: 'user.name', typed: 'an', start: 11 }],
    ['b:2 user.name:(a OR b|)', { kind: 'value', field: 'user.name', typed: 'b', start: 20, end: 21, rest: 'b:2' }],
    ['(us|', { kind: 'field', typed: 'us', start: 1 }],
    ['NOT -user.name:x|', { kind: 'value', field: 'user.name', typed: 'x', rest: '' }],
    ['a:"x y" us|', { kind: 'field', typed: 'us', rest: 'a:"x y"' }],
    ['port:[1 TO 5] us|', { kind: 'field', typed: 'us', rest: 'port:[1 TO 5]' }],
    ['url:http://x|', { kind: 'value', field: 'url', typed: 'http://x' }],
  ])('%s', (text, expected) => {
    expect(at(text)).toMatchObject(expected);
  });

  it('inside a range there is nothing to propose', () => {
    expect(at('port:[1 TO |')).toBeUndefined();
  });

  it('is found in any text at any place, and what is left of the query stays within it', () => {
    const pieces = fc.constantFrom('a', ':', '"', '(', ')', ' ', 'AND', '[', ']', '\\', '-', 'user.name:', '>=');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), fc.nat(40), (parts, where) => {
        const text = parts.join('');
        const caret = Math.min(where, text.length);
        const place = placeAt(text, caret);
        if (place === undefined) return;
        expect(place.start).toBeLessThanOrEqual(place.end);
        expect(place.end).toBeLessThanOrEqual(text.length);
        expect(place.end).toBeGreaterThanOrEqual(caret);
      }),
    );
  });
});

describe('a proposal taken over', () => {
  const place = (text: string) => {
    const found = at(text);
    if (found === undefined) throw new Error('nothing there');
    return found;
  };

  it.each([
    ['us|', 'user.name', 'user.name:|'],
    ['a:1 -us|er b', 'user.name', 'a:1 -user.name:| b'],
    ['us|er:ana', 'user.id', 'user.id:|ana'],
  ])('field: %s', (text, name, expected) => {
    expect(taken(withField(text.replace('|', ''), place(text), name))).toBe(expected);
  });

  it.each([
    ['user.name:an|', 'ana', 'user.name:ana |'],
    ['user.name:"An|', 'Ana Silva', 'user.name:"Ana Silva" |'],
    ['user.name:x| AND b', 'CORP\\a "b"', 'user.name:"CORP\\\\a \\"b\\""| AND b'],
    ['user.name:(a OR b|)', 'bia', 'user.name:(a OR bia|)'],
    ['a:|', 'OR', 'a:"OR" |'],
    ['a:|', '10.0.0.0/8', 'a:"10.0.0.0/8" |'],
  ])('value: %s', (text, value, expected) => {
    expect(taken(withValue(text.replace('|', ''), place(text), value))).toBe(expected);
  });

  it('a value means itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (value) => {
        const { text } = withValue('user.name:', place('user.name:|'), value);
        expect(parseQuery(text)).toEqual({ ok: true, value: { type: 'is', field: 'user.name', pattern: [value] } });
      }),
    );
  });

  it('operators where they may stand', () => {
    expect(operatorsAt('', place('|'))).toEqual(['NOT']);
    expect(operatorsAt('a:1 ', place('a:1 |'))).toEqual(['AND', 'OR', 'NOT']);
    expect(operatorsAt('a:1 o', place('a:1 o|'))).toEqual(['OR']);
    expect(operatorsAt('a:1 AND ', place('a:1 AND |'))).toEqual(['NOT']);
    expect(operatorsAt('a:', place('a:|'))).toEqual([]);
    expect(taken(withOperator('a:1 o b', place('a:1 o| b'), 'OR'))).toBe('a:1 OR |b');
  });
});

it.each([
  ['source.ip:10.0.0.0/8', 'source.ip'],
  ['a:1 AND NOT source.ip:2001:db8::/32', 'source.ip'],
  ['x (source.ip:[192.0.2.1 TO 192.0.2.9])', 'source.ip'],
  ['source.ip:"10.0.0.0/8"', undefined],
  ['source.port:[1 TO 5]', undefined],
  ['url:/a/8', undefined],
])('a question about a network: %s', (query, field) => {
  expect(addressField(query)).toBe(field);
});
