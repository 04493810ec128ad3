import { type RuleResult, type TestReport, untestedOf } from './test-report.ts';

interface TestCase {
  readonly name: string;
  readonly outcome?: { readonly kind: 'failure' | 'error' | 'skipped'; readonly message: string };
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/**
 * The report in the JUnit form that build servers read: a suite for each rule with its cases, one of the rules that were rejected, and one
 * of how many changes to the rules the tests notice (at least `leastScore`, from 0 to 1). A rule without tests is a skipped case, or with
 * `requireTests` a failure.
 */
export function junit(report: TestReport, { leastScore, requireTests }: { leastScore: number; requireTests: boolean }): string {
  const untested = new Set(untestedOf(report));
  const suites = [
    ...report.results.map((result) => (untested.has(result.rule) ? untestedSuite(result, requireTests) : ruleSuite(result))),
    ...faultSuite(
      'rejected rules',
      'error',
      report.rejected.map(({ file, line, column, reason }) => [`${file}:${line}:${column}`, reason]),
    ),
    ...faultSuite(
      'tests of no rule',
      'error',
      report.strays.map(({ file, reason }) => [file, reason]),
    ),
    mutationSuite(report, leastScore),
  ];
  const all = suites.flatMap(({ cases }) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="earshot test" ${counts(all)}>\n${suites.map(suiteXml).join('')}</testsuites>\n`;
}

const untestedSuite = ({ rule }: RuleResult, required: boolean): Suite => ({
  name: rule,
  cases: [{ name: 'has tests', outcome: { kind: required ? 'failure' : 'skipped', message: 'has no tests' } }],
});

const ruleSuite = ({ rule, cases, faults }: RuleResult): Suite => ({
  name: rule,
  cases: [
    ...cases.map(({ name, fault }) => (fault === undefined ? { name } : { name, outcome: { kind: 'failure', message: fault } as const })),
    ...faults.map((message) => ({ name: 'tests of both sides', outcome: { kind: 'failure', message } as const })),
  ],
});

function faultSuite(name: string, kind: 'error', faults: readonly (readonly [place: string, reason: string])[]): Suite[] {
  if (faults.length === 0) return [];
  return [{ name, cases: faults.map(([place, message]) => ({ name: place, outcome: { kind, message } })) }];
}

function mutationSuite({ results }: TestReport, leastScore: number): Suite {
  const tried = results.reduce((sum, { mutation }) => sum + mutation.tried, 0);
  const missed = results.flatMap(({ rule, mutation }) => mutation.missed.map((change) => `${rule}: ${change}`));
  const name = `tests notice ${tried - missed.length} of ${tried} changes to the rules`;
  const enough = tried === 0 || (tried - missed.length) / tried >= leastScore;
  return {
    name: 'changes to rules',
    cases: [
      enough ? { name } : { name, outcome: { kind: 'failure', message: missed.map((each) => `${each}: no test notices`).join('\n') } },
    ],
  };
}

function suiteXml({ name, cases }: Suite): string {
  return `  <testsuite name="${attribute(name)}" ${counts(cases)}>\n${cases.map((each) => caseXml(name, each)).join('')}  </testsuite>\n`;
}

function caseXml(suite: string, { name, outcome }: TestCase): string {
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(suite)}" time="0"`;
  if (outcome === undefined) return `${head}/>\n`;
  return `${head}>\n      <${outcome.kind} message="${attribute(outcome.message)}"/>\n    </testcase>\n`;
}

function counts(cases: readonly TestCase[]): string {
  const of = (kind: 'failure' | 'error' | 'skipped') => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="0"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

/** Text in an attribute. XML 1.0 has no way to write other control characters or halves of a pair: they become U+FFFD. */
const attribute = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[&<>"\n\t\r]/g, (char) => ESCAPES[char] ?? char)
    .replace(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
