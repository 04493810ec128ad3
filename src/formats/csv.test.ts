import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from './csv.ts';

const rows = (text: string) => {
  const parsed = parseCsv(text);
  return parsed.ok ? parsed.value.map(({ line, cells }) => [line, ...cells]) : parsed.error;
};

describe('parseCsv', () => {
  it.each([
    [
      'a,b\nc,d',
      [
        [1, 'a', 'b'],
        [2, 'c', 'd'],
      ],
    ],
    [
      '\uFEFFa,b\r\n\r\nc,\r\n',
      [
        [1, 'a', 'b'],
        [3, 'c', ''],
      ],
    ],
    [
      '"a ""b""","c,\nd"\ne,f\n',
      [
        [1, 'a "b"', 'c,\nd'],
        [3, 'e', 'f'],
      ],
    ],
    ['', []],
    ['""', []],
    [',', [[1, '', '']]],
    ['a"b', [[1, 'a"b']]],
    ['x\n"open', { line: 2, message: 'a quote is not closed, or something stands behind it' }],
    ['"a"b', { line: 1, message: 'a quote is not closed, or something stands behind it' }],
  ])('%j', (text, expected) => {
    expect(rows(text)).toEqual(expected);
  });

  it('reads back what is written with quotes, whatever it is', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ß') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (table) => {
        const text = table.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')).join('\n');
        const parsed = parseCsv(text);
        expect(parsed.ok && parsed.value.map(({ cells }) => cells)).toEqual(table);
      }),
    );
  });
});
