import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditLogEntry } from '../../../test/simulators/slack-audit-api.ts';
import { readAuditPage } from './audit-page.ts';

const read = (text: string) => readAuditPage(Buffer.from(text));
const pieces = (text: string) => read(text)?.entries.map(({ bytes }) => bytes.toString());

describe('readAuditPage', () => {
  it.each([
    ['nothing', '{"entries":[]}', []],
    ['spaces', '{ "entries" : [\n {"id": "a"} ,\t{"id":"b" }\r\n] }', ['{"id": "a"}', '{"id":"b" }']],
    ['brackets and quotes in texts', '{"entries":[{"id":"]}\\"],["},{"id":"\\\\"}]}', ['{"id":"]}\\"],["}', '{"id":"\\\\"}']],
    ['numbers as they are written', '{"entries":[{"n":1.0,"m":1e3}]}', ['{"n":1.0,"m":1e3}']],
    ['what is no entry', '{"entries":[1, "a,]", null, [2,3]]}', ['1', '"a,]"', 'null', '[2,3]']],
    ['lists of the name elsewhere', '{"x":{"entries":[1]},"entries":[{"entries":[2,[3]]}],"y":["entries",[4]]}', ['{"entries":[2,[3]]}']],
    ['two lists of the name', '{"entries":[1],"entries":[2,3]}', ['2', '3']],
    ['letters beyond ASCII', '{"entries":[{"name":"Jürgen 🙂"}]}', ['{"name":"Jürgen 🙂"}']],
  ])('cuts out the bytes of entries: %s', (_, text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it.each(['', '[]', 'null', '{}', '{"entries":{}}', '{"entries":[{"id":"cut', '<html>', '{"ok":false,"error":"invalid_cursor"}'])(
    'does not take %s for a page',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  it('cuts any JSON where JSON.parse does', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.constantFrom('', ' ', '\n\t'), fc.json(), (entries, space, other) => {
        const list = entries.map((entry) => `${space}${entry}${space}`).join(',');
        const text = `{"other":${other},"entries":${space}[${list}],"response_metadata":{"next_cursor":""}}`;
        expect(pieces(text)).toEqual(entries.map((entry) => entry.trim()));
      }),
    );
  });

  it('knows an entry by its id, and one without by its bytes', () => {
    const [a, b, c] = ['{"id":"x","n":1}', '{"id":"x","n":2}', '{"n":2}'].map((text) => read(`{"entries":[${text}]}`)?.entries[0]?.id);
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(c).toHaveLength(16);
  });

  it('reads times and the cursor', () => {
    const page = read(
      `{"entries":[${auditLogEntry(1, 1_790_000_000).text},{"date_create":"soon"}],"response_metadata":{"next_cursor":"bmV4dA=="}}`,
    );
    expect(page?.entries.map(({ second }) => second)).toEqual([1_790_000_000, undefined]);
    expect(page?.cursor).toBe('bmV4dA==');
  });
});
