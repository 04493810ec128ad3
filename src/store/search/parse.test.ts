import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queries, queryTexts } from '../../../test/support/search-arbitraries.ts';
import { MAX_QUERY_LENGTH, parseQuery } from './parse.ts';
import { printQuery } from './print.ts';

const printed = (text: string): string => {
  const parsed = parseQuery(text);
  return parsed.ok ? printQuery(parsed.value) : `${parsed.error.code}@${parsed.error.at}+${parsed.error.length}`;
};

describe('parseQuery', () => {
  it.each([
    // What is written, and how it reads.
    ['', '*'],
    ['  ', '*'],
    ['*', '*'],
    ['*:*', '*'],
    ['user.name:svc-backup', 'user.name:"svc-backup"'],
    ['user.name: alice', 'user.name:"alice"'],
    ['event.action:file_*', 'event.action:file_*'],
    ['event.action:file_**', 'event.action:file_*'],
    ['a:x b:y', 'a:"x" AND b:"y"'],
    ['a:x OR b:y c:z', 'a:"x" OR b:"y" AND c:"z"'],
    ['(a:x OR b:y) c:z', '(a:"x" OR b:"y") AND c:"z"'],
    ['(a AND b) AND c', '"a" AND "b" AND "c"'],
    ['a && b || !c', '"a" AND "b" OR NOT "c"'],
    ['+a -b', '"a" AND NOT "b"'],
    ['-(a b)', 'NOT ("a" AND "b")'],
    ['NOT NOT a', 'NOT NOT "a"'],
    ['user.name:(alice OR "bob c" OR NOT d*)', 'user.name:"alice" OR user.name:"bob c" OR NOT user.name:d*'],
    ['port:(>=1 AND <1024)', 'port:[1 TO *] AND port:[* TO 1024}'],
    ['destination.port >= 1024', 'destination.port:[1024 TO *]'],
    ['destination.port:>=1024', 'destination.port:[1024 TO *]'],
    ['destination.port>1024', 'destination.port:{1024 TO *]'],
    ['port:[1 TO 5}', 'port:[1 TO 5}'],
    ['port:{1 TO *}', 'port:{1 TO *]'],
    ['port:[* TO *]', 'port:*'],
    ['user.name:*', 'user.name:*'],
    ['_exists_:user.name', 'user.name:*'],
    ['source.ip:10.0.0.0/8', 'source.ip:10.0.0.0/8'],
    ['source.ip:"10.0.0.0/8"', 'source.ip:"10.0.0.0/8"'],
    ['source.ip:2001:db8::/32', 'source.ip:2001:db8::/32'],
    ['source.ip:[192.0.2.1 TO 192.0.2.9]', 'source.ip:[192.0.2.1 TO 192.0.2.9]'],
    ['source.ip:192.0.2.*', 'source.ip:192.0.2.*'],
    ['@timestamp:>now-1h', '@timestamp:{now-1h TO *]'],
    ['@timestamp:2026-01-31', '@timestamp:[2026-01-31 TO 2026-01-31]'],
    ['@timestamp:["2026-01-31 10:00" TO now]', '@timestamp:[2026-01-31\\ 10:00 TO now]'],
    ['file.path:/etc/passwd', 'file.path:"/etc/passwd"'],
    ['user.name:CORP\\alice', 'user.name:"CORP\\\\alice"'],
    ['user.name:CORP\\\\alice', 'user.name:"CORP\\\\alice"'],
    ['file.path:"C:\\Windows\\x"', 'file.path:"C:\\\\Windows\\\\x"'],
    ['name:a\\*b', 'name:"a*b"'],
    ['name:a\\ b', 'name:"a b"'],
    ['"say \\"hi\\""', '"say \\"hi\\""'],
    ['https://example.com/a?b=1', 'https\\:\\/\\/example.com\\/a?b=1'],
    ['failed login', '"failed" AND "login"'],
    ['androgynous ORacle NOTE', '"androgynous" AND "ORacle" AND "NOTE"'],
    ['name:"a"name:b', 'name:"a" AND name:"b"'],
    ['name:""', 'name:""'],
    ['name:[a TO b]', 'name:["a" TO "b"]'],
    ['name:["5" TO 6]', 'name:["5" TO "6"]'],
  ])('reads %s', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it.each([
    ['user.name:"alice', 'unclosed_quote@10+1'],
    ['user.name:', 'missing_value@0+10'],
    ['user.name: AND b', 'missing_value@0+11'],
    ['user.name:()', 'missing_value@10+1'],
    ['(a OR b', 'unclosed_group@0+1'],
    ['a)', 'unexpected@1+1'],
    ['a OR', 'missing_term@3+1'],
    ['AND a', 'missing_term@0+3'],
    ['a AND OR b', 'missing_term@6+2'],
    ['a and b', 'lower_case_operator@2+3'],
    ['a not b', 'lower_case_operator@2+3'],
    ['source.ip:10.0.0.0/33', 'bad_network@10+11'],
    ['source.ip:10.0.0.256/8', 'bad_network@10+12'],
    ['source.ip:[192.0.2.1 TO bob]', 'bad_range@10+18'],
    ['port:[1 5]', 'bad_range@5+3'],
    ['port:[1 TO 5', 'unclosed_range@5+1'],
    ['port:>', 'missing_value@0+6'],
    ['port:>1*', 'bad_range@6+2'],
    ['@timestamp:yesterday', 'bad_time@11+9'],
    ['@timestamp:2026-02-31', 'bad_time@11+10'],
    ['user.*:alice', 'bad_field@0+6'],
    ['10:30:05', 'bad_field@0+2'],
    [':x', 'bad_field@0+1'],
    ['name:!x', 'unexpected@5+1'],
    ['<134>', 'unexpected@0+1'],
    ['""', 'missing_value@0+2'],
    ['('.repeat(40), 'too_deep@32+1'],
    ['a '.repeat(101), 'too_many_terms@200+1'],
    ['a'.repeat(MAX_QUERY_LENGTH + 1), 'too_long@2000+1'],
  ])('refuses %s', (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(queries, (tree) => {
        const text = printQuery(tree);
        fc.pre(text.length <= MAX_QUERY_LENGTH);
        expect(parseQuery(text)).toEqual({ ok: true, value: tree });
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, and names a place within the text', () => {
    fc.assert(
      fc.property(queryTexts, (text) => {
        const parsed = parseQuery(text);
        if (parsed.ok) {
          const again = parseQuery(printQuery(parsed.value));
          if (again.ok) expect(again.value).toEqual(parsed.value);
          else expect(again.error.code).toBe('too_long');
        } else {
          expect(parsed.error.at).toBeGreaterThanOrEqual(0);
          expect(parsed.error.at).toBeLessThanOrEqual(text.length);
          expect(parsed.error.message.length).toBeGreaterThan(10);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
