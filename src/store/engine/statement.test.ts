import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, readStatement } from './statement.ts';

describe('readStatement', () => {
  it.each([
    ['SELECT 1', true],
    ['  select 1 ; ', true],
    ['SELECT 1; -- done', true],
    ['SELECT \';\' AS a, "x;y", `;` /* ; */ FORMAT JSON', true],
    ['SELECT $$ ; drop $$', true],
    ['WITH 1 AS x SELECT x', true],
    ['WITH 1 AS x INSERT INTO t SELECT x', false],
    ["ALTER TABLE t DROP PARTITION ID 'a'", false],
    ['INSERT INTO t SELECT 1', false],
    ['-- a comment\nSELECT 1', true],
  ])('takes %j (read-only: %s)', (text, readOnly) => {
    expect(readStatement(text)).toMatchObject({ ok: true, value: { readOnly } });
  });

  it.each([
    ['select 1; select 2', /Multi-statements/],
    ["select ';'; drop table t", /Multi-statements/],
    ["select '\\';'; drop table t", /Multi-statements/],
    ["select 1 into outfile '/tmp/x'", /OUTFILE/],
    ["select 1 INTO /* */ OUTFILE '/tmp/x'", /OUTFILE/],
    ['', /Empty/],
    ['-- nothing', /Empty/],
    ["select 'open", /never closed/],
    ['INSERT INTO t VALUES (1)\n\ndrop table t', /body/],
    ['INSERT INTO t FORMAT TSV\n1\n\ndrop table t', /body/],
    ['select 1\0', /NUL/],
  ])('refuses %j', (text, message) => {
    expect(readStatement(text)).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  });

  it('reads where the rows of a body go', () => {
    expect(readStatement('INSERT INTO earshot.events (a, b)\nFORMAT RowBinary')).toMatchObject({
      ok: true,
      value: { insert: { table: 'earshot.events', columns: ['a', 'b'], format: 'RowBinary' } },
    });
    expect(readStatement('insert into t format JSONEachRow')).toMatchObject({
      ok: true,
      value: { insert: { table: 't', format: 'JSONEachRow' } },
    });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readStatement(text)));
  });

  it('sees a quoted value as one value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(readStatement(`SELECT ${quote(value)}`)).toMatchObject({ ok: true });
      }),
    );
  });
});
