import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRules } from '../sigma/load.ts';
import { importElastalert } from './elastalert.ts';
import { yamlOf } from './rule-document.ts';

const FIXTURES = new URL('fixtures/elastalert/', import.meta.url);
const fixture = (name: string) => importElastalert([{ file: name, text: readFileSync(new URL(name, FIXTURES), 'utf8') }], {});
const rule = (text: string) => importElastalert([{ file: 'x.yaml', text }], {});
const query = (text: string) => {
  const { written } = rule(JSON.stringify({ name: 'x', type: 'any', filter: [{ query_string: { query: text } }] }));
  const [document] = written.flatMap(({ documents }) => documents);
  return document !== undefined && 'detection' in document ? document.detection : undefined;
};

describe('ElastAlert', () => {
  it.each(readdirSync(FIXTURES))('%s becomes the golden rules, with a report', async (name) => {
    const { written, notes } = fixture(name);
    await expect(written.map(({ documents }) => yamlOf(documents)).join('---\n')).toMatchFileSnapshot(
      `golden/elastalert/${name}.sigma.yml`,
    );
    await expect(`${JSON.stringify(notes, null, 2)}\n`).toMatchFileSnapshot(`golden/elastalert/${name}.report.json`);
  });

  it('says the same in every run', () => {
    expect(fixture('lists.yaml')).toEqual(fixture('lists.yaml'));
  });

  it('has a note for every rule, and what is written loads', () => {
    for (const name of readdirSync(FIXTURES)) {
      const { written, notes } = fixture(name);
      const told = new Set(notes.filter(({ part }) => part === 'rule').map((note) => note.rule));
      expect(told.size).toBe(readFileSync(new URL(name, FIXTURES), 'utf8').match(/^type:/gm)?.length ?? 0);
      const { rejected, lints, ...read } = readRules('x.yml', written.map(({ documents }) => yamlOf(documents)).join('---\n'));
      if (written.length > 0) expect({ rejected, lints }).toEqual({ rejected: [], lints: [] });
      const all = [...read.rules, ...read.correlations, ...read.baselines, ...read.silences];
      expect(all.length).toBe(written.flatMap(({ documents }) => documents).length);
    }
  });

  it('a correlation counts what ElastAlert counted', () => {
    const { written } = fixture('many-accounts.yaml');
    const { correlations } = readRules('x.yml', yamlOf(written[0]?.documents ?? []));
    expect(correlations).toMatchObject([
      {
        type: 'value_count',
        timespanMs: 5_400_000,
        bounds: [{ op: 'gt', number: 10 }],
        fieldPaths: [[['user.name']]],
        groupNames: ['source.ip', 'host.name'],
      },
    ]);
  });

  it.each([
    ['user.name:root', { selection: { 'user.name': 'root' }, condition: 'selection' }],
    ['a:1 AND b:2', { selection: { a: '1', b: '2' }, condition: 'selection' }],
    ['a:1 OR a:2 b:3', { selection: { a: ['1', '2'] }, selection_2: { b: '3' }, condition: 'selection or selection_2' }],
    ['a:1 AND NOT b:2', { selection: { a: '1' }, filter: { b: '2' }, condition: 'selection and not filter' }],
    ['NOT a:1', { filter: { a: '1' }, condition: 'not filter' }],
    ['+a:1 -b:2 c:3', { selection: { a: '1' }, filter: { b: '2' }, condition: 'selection and not filter' }],
    ['a:(x OR "y z")', { selection: { a: ['x', 'y z'] }, condition: 'selection' }],
    ['a:x\\*y*', { selection: { a: 'x\\*y*' }, condition: 'selection' }],
    ['a:"C:\\\\x*"', { selection: { a: 'C:\\\\x\\*' }, condition: 'selection' }],
    ['message:fail*', { selection: { 'message|contains': 'fail*' }, condition: 'selection' }],
    ['"login failed"', { keywords: ['login failed'], condition: 'keywords' }],
    ['a:>=5', { selection: { 'a|gte': 5 }, condition: 'selection' }],
    ['a:{1 TO 5]', { selection: { 'a|gt': 1, 'a|lte': 5 }, condition: 'selection' }],
    ['a:*', { selection: { 'a|exists': true }, condition: 'selection' }],
    ['_exists_:a.b', { selection: { 'a.b|exists': true }, condition: 'selection' }],
    ['*', { keywords: ['*'], condition: 'keywords' }],
    ['a:/x.*\\/y/', { selection: { 'a|re': '^(?:x.*/y)$' }, condition: 'selection' }],
    ['a:1^2', { selection: { a: '1' }, condition: 'selection' }],
    [
      '(a:1 OR b:2) AND (c:3 OR d:4)',
      {
        selection: { a: '1' },
        selection_2: { b: '2' },
        selection_3: { c: '3' },
        selection_4: { d: '4' },
        condition: '(selection or selection_2) and (selection_3 or selection_4)',
      },
    ],
    ['NOT (a:1 AND NOT b:2)', { filter: { a: '1' }, filter_2: { b: '2' }, condition: 'not (filter and not filter_2)' }],
  ])('query_string %s', (text, detection) => {
    expect(query(text)).toEqual(detection);
  });

  it.each([
    'a:',
    '(a:1',
    'a:1)',
    'a:"x',
    'a:[1 TO',
    'a:b~',
    'a:[now TO *]',
    'AND',
    'a:/x',
    'a:/x~y/',
    `${'('.repeat(60)}a${')'.repeat(60)}`,
    '',
  ])('query_string %j is reported, and no rule is written', (text) => {
    const { written, notes } = rule(JSON.stringify({ name: 'x', type: 'any', filter: [{ query_string: { query: text } }] }));
    expect(written).toEqual([]);
    expect(notes.filter(({ outcome }) => outcome === 'left').length).toBeGreaterThan(1);
  });

  it('does not follow aliases of aliases into the billions', () => {
    const rows = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`)];
    const { written, notes } = rule(rows.join('\n'));
    expect(written).toEqual([]);
    expect(notes).toMatchObject([{ part: 'file', outcome: 'left', why: expect.stringContaining('values') }]);
  });

  it('two rules of one name: the second is reported', () => {
    const text = 'name: x\ntype: any\nindex: a-*\n';
    const { written, notes } = importElastalert(
      [
        { file: 'a.yaml', text },
        { file: 'b.yaml', text },
      ],
      {},
    );
    expect(written.length).toBe(1);
    expect(notes).toContainEqual(expect.objectContaining({ file: 'b.yaml', outcome: 'left', part: 'rule' }));
  });
});
