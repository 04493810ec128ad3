import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKeyValue, parseKeyValue } from './key-value.ts';

const pairsOf = (text: string) => {
  const read = parseKeyValue(text);
  return read === undefined ? undefined : { ...read.pairs };
};

describe('parseKeyValue', () => {
  it.each([
    ['blanks between', 'a=1 b=2', { a: '1', b: '2' }],
    ['commas', 'a=1,b=2, c=3', { a: '1', b: '2', c: '3' }],
    ['semicolons', 'event=logout;site=x;who=unknown (y) here', { event: 'logout', site: 'x', who: 'unknown (y) here' }],
    ['tabs', 'a=1\tb=x y\tc=3', { a: '1', b: 'x y', c: '3' }],
    ['pipes', 'time=1|host=x|action=Drop', { time: '1', host: 'x', action: 'Drop' }],
    ['double quotes', 'a="x y" b="p=q, r=s"', { a: 'x y', b: 'p=q, r=s' }],
    ['single quotes', "a='x y' b='z'", { a: 'x y', b: 'z' }],
    ['escapes in quotes', 'a="x \\"y\\" \\\\ z" b=1', { a: 'x "y" \\ z', b: '1' }],
    ['a quote inside a word in quotes', 'a="about 5"x3" b=1', { a: 'about 5"x3', b: '1' }],
    ['a quote that never closes', 'a="x b=2 c=3', { a: '"x', b: '2', c: '3' }],
    ['blanks around =', 'a = 1, b = "two three"', { a: '1', b: 'two three' }],
    ['empty values', 'a= b= c=3', { a: '', b: '', c: '3' }],
    ['an empty value at the end', 'a=1 b=', { a: '1', b: '' }],
    ['= in a bare value', 'url=https://h/?x=1 b=2', { url: 'https://h/?x=1', b: '2' }],
    ['brackets', '[a=1 b=2]', { a: '1', b: '2]' }],
    ['keys with - . _', 'cs-ip=1 x.y=2 _z=3', { 'cs-ip': '1', 'x.y': '2', _z: '3' }],
    ['the last of equal keys', 'a=1 a=2', { a: '2' }],
    ['backslashes in a bare value', 'u=DOM\\user b=C:\\x', { u: 'DOM\\user', b: 'C:\\x' }],
  ])('%s', (_, text, pairs) => {
    expect(pairsOf(text)).toEqual(pairs);
  });

  it('keeps the text before the first pair', () => {
    expect(parseKeyValue('Successfully authenticated. act=login dhost=h1 suser=bob')).toEqual({
      before: 'Successfully authenticated.',
      pairs: { act: 'login', dhost: 'h1', suser: 'bob' },
    });
  });

  it.each([
    '',
    '=',
    'a=1',
    'no pairs at all',
    'GET /?a=1&b=2 HTTP/1.1',
    'if (a==1 && b==2) return',
    'x = 1 and y = 2, so the sum of both of them is three',
    'the user said a=b in a very long sentence with c=d inside it all',
    'Accepted publickey for alice from 192.0.2.1 port 22 ssh2: RSA SHA256:abc=',
    '1=2 3=4',
  ])('leaves %j alone', (text) => {
    expect(parseKeyValue(text)).toBeUndefined();
  });

  it('takes one pair and any prose where pairs are expected', () => {
    expect(parseKeyValue('the user said a=b in a very long sentence', { expected: true })?.pairs).toEqual({
      a: 'b in a very long sentence',
    });
    expect(parseKeyValue('nothing', { expected: true })).toBeUndefined();
  });

  it('never sets a prototype', () => {
    const pairs = parseKeyValue('__proto__=x b=2')?.pairs ?? {};
    expect(Object.keys(pairs)).toEqual(['__proto__', 'b']);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseKeyValue(text)));
    fc.assert(fc.property(fc.stringMatching(/^[a= "'\\,;|\t]*$/), (text) => void parseKeyValue(text, { expected: true })));
  });

  it('reads back what formatKeyValue writes', () => {
    const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ unit: 'grapheme' }), { noNullPrototype: true, minKeys: 1 }), (pairs) => {
        expect(parseKeyValue(formatKeyValue(pairs), { expected: true })).toEqual({ before: '', pairs });
      }),
    );
  });
});
