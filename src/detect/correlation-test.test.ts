import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judged, ruleText } from '../../test/support/sigma-rule.ts';
import type { Evaluate } from './rule-test.ts';
import { failuresOf, mutationOf, testRules, untestedOf } from './test-report.ts';

/** `who what`, where `what` is what the rule looks for. */
const evaluate: Evaluate = (raw) => {
  const [who = '', f = ''] = raw.split(' ');
  return judged({ f, 'user.name': who }, { text: raw });
};

const base = (name: string, id: string): string => `${ruleText(`s:\n  f: ${name}\ncondition: s`).replace('5f1c0a52', id)}\nname: ${name}`;

const correlation = (type: string, more: string): string =>
  `title: C\nid: 5f1c0a99-7d0e-4b3e-9a57-0c8a1f5b2e11\nname: counted\ncorrelation:\n  type: ${type}\n  group-by: [user.name]\n  timespan: 5m\n${more}`;

describe('timelines', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
    writeFileSync(join(dir, 'a.yml'), base('bad', '5f1c0a52'));
    writeFileSync(join(dir, 'b.yml'), base('worse', '5f1c0a53'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const run = (text: string, ...cases: readonly string[]) => {
    writeFileSync(join(dir, 'c.yml'), text);
    writeFileSync(join(dir, 'c.test.yml'), `rule: c\ntests:\n${cases.map((each) => `  - ${each}`).join('\n')}`);
    return testRules([dir], evaluate);
  };
  const COUNT = correlation('event_count', '  rules: [bad]\n  condition: { gte: 3 }');
  const FIRES = "{ name: fires, timeline: [{ at: 0, raw: 'eve bad', times: 2, every: 10s }, { at: 5, raw: 'eve bad' }], expect: alert }";
  const QUIET = "{ name: is quiet, timeline: [{ at: 0, raw: 'eve bad', times: 2, every: 10s }], expect: no_alert }";
  const SLOW = "{ name: is quiet slowly, timeline: [{ at: 0, raw: 'eve bad', times: 3, every: 3 }], expect: no_alert }";
  const OTHERS = "{ name: is quiet on others, timeline: [{ at: 0, raw: 'eve{n} bad', times: 3, every: 500ms }], expect: no_alert }";

  it('pass when the correlation does what they say, and notice every change', () => {
    const report = run(COUNT, FIRES, QUIET, SLOW, OTHERS);
    expect(report.correlations.map(({ name }) => name)).toEqual(['c']);
    expect(failuresOf(report)).toEqual([]);
    expect(untestedOf(report)).toEqual(['a', 'b']);
    expect(mutationOf(report)).toEqual({ tried: 5, noticed: 5, score: 1, missed: [] });
  });

  it.each([
    [[FIRES], ['left out: group-by', 'gte: 2', 'ten times the time']],
    [[FIRES, QUIET, SLOW], ['left out: group-by']],
    [[FIRES, QUIET, OTHERS], ['ten times the time']],
  ])('%j miss %j', (cases, missed) => {
    expect(
      mutationOf(run(COUNT, ...cases))
        .missed.map(({ change }) => change)
        .sort(),
    ).toEqual([...missed].sort());
  });

  it.each([
    [[FIRES.replace('alert', 'no_alert'), FIRES], 'raised an alert'],
    [[QUIET.replace('no_alert', 'alert'), QUIET], 'raised no alert'],
    [[FIRES], 'needs a timeline that nearly raises an alert, and does not'],
    [[QUIET], 'needs a timeline that raises an alert'],
    [['{ name: x, raw: eve bad, expect: match }'], 'write a `timeline`'],
    [
      ["{ name: x, timeline: [{ at: 0, raw: 'eve bad', times: 2 }], expect: alert }"],
      'tests.0.timeline.0: what comes several `times` needs `every`',
    ],
    [["{ name: x, timeline: [{ at: soon, raw: 'eve bad' }], expect: alert }"], 'tests.0.timeline.0.at: '],
  ])('%j: %s', (cases, reason) => {
    expect(failuresOf(run(COUNT, ...cases))[0]?.reason).toContain(reason);
  });

  it('of rules are the wrong form', () => {
    writeFileSync(join(dir, 'a.test.yml'), `rule: a\ntests: [${FIRES}]`);
    expect(failuresOf(testRules([dir], evaluate))).toEqual([{ rule: 'a', name: 'fires', reason: expect.stringContaining('write `raw`') }]);
  });

  it('tell the order of events', () => {
    const ordered = correlation('temporal_ordered', '  rules: [bad, worse]');
    const steps = (first: string, then: string) =>
      `timeline: [{ at: 0, raw: 'eve ${first}' }, { at: 2h, raw: 'x y' }, { at: 1, raw: 'eve ${then}' }]`;
    const report = run(
      ordered,
      `{ name: fires, ${steps('bad', 'worse')}, expect: alert }`,
      `{ name: is quiet, ${steps('worse', 'bad')}, expect: no_alert }`,
    );
    expect(failuresOf(report)).toEqual([]);
    expect(mutationOf(report).missed.map(({ change }) => change)).not.toContain('in any order');
  });

  it('play correlations of correlations', () => {
    writeFileSync(join(dir, 'c0.yml'), COUNT.replace('name: counted', 'name: inner').replace('5f1c0a99', '5f1c0a98'));
    const chained = correlation('temporal', '  rules: [inner, worse]');
    const report = run(
      chained,
      "{ name: fires, timeline: [{ at: 0, raw: 'eve bad', times: 3, every: 1s }, { at: 1, raw: 'eve worse' }], expect: alert }",
      "{ name: is quiet, timeline: [{ at: 0, raw: 'eve bad', times: 2, every: 1s }, { at: 1, raw: 'eve worse' }], expect: no_alert }",
    );
    expect(failuresOf(report)).toEqual([]);
  });
});
