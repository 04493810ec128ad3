import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultText } from './fault.ts';
import { loadRules, readRules } from './load.ts';

const rule = (n: number, name: string, logsource = '{ product: linux }'): string =>
  [
    `title: ${name}`,
    `id: 00000000-0000-4000-8000-00000000000${n}`,
    `name: ${name}`,
    `logsource: ${logsource}`,
    'detection: { s: { f: x }, condition: s }',
  ].join('\n');
const RULES = [rule(1, 'failed'), rule(2, 'won', '{ product: linux, category: process_creation }'), rule(3, 'locked')];

/** A correlation document of these lines below `correlation:`. */
const document = (lines: string, head = 'name: corr'): string =>
  ['title: C', head, 'correlation:', ...lines.split('\n').map((line) => `  ${line}`)].join('\n');

/** The documents of this text after the rules; its first line is line 19 of the file. */
const load = (...documents: string[]) => readRules('a.yml', [...RULES, ...documents].join('\n---\n'));
const read = (lines: string) => load(document(lines)).correlations[0];
const faultsOf = (...documents: string[]) => load(...documents).rejected.map(faultText);

const COUNT = 'type: event_count\nrules: [failed]\ngroup-by: [user.name]\ntimespan: 5m\ncondition: { gte: 10 }';

