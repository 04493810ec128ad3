import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitJson } from './json.ts';
import { parseJsonObject } from './json-object.ts';

const split = (text: string) => {
  const read = splitJson(Buffer.from(text));
  return read.ok ? read.value.map(String) : [read.error.code, read.error.line, read.error.at];
};

describe('splitJson', () => {
  it.each([
    ['an array', '[{"a":1}, {"b":[2]} ,3]', ['{"a":1}', '{"b":[2]}', '3']],
    ['the bytes as they are', '[ {"a" :  1.0e2} ]', ['{"a" :  1.0e2}']],
    ['brackets and quotes in strings', '["],\\"[{", "\\\\"]', ['"],\\"[{"', '"\\\\"']],
    ['lines', '{"a":1}\n{"b":2}\r\n\n{"c":3}', ['{"a":1}', '{"b":2}', '{"c":3}']],
    ['an object over several lines', '{\n "a": 1\n}\n', ['{\n "a": 1\n}']],
    ['objects without anything between', '{"a":1}{"b":2}', ['{"a":1}', '{"b":2}']],
    ['lines that are arrays', '[1]\n[2]', ['[1]', '[2]']],
    ['an array over several lines', '[\n{"a":1},\n{"b":2}\n]\n', ['{"a":1}', '{"b":2}']],
    ['scalars', '"a b" 1 true null', ['"a b"', '1', 'true', 'null']],
    ['a byte order mark', '\ufeff[1]', ['1']],
    ['an empty array', ' [ ] ', []],
    ['nothing', ' \n', []],
  ])('%s', (_, text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it.each([
    ['a faulty line', '{"a":1}\n{"a":\n{"b":2}\n', 'json_syntax', 2],
    ['a faulty line, closed', '{"a":1}\n{"a" 1}\n', 'json_syntax', 2],
    ['a cut array', '[{"a":1},\n{"b":2}', 'json_cut', 2],
    ['a cut object', '{"a":1}\n{"b":', 'json_cut', 2],
    ['a cut string', '{"a":"x', 'json_cut', 1],
    ['no comma', '[1\n2]', 'json_syntax', 2],
    ['a comma too many', '[1,]', 'json_syntax', 1],
    ['something behind the array', '[1] x', 'json_syntax', 1],
    ['words', 'hello world', 'json_syntax', 1],
    ['a stray bracket', '}', 'json_syntax', 1],
    ['a stray comma', ',', 'json_syntax', 1],
    ['wrong brackets', '[{"a":1]}', 'json_syntax', 1],
    ['too deep', '['.repeat(600), 'json_too_deep', 1],
  ])('refuses %s', (_, text, code, line) => {
    expect(split(text).slice(0, 2)).toEqual([code, line]);
  });

  it('names the byte, not the character', () => {
    expect(split('{"ä":1}\n{"ä" 1}')).toEqual(['json_syntax', 2, 15]);
  });

  it('stops at its bounds', () => {
    expect(splitJson(Buffer.from('[1,2,3]'), { maxElements: 2, maxDepth: 9 })).toMatchObject({
      ok: false,
      error: { code: 'json_too_many' },
    });
  });

  it('gives views, and keeps bytes that are not UTF-8', () => {
    const bytes = Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]);
    const read = splitJson(bytes);
    const [value] = read.ok ? read.value : [];
    expect(value).toEqual(Buffer.from([0x22, 0xff, 0x22]));
    expect(value?.buffer).toBe(bytes.buffer);
  });

  it('gives back any values, however they are joined', () => {
    const values = fc.array(fc.json(), { maxLength: 8 });
    fc.assert(
      fc.property(values, fc.constantFrom(',', ' , ', '\n,\t'), (texts, comma) => {
        expect(split(`[${texts.join(comma)}]`)).toEqual(texts.map((text) => text.trim()));
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.object().map((value) => JSON.stringify(value)),
          { maxLength: 8 },
        ),
        (texts) => {
          expect(split(texts.join('\n'))).toEqual(texts);
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void splitJson(Buffer.from(bytes))));
    fc.assert(fc.property(fc.stringMatching(/^[[\]{}",:\\ 1a\n]*$/), (text) => void splitJson(Buffer.from(text))));
  });
});

describe('parseJsonObject', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }), { noNullPrototype: true }), (value) => {
        const text = JSON.stringify(value);
        const changed = text.includes('__proto__') || /\d{16}/.test(text);
        if (!changed) expect(parseJsonObject(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it.each([
    ['', 'json_cut'],
    ['{"a":', 'json_cut'],
    ['{"a":"x', 'json_cut'],
    ['{a:1}', 'json_syntax'],
    ['{} x', 'json_syntax'],
    ['[]', 'json_not_object'],
    ['null', 'json_not_object'],
    ['"x"', 'json_not_object'],
    [`{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'json_too_deep'],
    [`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 'json_too_deep'],
    [`{"a":"${'x'.repeat(8 * 1024 * 1024)}"}`, 'json_too_large'],
  ])('refuses %.20j with %s', (text, code) => {
    expect(parseJsonObject(text)).toMatchObject({ ok: false, error: { code } });
  });

  it('takes 64 levels', () => {
    expect(parseJsonObject(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`).ok).toBe(true);
  });

  it('keeps the digits of great integers, and only of these', () => {
    const read = parseJsonObject('{"id":12345678901234567890,"n":[-9007199254740993],"x":1e30,"ok":9007199254740991}');
    expect(read).toEqual({ ok: true, value: { id: '12345678901234567890', n: ['-9007199254740993'], x: 1e30, ok: 9007199254740991 } });
  });

  it('renames __proto__ at every level, however it is written', () => {
    const read = parseJsonObject('{"__proto__":{"a":1},"b":[{"\\u005f_proto__":{"c":2}}],"big":12345678901234567890}');
    const value = read.ok ? read.value : {};
    expect(value).toEqual({ _proto_: { a: 1 }, b: [{ _proto_: { c: 2 } }], big: '12345678901234567890' });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});
