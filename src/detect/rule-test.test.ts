import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judged, ruleOf, ruleText } from '../../test/support/sigma-rule.ts';
import { mutants } from './rule-mutants.ts';
import { type Evaluate, runRuleTests } from './rule-test.ts';

const evaluate: Evaluate = (raw, source) => judged({ f: raw, source }, { text: raw });

describe('the tests of rules', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
    writeFileSync(join(dir, 'a.yml'), ruleText('s:\n  f: evil\ncondition: s'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const run = (tests?: string) => {
    if (tests !== undefined) writeFileSync(join(dir, 'a.test.yml'), tests);
    return runRuleTests({ rulesDir: dir, evaluate });
  };
  const MATCH = '{ name: fires, raw: evil, expect: match }';
  const NO_MATCH = '{ name: is quiet, raw: good, expect: no_match }';

  it('pass when the rule does what they say', () => {
    expect(run(`rule: a\ntests: [${MATCH}, ${NO_MATCH}]`)).toEqual({ rules: 1, cases: 2, faults: [] });
  });

  it.each([
    [undefined, 'has no tests: write a.test.yml'],
    [`rule: a\ntests: [${MATCH}]`, 'needs a case that nearly matches, and does not'],
    [`rule: a\ntests: [${NO_MATCH}]`, 'needs a case that matches'],
    [`rule: b\ntests: [${MATCH}, ${NO_MATCH}]`, 'a.test.yml says it tests `b`'],
    ['rule: a\ntests: [{ name: x, raw: y, expect: maybe }]', 'a.test.yml: tests.0.expect: '],
    ['rule: [', 'a.test.yml:1:8: YAML'],
    [`rule: a\ntests: [${MATCH}, ${NO_MATCH}, { name: x, raw: good, expect: match }]`, 'did not fire'],
    [`rule: a\ntests: [${MATCH}, ${NO_MATCH}, { name: x, raw: evil, expect: no_match }]`, 'fired'],
  ])('%j', (tests, reason) => {
    expect(run(tests).faults).toEqual([expect.objectContaining({ reason: expect.stringContaining(reason) })]);
  });

  it('tell of rules that are rejected', () => {
    writeFileSync(join(dir, 'b.yml'), 'title: B');
    expect(run(`rule: a\ntests: [${MATCH}, ${NO_MATCH}]`).faults[0]?.reason).toContain('b.yml:1:1: ');
  });
});

describe('mutants', () => {
  it('leave out and turn round each part; values of one field are one part', () => {
    const { tree } = ruleOf('a:\n  f: [x, y]\n  g: z\nb:\n  h: w\ncondition: a and not b');
    expect(mutants(tree).map((mutant) => mutant.what)).toEqual([
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
});
