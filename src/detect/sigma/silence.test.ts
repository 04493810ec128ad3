import { describe, expect, it } from 'vitest';
import { readRules } from './load.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A document of this map; its first line is line 4. */
const load = (map: string, more = '') =>
  readRules('a.yml', `title: Silent\nid: 00000000-0000-4000-8000-000000000001\nlevel: high\nsilence: ${map}\n${more}`);
const read = (map: string, more = '') => load(map, more).silences[0];
const faults = (map: string, more = '') => load(map, more).rejected.map(({ line, column, reason }) => `${line}:${column}: ${reason}`);

describe('a silence document', () => {
  it('is one line, and each key but `of` has a default', () => {
    const { silences, rejected, lints } = load('{ of: source }');
    expect(rejected).toEqual([]);
    expect(lints).toEqual([]);
    expect(silences).toEqual([
      expect.objectContaining({
        name: 'a',
        title: 'Silent',
        level: 'high',
        file: 'a.yml',
        groupBy: ['earshot.source'],
        paths: [['earshot.source']],
        logsource: undefined,
        tree: undefined,
        expectMs: undefined,
        times: 1,
        leastMs: HOUR / 2,
        grace: 2,
        learnMs: 3 * DAY,
        forgetMs: 14 * DAY,
      }),
    ]);
  });

  it('reads every key', () => {
    expect(read('{ of: [event.dataset, host.name], expect: learned, least: 10m, grace: 1.5, learn: 1d, forget: 30d }')).toMatchObject({
      groupBy: ['event.dataset', 'host.name'],
      expectMs: undefined,
      leastMs: HOUR / 6,
      grace: 1.5,
      learnMs: DAY,
      forgetMs: 30 * DAY,
    });
    expect(read('{ of: host, expect: 90m }')).toMatchObject({ groupBy: ['host.name'], expectMs: 1.5 * HOUR, forgetMs: 14 * DAY });
    expect(read('{ of: all, expect: 1h, times: 20 }')).toMatchObject({ groupBy: [], paths: [], expectMs: HOUR, times: 20 });
    expect(read('{ of: dataset, expect: 3w }')).toMatchObject({ groupBy: ['event.dataset'], forgetMs: 42 * DAY });
  });

  it('counts the events that a rule of its log source and detection would be true of', () => {
    const more = 'logsource: { product: windows }\ndetection: { s: { EventID: 4624 }, condition: s }';
    expect(read('{ of: [Computer] }', more)).toMatchObject({
      logsource: { product: 'windows' },
      tree: { kind: 'leaf', fields: ['event.code'] },
      groupBy: ['Computer'],
    });
  });

  it('has an identity by what is heard, not by what is said of it or how long it may be silent', () => {
    const identity = (map: string, more = '') => read(map, more)?.identity;
    expect(identity('{ of: host }')).toMatch(/^00000000-0000-4000-8000-000000000001@[0-9a-f]{12}$/);
    expect(identity('{ of: host, expect: 1h, forget: 2d }')).toBe(identity('{ of: host }', 'description: Other words.'));
    expect(identity('{ of: host }', 'logsource: { category: iam }')).not.toBe(identity('{ of: host }'));
    expect(identity('{ of: dataset }')).not.toBe(identity('{ of: host }'));
  });

  it.each([
    ['{ expect: 1h }', '4:10: `of` is missing: source, dataset, host, all, or a list of fields'],
    ['{ of: hosts }', '4:16: `of` is source, dataset, host, all, or a list of fields, such as [event.dataset, host.name]'],
    ['{ of: [host.name, host.name] }', '4:28: `of` has `host.name` twice'],
    ['{ of: host, every: 1h }', '4:22: `silence.every` is not known: there are of, expect, times, least, grace, learn, forget'],
    ['{ of: host, expect: soon }', '4:30: `expect` is `learned`, or a number and one of s, m, h, d, w: `90m`'],
    ['{ of: host, times: 3 }', '4:29: `times` needs a time in `expect`: so many events within it'],
    ['{ of: host, expect: 1h, times: 0 }', '4:41: `times` is a whole number from 1 to 1000: so many events within `expect`'],
    ['{ of: host, least: 0m }', '4:29: `least` is a number and one of s, m, h, d, w: `90m`'],
    ['{ of: host, expect: 1h, grace: 3 }', '4:41: `grace` is for what is learned, and `expect` says a time'],
    ['{ of: host, grace: 0.5 }', '4:29: `grace` is a number from 1 to 100: so many times the longest silence that was usual'],
    ['{ of: host, expect: 2d, forget: 1d }', '4:42: nothing would ever be told: it is forgotten before it has been silent for too long'],
    ['host', '4:10: `silence` is a map with `of`: source, dataset, host, all, or a list of fields'],
  ])('%s is rejected with its place', (map, fault) => {
    expect(faults(map)).toEqual([fault]);
  });

  it('is rejected where nothing is ever heard, and where it is two things', () => {
    expect(faults('{ of: host }', 'logsource: { product: toaster }')).toEqual([
      '5:12: nothing is ever heard: no event of Earshot is of product: toaster',
    ]);
    expect(faults('{ of: host }', 'filter: { rules: any, s: { a: b }, condition: s }')).toEqual([
      '4:10: a document has one of detection, correlation, baseline, filter, silence: put a line with `---` between a rule and what belongs to it',
    ]);
  });
});
