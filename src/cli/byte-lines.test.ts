import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLines } from './byte-lines.ts';

async function linesOf(chunks: readonly Buffer[], maxBytes = 1000) {
  const lines: { text: string; truncated: boolean }[] = [];
  const input = (async function* () {
    yield* chunks;
  })();
  for await (const { bytes, truncated } of byteLines(input, maxBytes)) lines.push({ text: bytes.toString('latin1'), truncated });
  return lines;
}

const whole = (...texts: string[]) => texts.map((text) => ({ text, truncated: false }));

describe('byteLines', () => {
  it('keeps empty lines, a lone CR, NUL, bytes that are no UTF-8, and a last line without an end', async () => {
    expect(await linesOf([Buffer.from('a\n\nb\rc\r\n\xff\0\nd', 'latin1')])).toEqual(whole('a', '', 'b\rc', '\xff\0', 'd'));
  });

  it('gives the beginning of a line that is too long, and says so', async () => {
    const chunks = ['12345', '678\r', '\nabcde\r\n', 'x'.repeat(99), '\n'].map((text) => Buffer.from(text));
    expect(await linesOf(chunks, 5)).toEqual([
      { text: '12345', truncated: true },
      { text: 'abcde', truncated: false },
      { text: 'xxxxx', truncated: true },
    ]);
  });

  it('does not mind how the input is cut', async () => {
    const input = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r') });
    await fc.assert(
      fc.asyncProperty(input, fc.array(fc.nat(10)), async (text, cuts) => {
        const chunks: Buffer[] = [];
        let rest = Buffer.from(text);
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(await linesOf([...chunks, rest])).toEqual(whole(...expected.map((line) => line.replace(/\r$/, ''))));
      }),
    );
  });
});
