import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml, type XmlElement } from './xml.ts';

const read = (text: string) => {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const one = (text: string): XmlElement | undefined => read(text)[0];

describe('XML', () => {
  it('reads elements, attributes, text, comments and CDATA, with lines', () => {
    const [group, other] = read(
      '<?xml version="1.0"?>\n<!-- a -- b -->\n<group name="a,\'b\'">\n <r id=\'1\'/>\n x<c>y</c>z<![CDATA[<&>]]>\n</group>\n<g/>',
    );
    expect(group).toMatchObject({ name: 'group', line: 3, text: '\n \n xz<&>\n' });
    expect([...(group?.attributes ?? [])]).toEqual([['name', "a,'b'"]]);
    expect(group?.children).toMatchObject([
      { name: 'r', line: 4 },
      { name: 'c', text: 'y', line: 5 },
    ]);
    expect(other).toMatchObject({ name: 'g', line: 7, children: [] });
  });

  it.each([
    ['<a>&lt;&gt;&amp;&quot;&apos;</a>', '<>&"\''],
    ['<a>&#65;&#x1F600;</a>', 'A😀'],
    ['<a>x & y &block=1& &&</a>', 'x & y &block=1& &&'],
    ['<a>&amp;lt;</a>', '&lt;'],
    ['\ufeff<a>é</a>', 'é'],
    ['<a>]]></a>', ']]>'],
  ])('%s', (text, expected) => {
    expect(one(text)?.text).toBe(expected);
  });

  it.each([
    ['', 1, 1, 'no element'],
    ['<a>', 1, 1, 'not closed'],
    ['<a>\n <b></a>', 2, 5, '</a> where </b>'],
    ['</a>', 1, 1, 'closes nothing'],
    ['<a/>x', 1, 5, 'outside'],
    ['<a b/>', 1, 5, 'no value'],
    ['<a b=c/>', 1, 6, 'quotes'],
    ['<a b="1" b="2"/>', 1, 10, 'twice'],
    ['<a b="1"c="2"/>', 1, 9, 'space'],
    ['<a b="<"/>', 1, 6, '&lt;'],
    ['<a b="x', 1, 6, 'not closed'],
    ['<a', 1, 3, 'no attribute'],
    ['<a><!-- ', 1, 4, 'comment'],
    ['<a><![CDATA[ ', 1, 4, 'CDATA'],
    ['<a>1 < 2</a>', 1, 7, '&lt;'],
    ['<a>&nbsp;</a>', 1, 4, 'entity'],
    ['<a>&#0;</a>', 1, 4, 'no character'],
    ['<a>&#xD800;</a>', 1, 4, 'no character'],
    ['<a>&#x110000;</a>', 1, 4, 'no character'],
    ['<a>\u0001</a>', 1, 4, 'control character'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 1, 1, 'document types'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 1, 1, 'document types'],
    ['<a><!ENTITY x SYSTEM "http://192.0.2.1/"></a>', 1, 4, 'document types'],
    ['<a/><?php x ?>', 1, 5, 'processing instructions'],
    ['<a>'.repeat(65), 1, 193, 'deeper'],
    [`<a ${Array.from({ length: 65 }, (_, i) => `b${i}="1"`).join(' ')}/>`, 1, 506, 'attributes'],
  ])('%j is a fault with its place', (text, line, column, reason) => {
    expect(parseXml(text)).toEqual({ ok: false, error: { line, column, reason: expect.stringContaining(reason) } });
  });

  it('never throws', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        '</a>',
        '<a',
        '<a>',
        ' b="',
        "'",
        '&',
        '&lt;',
        '&#',
        ';',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        '\n',
        'x',
        '=',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((each) => each.join('')),
        ),
        (text) => typeof parseXml(text).ok === 'boolean',
      ),
    );
  });

  it('reads back what is written, and takes time in proportion', () => {
    const written = (n: number): string => `<r>${'<e a="1">&amp;text</e>\n'.repeat(n)}</r>`;
    expect(one(written(3))?.children.map(({ text }) => text)).toEqual(['&text', '&text', '&text']);
    for (const text of [
      written(100_000),
      `<a>${'&'.repeat(1_000_000)}</a>`,
      `<a>${'&a'.repeat(500_000)}</a>`,
      `<a${' '.repeat(1_000_000)}`,
    ]) {
      const start = performance.now();
      parseXml(text);
      expect(performance.now() - start).toBeLessThan(3000);
    }
  });
});
