import { describe, expect, it } from 'vitest';
import { junit } from './junit.ts';
import type { TestReport } from './test-report.ts';

const REPORT: TestReport = {
  rules: [],
  correlations: [],
  baselines: [],
  silences: [],
  lints: [],
  rejected: [{ file: 'b.yml', line: 3, column: 1, reason: '`id` is missing' }],
  silent: [],
  results: [
    {
      rule: 'a',
      file: 'a.yml',
      cases: [{ name: 'fires on <"root"> & co\n\u0000\ud800' }, { name: 'is quiet', fault: 'fired' }],
      faults: [],
      mutation: { tried: 4, missed: ['left out: s: f: x'] },
    },
    { rule: 'c', file: 'c.yml', cases: [], faults: [], mutation: { tried: 0, missed: [] } },
  ],
  strays: [],
};

describe('the JUnit report', () => {
  it('has each case, what was rejected, and what no test notices', () => {
    expect(junit(REPORT, { leastScore: 0.9, requireTests: false })).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="earshot test" tests="5" failures="2" errors="1" skipped="1" time="0">
        <testsuite name="a" tests="2" failures="1" errors="0" skipped="0" time="0">
          <testcase name="fires on &lt;&quot;root&quot;&gt; &amp; co&#10;��" classname="a" time="0"/>
          <testcase name="is quiet" classname="a" time="0">
            <failure message="fired"/>
          </testcase>
        </testsuite>
        <testsuite name="c" tests="1" failures="0" errors="0" skipped="1" time="0">
          <testcase name="has tests" classname="c" time="0">
            <skipped message="has no tests"/>
          </testcase>
        </testsuite>
        <testsuite name="rejected rules" tests="1" failures="0" errors="1" skipped="0" time="0">
          <testcase name="b.yml:3:1" classname="rejected rules" time="0">
            <error message="\`id\` is missing"/>
          </testcase>
        </testsuite>
        <testsuite name="changes to rules" tests="1" failures="1" errors="0" skipped="0" time="0">
          <testcase name="tests notice 3 of 4 changes to the rules" classname="changes to rules" time="0">
            <failure message="a: left out: s: f: x: no test notices"/>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('takes few unnoticed changes, and may ask for tests', () => {
    const text = junit(REPORT, { leastScore: 0.75, requireTests: true });
    expect(text).toContain('<failure message="has no tests"/>');
    expect(text).not.toContain('no test notices');
  });
});
