import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultText } from './fault.ts';
import { readRules } from './load.ts';

const rule = (n: number, name: string, more = ''): string =>
  [
    `title: ${name}`,
    `id: 00000000-0000-4000-8000-00000000000${n}`,
    `name: ${name}`,
    `logsource: { product: linux${more} }`,
    'detection: { s: { f: x }, condition: s }',
  ].join('\n');
const RULES = [rule(1, 'viewed'), rule(2, 'ran', ', category: process_creation')];

/** A document of this map after the rules; its first line is line 13 of the file. */
const load = (map: string, head = 'name: base') => readRules('a.yml', [...RULES, `title: B\n${head}\nbaseline: ${map}`].join('\n---\n'));
const read = (map: string) => load(map).baselines[0];

describe('a baseline', () => {
  it('is one line, and each key but `rules` has a default', () => {
    const { baselines, rejected, lints } = load('{ rules: [viewed] }', 'name: base\nid: 00000000-0000-4000-8000-000000000009\nlevel: high');
    expect(rejected).toEqual([]);
    expect(lints).toEqual([]);
    expect(baselines).toEqual([
      expect.objectContaining({
        name: 'base',
        title: 'B',
        level: 'high',
        file: 'a.yml',
        line: 13,
        refs: [{ id: '00000000-0000-4000-8000-000000000001', kind: 'rule' }],
        groupBy: [],
        groupNames: [],
        groupPaths: [[]],
        measure: 'events',
        fieldNames: [],
        fieldPaths: [[]],
        every: 'day',
        timeZone: 'UTC',
        against: { kind: 'max' },
        factor: 1,
        margin: 0,
        orEqual: false,
        least: 0,
        leastNorm: 0,
        historyDays: 30,
        leastDays: 14,
        since: 'own',
        weekdays: 'any',
        generate: false,
      }),
    ]);
  });

  it('reads every key', () => {
    const map = `{ rules: [viewed], group-by: user.name, distinct: [host.name, source.ip], every: 1h, against: mean + 2.5 sigma, factor: 1.5,
      margin: 2, history: 8w, least_history: 10d, since: anybody, weekdays: workdays, time_zone: Europe/Helsinki, generate: true }`;
    expect(read(map)).toMatchObject({
      groupNames: ['user.name'],
      measure: 'distinct',
      fieldNames: ['host.name', 'source.ip'],
      fieldPaths: [[['host.name'], ['source.ip']]],
      every: 'hour',
      against: { kind: 'mean', sigmas: 2.5 },
      factor: 1.5,
      margin: 2,
      historyDays: 56,
      leastDays: 10,
      since: 'anybody',
      weekdays: 'workdays',
      timeZone: 'Europe/Helsinki',
      generate: true,
    });
    expect(read('{ rules: [viewed], against: quantile 0.99, history: 7d }')).toMatchObject({ against: { q: 0.99 }, leastDays: 7 });
    const short =
      '{ rules: [viewed], every: 5m, against: previous, factor: 3, or_equal: true, least: 9, least_norm: 2, least_history: 10m }';
    const bounds = { every: 300_000, against: { kind: 'previous' }, orEqual: true, least: 9, leastNorm: 2, leastDays: 1 / 144 };
    expect(read(short)).toMatchObject(bounds);
    expect(read('{ rules: [viewed], against: mean }')).toMatchObject({ against: { kind: 'mean', sigmas: 0 } });
  });

  it('has fields by the log source of each rule, and aliases', () => {
    const map = '{ rules: [viewed, ran], group-by: [who], new: User, aliases: { who: { viewed: user.name, ran: User } } }';
    expect(read(map)).toMatchObject({
      measure: 'new',
      groupPaths: [[['user.name']], [['user.name']]],
      fieldPaths: [[['User']], [['user.name']]],
    });
  });

  it('has an id made of its name where there is none, and its fault rejects no neighbor', () => {
    const { baselines, lints } = load('{ rules: [viewed] }');
    expect(baselines[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(lints.map(({ reason }) => reason)).toEqual([expect.stringContaining('there is no `id`')]);
    const bad = load('{ rules: [nobody] }');
    expect(bad.rules).toHaveLength(2);
    expect(bad.rejected).toHaveLength(1);
  });

  it('is on trial where it says so, and is no rule that a correlation could count', () => {
    expect(load('{ rules: [viewed] }', 'name: base\nearshot: { maturity: staged }').baselines[0]).toMatchObject({ staged: true });
    expect(read('{ rules: [viewed] }')).not.toHaveProperty('staged');
    const counting = 'title: C\nname: c\ncorrelation: { type: event_count, rules: [base], timespan: 1h, condition: { gte: 2 } }';
    const quiet = 'title: Q\nname: quiet\nsilence: { of: host }';
    const text = [...RULES, 'title: B\nname: base\nbaseline: { rules: [viewed] }', quiet, counting, counting.replace('[base]', '[quiet]')];
    const { rejected } = readRules('a.yml', text.join('\n---\n').replace(/name: c\n(?=.*quiet)/, 'name: d\n'));
    expect(rejected.map(({ reason }) => reason)).toEqual(['`base` is a baseline, not a rule', '`quiet` is a silence, not a rule']);
  });

  it.each([
    ['7', 'a.yml:15:11: `baseline` is a map with `rules`, such as `{ rules: [my_rule], group-by: [user.name] }`'],
    ['{ group-by: [user.name] }', '`rules` is missing'],
    ['{ rules: [nobody] }', 'a.yml:15:21: the rule `nobody` is not there'],
    ['{ rules: [viewed], per: user.name }', '`baseline.per` is not known: there are rules, group-by'],
    ['{ rules: [viewed], distinct: a, sum: b }', 'one of distinct, sum, new, or none to count events'],
    ['{ rules: [viewed], sum: [a, b] }', '`sum` takes one field'],
    ['{ rules: [viewed], new: a, factor: 2 }', '`factor` means nothing where values are `new`'],
    ['{ rules: [viewed], every: 2d }', '`every` is one of 1h, 1d, 1w, or whole minutes that divide a day'],
    ['{ rules: [viewed], against: quantile 1.5 }', '`against` is `max`, `quantile 0.99`'],
    ['{ rules: [viewed], against: { max: 1 } }', '`against` is `max`'],
    ['{ rules: [viewed], factor: 0 }', '`factor` is a number greater than 0'],
    ['{ rules: [viewed], margin: -1 }', '`margin` is a number, not less than 0'],
    ['{ rules: [viewed], history: 36h }', '`history` is a number of whole days'],
    ['{ rules: [viewed], history: 7d, least_history: 8d }', '`least_history` is longer than the history of 7 days'],
    ['{ rules: [viewed], every: 7m }', '`every` is one of 1h, 1d, 1w, or whole minutes that divide a day'],
    ['{ rules: [viewed], every: 5m }', '`history` is 8 days at most where `every` is 5m'],
    ['{ rules: [viewed], least_history: 10m }', '`least_history` is a number of whole days'],
    ['{ rules: [viewed], against: previous, weekdays: same }', '`weekdays` means nothing against the stretch right before'],
    ['{ rules: [viewed], every: 1w, history: 30d }', '`history` is a number of whole weeks'],
    ['{ rules: [viewed], every: 1h, history: 365d }', '`history` is 100 days at most where `every` is 1h'],
    ['{ rules: [viewed], every: 1w, history: 8w, weekdays: same }', '`weekdays` means nothing for weeks'],
    ['{ rules: [viewed], weekdays: monday }', '`weekdays` is one of any, same, workdays'],
    ['{ rules: [viewed], since: anybody }', '`since` means nothing without `group-by`'],
    ['{ rules: [viewed], time_zone: Mars/Olympus }', '`time_zone` is an IANA name'],
    ['{ rules: [viewed], generate: sometimes }', '`generate` is true or false'],
  ])('%s is rejected: %s', (map, reason) => {
    const { baselines, rejected } = load(map);
    expect(baselines).toEqual([]);
    expect(rejected.map(faultText).join('\n')).toContain(reason);
  });

  it('counts rules, not correlations', () => {
    const correlation = 'title: C\nname: corr\ncorrelation: { type: event_count, rules: [viewed], timespan: 1h, condition: { gte: 2 } }';
    const { rejected } = readRules('a.yml', [...RULES, correlation, 'title: B\nbaseline: { rules: [corr] }'].join('\n---\n'));
    expect(rejected.map(faultText)).toEqual([expect.stringContaining('`corr` is a correlation: a baseline counts events')]);
  });
});

it('the guide shows one that loads', () => {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/guides/baselines.md', 'utf8')) ?? [];
  const { baselines, rejected, lints } = readRules('more_downloads.yml', text);
  expect([...rejected, ...lints].map(faultText)).toEqual([]);
  expect(baselines).toMatchObject([{ name: 'more_downloads', against: { kind: 'max' }, historyDays: 30, leastDays: 14 }]);
});
