import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judged, ruleOf, ruleText } from '../../test/support/sigma-rule.ts';
import { mutants } from './rule-mutants.ts';
import type { Evaluate } from './rule-test.ts';
import { failuresOf, mutationOf, techniquesOf, testRules, untestedOf } from './test-report.ts';

const evaluate: Evaluate = (raw, source, lookedUp) => judged({ f: raw, source, ...lookedUp }, { text: raw });

describe('the tests of rules', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
    writeFileSync(join(dir, 'a.yml'), ruleText('s:\n  f: evil\ncondition: s'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const run = (tests?: string) => {
    if (tests !== undefined) writeFileSync(join(dir, 'a.test.yml'), tests);
    return testRules([dir], evaluate);
  };
  const MATCH = '{ name: fires, raw: evil, expect: match }';
  const NO_MATCH = '{ name: is quiet, raw: good, expect: no_match }';

  it('pass when the rule does what they say', () => {
    const report = run(`rule: a\ntests: [${MATCH}, ${NO_MATCH}]`);
    expect(failuresOf(report)).toEqual([]);
    expect(untestedOf(report)).toEqual([]);
    expect(report.results).toEqual([
      {
        rule: 'a',
        file: join(dir, 'a.yml'),
        cases: [{ name: 'fires' }, { name: 'is quiet' }],
        faults: [],
        mutation: { tried: 1, missed: [] },
      },
    ]);
  });

  it('of several paths are run together, each file once', () => {
    const more = mkdtempSync(join(tmpdir(), 'rules-'));
    const above = 'title: Many\nid: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e12\n';
    writeFileSync(join(more, 'm.yml'), `${above}correlation: { type: event_count, rules: [a], timespan: 1m, condition: { gte: 2 } }\n`);
    const { rules, correlations, rejected } = testRules([more, dir, join(dir, 'a.yml')], evaluate);
    rmSync(more, { recursive: true });
    expect(rejected).toEqual([]);
    expect([rules.length, correlations.length]).toEqual([1, 1]);
  });

  it('of a single file are run alone', () => {
    writeFileSync(join(dir, 'b.yml'), 'title: B');
    writeFileSync(join(dir, 'a.test.yml'), `rule: a\ntests: [${MATCH}, ${NO_MATCH}]`);
    const report = testRules([join(dir, 'a.yml')], evaluate);
    expect(report.rejected).toEqual([]);
    expect(report.results).toEqual([expect.objectContaining({ rule: 'a', file: join(dir, 'a.yml') })]);
  });

  it.each([
    [`rule: a\ntests: [${MATCH}]`, 'needs a case that nearly matches, and does not'],
    [`rule: a\ntests: [${NO_MATCH}]`, 'needs a case that matches'],
    [`rule: b\ntests: [${MATCH}, ${NO_MATCH}]`, 'says it tests `b`, which is not in a.yml'],
    [`rule: a\ntests: [${MATCH}, ${NO_MATCH}]\n---\nrule: a\ntests: [${MATCH}, ${NO_MATCH}]`, 'two documents'],
    ['rule: a\ntests: [{ name: x, raw: y, expect: maybe }]', 'a.test.yml: tests.0.expect: '],
    ['rule: [', 'a.test.yml:1:8: YAML'],
    [`rule: a\ntests: [{ name: x, raw: y, looked_up: { user.name: eve }, expect: match }]`, 'only what look-ups add'],
    [`rule: a\ntests: [${MATCH}, ${NO_MATCH}, { name: x, raw: good, expect: match }]`, 'did not fire'],
    [`rule: a\ntests: [${MATCH}, ${NO_MATCH}, { name: x, raw: evil, expect: no_match }]`, 'fired'],
  ])('%j', (tests, reason) => {
    expect(failuresOf(run(tests))).toEqual([expect.objectContaining({ reason: expect.stringContaining(reason) })]);
  });

  it('may say what people, lists and networks would add', () => {
    writeFileSync(join(dir, 'a.yml'), ruleText('s:\n  f: evil\n  earshot.person.leaving: true\ncondition: s'));
    const leaver = '{ name: fires on a leaver, raw: evil, looked_up: { earshot.person.leaving: true }, expect: match }';
    expect(failuresOf(run(`rule: a\ntests: [${leaver}, { name: is quiet on others, raw: evil, expect: no_match }]`))).toEqual([]);
  });

  it('may be missing: the rule is named, and nothing has failed', () => {
    const report = run();
    expect(untestedOf(report)).toEqual(['a']);
    expect(failuresOf(report)).toEqual([]);
    expect(mutationOf(report)).toEqual({ tried: 0, noticed: 0, score: 1, missed: [] });
  });

  it('of several rules in one file are documents of one file too', () => {
    const second = ruleText('s:\n  f: worse\ncondition: s').replace('5f1c0a52', '5f1c0a53');
    writeFileSync(join(dir, 'a.yml'), `${ruleText('s:\n  f: evil\ncondition: s')}\n---\n${second}`);
    const report = run(
      `rule: a\ntests: [${MATCH}, ${NO_MATCH}]\n---\nrule: a-2\ntests: [{ name: fires, raw: worse, expect: match }, ${NO_MATCH}]`,
    );
    expect(report.results.map(({ rule, cases }) => [rule, cases.length])).toEqual([
      ['a', 2],
      ['a-2', 2],
    ]);
    expect(failuresOf(report)).toEqual([]);
  });

  it('tell of rules that are rejected, and of those that can never fire', () => {
    writeFileSync(join(dir, 'b.yml'), 'title: B');
    writeFileSync(join(dir, 'c.yml'), ruleText('s:\n  f: x\ncondition: s').replace('linux', 'nosuch').replace('5f1c0a52', '5f1c0a53'));
    const { rejected, silent } = run(`rule: a\ntests: [${MATCH}, ${NO_MATCH}]`);
    expect(rejected[0]).toMatchObject({ file: join(dir, 'b.yml'), line: 1, column: 1 });
    expect(silent).toEqual([{ rule: 'c', file: join(dir, 'c.yml'), reason: expect.stringContaining('can never fire here') }]);
  });

  it('notice too little when a changed rule passes them', () => {
    writeFileSync(join(dir, 'a.yml'), ruleText('s:\n  f: evil\n  source: syslog\ncondition: s'));
    const { tried, noticed, missed } = mutationOf(run(`rule: a\ntests: [${MATCH}, ${NO_MATCH}]`));
    expect({ tried, noticed }).toEqual({ tried: 5, noticed: 4 });
    expect(missed).toEqual([{ rule: 'a', change: 'left out: s: source: syslog' }]);
  });
});

describe('techniques', () => {
  it('are those of the tags, each with its rules', () => {
    const rule = (name: string, ...tags: string[]) => ({ name, tags });
    expect([...techniquesOf([rule('a', 'attack.t1110', 'attack.T1078.003'), rule('b', 'attack.t1110', 'attack.t1110', 'cve.1')])]).toEqual([
      ['T1078.003', ['a']],
      ['T1110', ['a', 'b']],
    ]);
  });
});

describe('mutants', () => {
  const what = (detection: string) => mutants(ruleOf(detection).tree).map((mutant) => mutant.what);

  it('leave out and turn round each part; values of one field are one part', () => {
    expect(what('a:\n  f: [x, y]\n  g: z\nb:\n  h: w\ncondition: a and not b')).toEqual([
      'negated: ((a: f: x or a: f: y) and a: g: z and not b: h: w)',
      'left out: (a: f: x or a: f: y)',
      'negated: (a: f: x or a: f: y)',
      'left out: a: g: z',
      'negated: a: g: z',
      'left out: not b: h: w',
      'negated: not b: h: w',
      'negated: b: h: w',
    ]);
  });

  it('know selections of a condition apart, also where they ask for the same field', () => {
    expect(what('a:\n  f: [x, y]\nb:\n  f: z\ncondition: 1 of *')).toEqual([
      'negated: (a: f: x or a: f: y or b: f: z)',
      'left out: (a: f: x or a: f: y)',
      'negated: (a: f: x or a: f: y)',
      'left out: b: f: z',
      'negated: b: f: z',
    ]);
  });
});