describe('a correlation', () => {
  it('is read with the ids of what it counts and the paths of its fields', () => {
    expect(load(`${document(COUNT)}\nlevel: high\nearshot: { next_steps: [Ask.] }`).correlations).toEqual([
      expect.objectContaining({
        name: 'corr',
        title: 'C',
        level: 'high',
        nextSteps: ['Ask.'],
        file: 'a.yml',
        line: 19,
        type: 'event_count',
        refs: [{ id: '00000000-0000-4000-8000-000000000001', kind: 'rule' }],
        groupBy: ['user.name'],
        groupNames: ['user.name'],
        groupPaths: [[['user.name']]],
        timespanMs: 300_000,
        bounds: [{ op: 'gte', number: 10 }],
        fieldPaths: [[]],
        percentile: 50,
        expression: undefined,
        generate: false,
      }),
    ]);
  });

  it('names rules by id, by Sigma name and by file, and may come before them', () => {
    const before = document('type: temporal\nrules: [00000000-0000-4000-8000-000000000001, won]\ntimespan: 1h');
    const text = [before, ...RULES].join('\n---\n');
    expect(readRules('a.yml', text).correlations[0]?.refs.map(({ id }) => id.at(-1))).toEqual(['1', '2']);
    expect(read(COUNT.replace('[failed]', '[a, won]'))?.refs.map(({ id }) => id.at(-1))).toEqual(['1', '2']);
  });

  it('reads names of fields by the log source and taxonomy of each rule', () => {
    const lines = 'type: value_count\nrules: [failed, won]\ngroup-by: User\ntimespan: 1d\ncondition: { field: [Image, SourceIp], gt: 2 }';
    expect(read(lines)).toMatchObject({
      groupPaths: [[['User']], [['user.name']]],
      fieldPaths: [
        [['Image'], ['SourceIp']],
        [['process.executable'], ['source.ip']],
      ],
    });
    expect(load(`${document(lines)}\ntaxonomy: ecs`).correlations[0]?.groupPaths).toEqual([[['User']], [['User']]]);
  });

  it('reads aliases, a field for each rule', () => {
    const aliases = 'aliases:\n  who: { failed: user.name, won: User }';
    expect(read(`type: temporal\nrules: [failed, won]\ngroup-by: [who]\ntimespan: 1m\n${aliases}`)).toMatchObject({
      groupNames: ['who'],
      groupPaths: [[['user.name']], [['user.name']]],
    });
  });

  it.each([
    ['90s', 90_000],
    ['90m', 5_400_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
    ['1w', 604_800_000],
    ['1M', 2_629_746_000],
    ['1y', 31_556_952_000],
  ])('of %s', (timespan, milliseconds) => {
    expect(read(COUNT.replace('5m', timespan))?.timespanMs).toBe(milliseconds);
  });

  it('takes a range, every type, and `generate` in both places', () => {
    expect(read(COUNT.replace('gte: 10', 'gt: 100, lte: 200'))?.bounds).toEqual([
      { op: 'gt', number: 100 },
      { op: 'lte', number: 200 },
    ]);
    for (const type of ['value_sum', 'value_avg', 'value_median', 'value_percentile', 'value_count'])
      expect(read(COUNT.replace('event_count', type).replace('gte: 10', 'gte: 10, field: x')), type).toMatchObject({
        type,
        fieldPaths: [[['x']]],
      });
    expect(
      read(COUNT.replace('event_count', 'value_percentile').replace('gte: 10', 'gte: 1.5, field: x, percentile: 95'))?.percentile,
    ).toBe(95);
    expect(read(COUNT.replace('event_count', 'temporal').replace('gte: 10', 'gte: 1'))?.bounds).toHaveLength(1);
    expect(read(`${COUNT}\ngenerate: true`)?.generate).toBe(true);
    expect(load(`${document(COUNT)}\ngenerate: true`).correlations[0]?.generate).toBe(true);
  });

  it('takes a condition in words', () => {
    const lines = 'type: temporal\nrules: [failed, won, locked]\ntimespan: 1h\ncondition: failed and not (won or locked)';
    expect(read(lines)?.expression).toEqual({
      kind: 'and',
      children: [
        { kind: 'ref', ref: 0 },
        {
          kind: 'not',
          child: {
            kind: 'or',
            children: [
              { kind: 'ref', ref: 1 },
              { kind: 'ref', ref: 2 },
            ],
          },
        },
      ],
    });
    expect(load(document(lines.replace(' or locked', ''))).lints.map(faultText)).toContainEqual(
      expect.stringContaining('`locked` is in `rules` and not in the condition'),
    );
  });

  it('may count others, which come before it', () => {
    const outer = document('type: temporal_ordered\nrules: [many, won]\ngroup-by: [user.name]\ntimespan: 1h');
    const { correlations, rejected } = load(outer, document(COUNT, 'name: many'));
    expect(rejected).toEqual([]);
    expect(correlations.map(({ name, refs }) => [name, refs.map(({ kind }) => kind)])).toEqual([
      ['many', ['rule']],
      ['corr', ['correlation', 'rule']],
    ]);
    expect(correlations[1]?.groupPaths).toEqual([[['user.name']], [['user.name']]]);
  });

  it('has an id of its name where it says none', () => {
    const { correlations, lints } = load(document(COUNT));
    expect(correlations[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(lints.map(faultText)).toEqual([expect.stringMatching(/^a\.yml:19:1: there is no `id`.*the name `corr`/)]);
  });

  it('says what a percentile of nothing said means', () => {
    const lines = COUNT.replace('event_count', 'value_percentile').replace('gte: 10', 'lte: 1, field: Image');
    expect(load(document(lines)).lints.map(faultText)).toContainEqual(expect.stringMatching(/^a\.yml:26:14: .*50th percentile/));
  });

  it.each([
    [COUNT.replace('event_count', 'event_sum'), 'a.yml:22:9: `type` is one of event_count, '],
    [COUNT.replace('type: event_count\n', ''), '`type` is missing: one of event_count, '],
    [COUNT.replace('[failed]', '[failed, nobody]'), 'a.yml:23:19: the rule `nobody` is not there'],
    [COUNT.replace('[failed]', '[failed, failed]'), 'a.yml:23:19: `rules` has `failed` twice'],
    [COUNT.replace('[failed]', '[failed, 00000000-0000-4000-8000-000000000001]'), 'is there twice, under two names'],
    [COUNT.replace('rules: [failed]\n', ''), '`rules` is missing'],
    [COUNT.replace('5m', '5 m'), 'a.yml:25:13: `timespan` is a number and one of'],
    [COUNT.replace('5m', '5S'), '`timespan` is a number and one of'],
    [COUNT.replace('5m', '0m'), '`timespan` is nothing'],
    [COUNT.replace('timespan: 5m\n', ''), '`timespan` is missing'],
    [COUNT.replace('\ncondition: { gte: 10 }', ''), '`event_count` needs a `condition`'],
    [COUNT.replace('{ gte: 10 }', 'failed'), 'the condition of `event_count` is a map'],
    [COUNT.replace('gte: 10', ''), 'the condition needs one of gt, '],
    [COUNT.replace('gte: 10', "gte: '10'"), '`gte` is a number'],
    [COUNT.replace('gte: 10', 'gte: 1.5'), '`gte: 1.5`: what is counted is a whole number'],
    [COUNT.replace('gte: 10', 'gte: -1'), '`gte: -1`: what is counted is a whole number'],
    [COUNT.replace('gte: 10', 'gt: 5, lt: 6'), 'this is never true'],
    [COUNT.replace('gte: 10', 'eq: 0'), 'this is never true: a group begins with an event'],
    [COUNT.replace('gte: 10', 'lt: 1'), 'this is never true'],
    [COUNT.replace('gte: 10', 'gt: 5, gte: 6'), 'two numbers are a range'],
    [COUNT.replace('gte: 10', 'eq: 5, neq: 6'), 'two numbers are a range'],
    [COUNT.replace('gte: 10', 'above: 5'), '`above` means nothing in the condition of a correlation'],
    [COUNT.replace('gte: 10', 'gte: 10, field: x'), '`field` means nothing for `event_count`'],
    [COUNT.replace('gte: 10', 'gte: 10, percentile: 5'), '`percentile` means nothing for `event_count`'],
    [COUNT.replace('event_count', 'value_sum'), '`value_sum` needs `field` in its condition'],
    [COUNT.replace('event_count', 'value_sum').replace('gte: 10', 'gte: 1, field: [a, b]'), '`value_sum` takes one field'],
    [COUNT.replace('event_count', 'value_sum').replace('gte: 10', 'gt: 2.5, lt: 2.5, field: a'), 'no number is in this range'],
    [
      COUNT.replace('event_count', 'value_percentile').replace('gte: 10', 'gte: 1, field: a, percentile: 101'),
      '`percentile` is a number from 0 to 100',
    ],
    [COUNT.replace('event_count', 'temporal').replace('gte: 10', 'gte: 2'), 'the condition counts different rules, and there are 1'],
    [COUNT.replace('[user.name]', '[a, a]'), '`group-by` has `a` twice'],
    [`${COUNT}\ngroup_by: [a]`, 'a.yml:27:3: `correlation.group_by` is not known'],
    [`${COUNT}\ngenerate: sometimes`, '`generate` is true or false'],
    [`${COUNT}\naliases: { user.name: { nobody: x } }`, 'a.yml:27:27: the rule `nobody` is not there'],
    [`${COUNT}\naliases: { user.name: { won: x, failed: y } }`, 'the alias `user.name` is for `won`, which is not in `rules`'],
    [`${COUNT}\naliases: { user.name: {} }`, 'the alias `user.name` does not say which field it stands for in `failed`'],
    ['type: temporal\nrules: [failed, won]\ntimespan: 1h\ncondition: failed or not won', 'this is true of nothing at all'],
    [
      'type: temporal\nrules: [failed, won]\ntimespan: 1h\ncondition: failed and locked',
      'a.yml:25:25: condition: there is no rule in `rules` called `locked`',
    ],
    ['type: temporal\nrules: [failed, won]\ntimespan: 1h\ncondition: failed and', 'condition: it ends where a rule'],
  ])('%j is rejected', (lines, fault) => {
    expect(faultsOf(document(lines)).join('\n')).toContain(fault);
    expect(load(document(lines)).correlations).toEqual([]);
    expect(load(document(lines)).rules).toHaveLength(3);
  });

  it('that counts itself, by way of others, is rejected, and so is what counts it', () => {
    const counts = (name: string, other: string) =>
      document(`type: event_count\nrules: [${other}]\ntimespan: 1m\ncondition: { gte: 2 }`, `name: ${name}`);
    const { correlations, rejected } = load(counts('one', 'two'), counts('two', 'three'), counts('three', 'two'), counts('good', 'won'));
    expect(correlations.map(({ name }) => name)).toEqual(['good']);
    expect(rejected.map(faultText)).toEqual([
      expect.stringContaining('a.yml:23:11: the correlation `two`, which this one counts, was rejected'),
      expect.stringContaining('a.yml:31:11: the correlation `three`, which this one counts, was rejected'),
      expect.stringContaining('a.yml:39:11: a correlation cannot count itself: two counts three counts two'),
    ]);
  });

  it('that groups by what another does not is rejected', () => {
    const outer = document('type: temporal\nrules: [many, won]\ngroup-by: [host.name]\ntimespan: 1h');
    expect(faultsOf(outer, document(COUNT, 'name: many')).join()).toContain('the correlation `many` does not group by `host.name`');
  });

  it('says that a rule which it counts was rejected, or that it may mean several', () => {
    expect(faultsOf(document(COUNT.replace('failed', 'bad')), 'title: B\nname: bad\ndetection: {}').join()).toContain(
      'the rule `bad` was rejected',
    );
  });
});

describe('names in several files', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const write = (file: string, ...documents: string[]) => writeFileSync(join(dir, file), documents.join('\n---\n'));

  it('are found in other files; where two have the name, that of the same file is meant', () => {
    write('one.yml', rule(1, 'failed'));
    write('two.yml', rule(2, 'failed'), document(COUNT, 'name: near'));
    expect(loadRules(dir).correlations[0]?.refs[0]?.id.at(-1)).toBe('2');
    write('corr.yml', document(COUNT, 'name: far'));
    expect(loadRules(dir).rejected.map(faultText)).toEqual([
      'corr.yml:5:11: `failed` is the name of several rules (one.yml, two.yml): write the id of the one that is meant',
    ]);
    write('one.yml', rule(1, 'won'));
    expect(loadRules(dir).correlations.map(({ refs }) => refs[0]?.id.at(-1))).toEqual(['2', '2']);
  });
});
