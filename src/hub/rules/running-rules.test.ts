import { describe, expect, it } from 'vitest';
import { readRules } from '../../detect/sigma/load.ts';
import { quietedBy, runningRules } from './running-rules.ts';

const base = (name: string, digit: string) => `title: Rule ${name}
name: ${name}
id: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e1${digit}
taxonomy: ecs
logsource: { product: linux }
detection: { s: { event.action: ${name} }, condition: s }`;

const load = (...correlations: readonly string[]) => {
  const loaded = readRules('a.yml', [base('a', '1'), base('b', '2'), base('c', '3'), ...correlations].join('\n---\n'));
  expect(loaded.rejected).toEqual([]);
  return loaded;
};

const correlation = (part: string, more = '') => `title: Many\nname: many\ncorrelation: { ${part} }\n${more}`;

const wordsOf = (part: string) => runningRules(load(correlation(part))).find(({ kind }) => kind === 'correlation')?.words;

describe('what a correlation looks for, in words', () => {
  it.each([
    [
      'type: event_count, rules: [a], group-by: [user.name, source.ip], timespan: 10m, condition: { gte: 5 }',
      'at least 5 events of “Rule a” within 10 min, for each user.name and source.ip',
    ],
    [
      'type: value_count, rules: [a, b], group-by: [source.ip], timespan: 1h, condition: { field: user.name, gt: 2, lt: 9 }',
      'more than 2 and less than 9 different values of user.name in “Rule a” or “Rule b” within 1 h, for each source.ip',
    ],
    ['type: temporal, rules: [a, b, c], timespan: 90s', '“Rule a”, “Rule b” and “Rule c” within 1 min 30 s'],
    [
      'type: temporal_ordered, rules: [a, b], group-by: [user.name], timespan: 1d',
      '“Rule a”, then “Rule b” within 1 d, for each user.name',
    ],
    [
      'type: temporal, rules: [a, b, c], timespan: 1m, condition: "a and (b or c) and not c"',
      '“Rule a” and (“Rule b” or “Rule c”) and no “Rule c” within 1 min',
    ],
    [
      'type: value_sum, rules: [a], timespan: 1m, condition: { field: network.bytes, gte: 1000 }',
      'a sum of network.bytes of at least 1000 in “Rule a” within 1 min',
    ],
  ])('%s', (part, words) => {
    expect(wordsOf(part)).toBe(words);
  });
});

describe('what silence watches, in words', () => {
  it.each([
    [
      'silence: { of: source }',
      'each earshot.source that does not speak any more; learned: silent for more than 2 times as long as ever before, at least 30 min, once heard for 3 d; forgotten after 14 d',
    ],
    [
      'logsource: { category: authentication }\nsilence: { of: [event.dataset, host.name], expect: 90m, forget: 3d }',
      'each event.dataset and host.name that does not speak any more, by events of category: authentication; configured: silent for more than 1 h 30 min, forgotten after 3 d',
    ],
    [
      'detection: { s: { a: b }, condition: s }\nsilence: { of: host, grace: 3, least: 1h }',
      'each host.name that does not speak any more, by events that its detection holds for; learned: silent for more than 3 times as long as ever before, at least 1 h, once heard for 3 d; forgotten after 14 d',
    ],
  ])('%s', (part, words) => {
    const loaded = load(`title: Quiet\nname: quiet\nid: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e19\nauthor: A\nstatus: test\n${part}`);
    expect(runningRules(loaded).find(({ kind }) => kind === 'silence')).toMatchObject({ words, counts: [], status: 'test', author: 'A' });
  });
});

describe('what a correlation counts', () => {
  const part = 'type: event_count, rules: [a], timespan: 1m, condition: { gte: 2 }';
  const quieted = (more: string, isOnTrial = false) => [...quietedBy(load(correlation(part, more)), () => isOnTrial).keys()];
  const [ruleA] = load().rules;

  it('does not alert alone, unless the correlation says so or is on trial itself', () => {
    expect(quieted('')).toEqual([ruleA?.id]);
    expect(quieted('generate: true')).toEqual([]);
    expect(quieted('', true)).toEqual([]);
  });

  it('does not alert alone while that is on trial, where it is informational', () => {
    const loaded = readRules(
      'a.yml',
      [`${base('a', '1')}\nlevel: informational`, base('b', '2'), correlation(part.replace('[a]', '[a, b]'))].join('\n---\n'),
    );
    expect([...quietedBy(loaded, () => true).keys()]).toEqual([ruleA?.id]);
  });

  it('is named', () => {
    expect(runningRules(load(correlation(part))).find(({ kind }) => kind === 'correlation')?.counts).toEqual([
      { id: ruleA?.id, title: 'Rule a' },
    ]);
  });
});
