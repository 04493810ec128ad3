import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nothingFramed } from '../framed.ts';
import { TcpFrames } from './tcp-frames.ts';

const MAX = 100;

interface Read {
  readonly messages: string[];
  readonly cuts: string[];
  readonly fault?: string;
}

function read(chunks: readonly (string | Buffer)[], { max = MAX, clean = true } = {}): Read {
  const frames = new TcpFrames(max);
  const messages: string[] = [];
  const cuts: string[] = [];
  const keep = (framed: ReturnType<typeof nothingFramed>) => {
    cuts.push(...framed.cuts.map((c) => `${messages.length + c.index} ${c.reason}`));
    messages.push(...framed.messages.map((m) => m.toString('latin1')));
  };
  for (const chunk of chunks) {
    const framed = nothingFramed();
    const pushed = frames.push(Buffer.from(chunk as string, 'latin1'), framed);
    keep(framed);
    if (!pushed.ok) return { messages, cuts, fault: pushed.error.code };
  }
  keep(frames.end(clean));
  return { messages, cuts };
}

const bytewise = (text: string) => [...Buffer.from(text, 'latin1')].map((byte) => Buffer.from([byte]));

describe('TcpFrames', () => {
  it.each<[string, string, string[], string[]?, string?]>([
    ['one line', '<13>a\n', ['<13>a']],
    ['lines ended by LF, CRLF and NUL', '<13>a\n<13>b\r\n<13>c\0<13>d\n', ['<13>a', '<13>b', '<13>c', '<13>d']],
    ['counts', '5 <13>a6 <13>bc', ['<13>a', '<13>bc']],
    ['a count of a message that does not start with PRI', '5 hello5 world', ['hello', 'world']],
    ['both, told apart frame by frame', '5 <13>a<13>b\n6 <13>c\n<13>d\n', ['<13>a', '<13>b', '<13>c\n', '<13>d']],
    ['counts with a line end between them', '5 <13>a\n5 <13>b\r\n', ['<13>a', '<13>b']],
    ['a line end within a count', '7 <13>a\nb5 <13>c', ['<13>a\nb', '<13>c']],
    ['blank lines', '\n\r\n\0<13>a\n\n\n<13>b\n', ['<13>a', '<13>b']],
    ['a CR within a line', '<13>a\rb\n', ['<13>a\rb']],
    ['a line that starts with a date', '2026-11-20T10:00:00Z host x\n<13>b\n', ['2026-11-20T10:00:00Z host x', '<13>b']],
    ['a line that starts with a number and a blank, after a line', '<13>a\n12 users\n', ['<13>a', '12 users']],
    ['a line that starts with seconds since 1970', '1700000000 host x\n', ['1700000000 host x']],
    ['a line that starts with milliseconds since 1970', '1700000000123 host x\n', ['1700000000123 host x']],
    ['a line that starts with a sequence number', '000123: x\n', ['000123: x']],
    ['no line end at the close', '<13>a\n<13>b', ['<13>a', '<13>b']],
    ['a count that is not filled at the close', '9 <13>a', ['<13>a'], ['0 unfinished']],
    ['a count alone at the close', '5 <13>a12', ['<13>a', '12'], ['1 unfinished']],
    ['a count of nothing but digits is no count', '12x\n<13>b\n', ['12x', '<13>b']],
    ['garbage among counts', '5 <13>axx', ['<13>a'], [], 'bad_count'],
    ['a count with a leading zero among counts', '5 <13>a05 <13>b', ['<13>a'], [], 'bad_count'],
    ['a count without its blank among counts', '5 <13>a5x<13>b', ['<13>a'], [], 'bad_count'],
    ['a count out of this world', '9999999999 <13>b', [], [], 'count_too_large'],
    ['a count out of this world among counts', '5 <13>a999999999 b', ['<13>a'], [], 'count_too_large'],
    ['nothing', '', []],
  ])('reads %s, whole and split at any byte', (_, stream, messages, cuts = [], fault) => {
    const expected = fault === undefined ? { messages, cuts } : { messages, cuts, fault };
    expect(read([stream])).toEqual(expected);
    expect(read(bytewise(stream))).toEqual(expected);
    for (let at = 1; at < stream.length; at++) expect(read([stream.slice(0, at), stream.slice(at)])).toEqual(expected);
  });

  it('keeps the beginning of a message that is too long, and goes on behind it', () => {
    const long = `<13>${'x'.repeat(5000)}`;
    const kept = long.slice(0, MAX);
    for (const stream of [`<13>a\n${long}\n<13>b\n`, `5 <13>a${long.length} ${long}5 <13>b`, `<13>a\0${long}\0<13>b\0`]) {
      const expected = { messages: ['<13>a', kept, '<13>b'], cuts: ['1 too_long'] };
      expect(read([stream])).toEqual(expected);
      expect(read(bytewise(stream))).toEqual(expected);
    }
  });

  it.each([MAX - 1, MAX, MAX + 1, MAX + 2])('cuts at exactly the bound: %i bytes', (length) => {
    const message = `<${'x'.repeat(length - 1)}`;
    const expected = { messages: [message.slice(0, MAX)], cuts: length > MAX ? ['0 too_long'] : [] };
    for (const stream of [`${message}\n`, `${message}\r\n`, `${message}\0`, `${length} ${message}`]) {
      expect(read([stream])).toEqual(expected);
      expect(read(bytewise(stream))).toEqual(expected);
    }
  });

  it('marks a line that a fault of the network cut off, not one that the sender ended without LF', () => {
    expect(read(['<13>a'], { clean: false }).cuts).toEqual(['0 unfinished']);
    expect(read(['<13>a'], { clean: true }).cuts).toEqual([]);
  });

  it('gives back what was framed, however it is framed and split', () => {
    const text = fc.stringMatching(/^<\d{1,3}>[\x20-\x7e]{0,150}$/);
    const framing = fc.constantFrom('lf', 'crlf', 'nul', 'count');
    const ends = { lf: '\n', crlf: '\r\n', nul: '\0' };
    const frames = fc.array(fc.tuple(text, framing), { maxLength: 20 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(400), { maxLength: 20 }), (wanted, cuts) => {
        const stream = wanted.map(([t, f]) => (f === 'count' ? `${t.length} ${t}` : t + ends[f])).join('');
        const places = [0, ...cuts.map((c) => Math.min(c, stream.length)).sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, i) => stream.slice(places[i], end));
        expect(read(chunks, { max: 1000 }).messages).toEqual(wanted.map(([t]) => t));
      }),
    );
  });

  it('never throws, and loses no letter of lines', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (chunks) => {
        const { messages, fault } = read(
          chunks.map((c) => Buffer.from(c)),
          { max: 10_000 },
        );
        if (fault === undefined) expect(messages.every((m) => m.length > 0)).toBe(true);
      }),
    );
  });
});
