import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ruleOf } from '../../test/support/sigma-rule.ts';
import { ruleTests } from './rule-file.ts';

describe('the tests of a running rule', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rules-'));
    mkdirSync(join(dir, 'pam'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const tests = () => ruleTests({ ...ruleOf('s:\n  f: evil\ncondition: s'), name: 'a', file: join(dir, 'pam', 'a.yml') });
  const write = (text: string) => writeFileSync(join(dir, 'pam', 'a.test.yml'), text);

  it('are counted by side', () => {
    const cases = ['match', 'no_match', 'no_match'].map((expected, i) => `{ name: n${i}, raw: x, expect: ${expected} }`);
    write(`rule: a\ntests: [${cases.join(', ')}]`);
    expect(tests()).toEqual({ match: 1, noMatch: 2 });
  });

  it('are asked for by the name of their file, and not by where it lies on this machine', () => {
    expect(tests()).toEqual({ match: 0, noMatch: 0, fault: 'has no tests: write a.test.yml' });
    write('rule: b\ntests: [{ name: n, raw: x, expect: match }]');
    expect(tests()).toMatchObject({ fault: 'a.test.yml says it tests `b`' });
    write('rule: [');
    expect(tests().fault).toMatch(/^a\.test\.yml:1:/);
  });
});
