import { existsSync, writeFileSync } from 'node:fs';
import { junit } from '../detect/junit.ts';
import { navigatorLayer } from '../detect/navigator.ts';
import { faultText } from '../detect/sigma/fault.ts';
import { membersOf } from '../detect/sigma/load.ts';
import { failuresOf, mutationOf, type TestReport, techniquesOf, testRules as testRulesAt, untestedOf } from '../detect/test-report.ts';
import { SHIPPED_RULES } from '../stages.ts';
import { type Call, CONFIG_OPTION, type Command, FAULTS, GOOD, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { countText, countTexts } from './counts-text.ts';
import { ruleOptions } from './enrichment.ts';
import { messageJudge } from './judge-message.ts';
import { output, visible } from './output.ts';
import { watchRules } from './watch-rules.ts';

/** Of the changes to a rule (a part left out, or turned round) this share must make one of its tests fail. */
const LEAST_SCORE = 0.9;

export const testRules: Command = {
  name: 'test',
  summary:
    'Runs the tests beside rules, and changes each rule to see whether its tests would notice. Exit code 1: a rule was rejected, a test failed, the tests notice less than 90 % of the changes, or there is no rule.',
  operands: '[PATH…]',
  operandCount: [0, Number.POSITIVE_INFINITY],
  options: {
    json: { type: 'boolean', describe: 'the whole report as one JSON object (with --watch one a line)' },
    junit: { type: 'string', value: 'FILE', describe: 'write the report as JUnit XML too' },
    navigator: { type: 'string', value: 'FILE', describe: 'write the techniques of the rules as a layer of the ATT&CK Navigator' },
    'require-tests': { type: 'boolean', describe: 'a rule without tests is a fault' },
    watch: { type: 'boolean', describe: 'run again when a file changes, until Ctrl-C' },
    config: CONFIG_OPTION,
  },
  examples: [
    'earshot test',
    'earshot test /etc/earshot/rules --require-tests --junit report.xml',
    'earshot test my-rule.yml --watch',
    'earshot test ~/sigma/rules --json | jq .rejected',
  ],
  run: async (call) => {
    const { settings } = needConfiguration(call);
    const missing = call.positionals.filter((path) => !existsSync(path));
    if (missing.length > 0) throw new UsageError(`there is no file or folder ${missing.join(', ')}`);
    const paths = call.positionals.length > 0 ? call.positionals : [SHIPPED_RULES, ...settings.rules.folders];
    const evaluate = await messageJudge(settings);
    const options = await ruleOptions(settings);
    const once = () => testOnce(call, paths, () => testRulesAt(paths, evaluate, options));
    if (!call.flag('watch')) return await once();
    let code = 0;
    for await (const _ of watchRules(paths)) code = await once();
    return code;
  },
};

async function testOnce(call: Call, paths: readonly string[], test: () => TestReport): Promise<number> {
  const report = test();
  const requireTests = call.flag('require-tests');
  writeTo(call.text('junit'), () => junit(report, { leastScore: LEAST_SCORE, requireTests }));
  writeTo(call.text('navigator'), () => {
    const silent = new Set(report.silent.map(({ rule }) => rule));
    return `${JSON.stringify(navigatorLayer(membersOf(report), silent), undefined, 2)}\n`;
  });
  if (call.flag('json')) await output.print(asJson(report, call.flag('watch')));
  else for (const line of asText(report, requireTests)) await output.print(`${visible(line)}\n`);
  for (const lint of report.lints) process.stderr.write(`${visible(faultText(lint))}\n`);
  for (const { file, reason } of report.silent) process.stderr.write(`${visible(`${file}: ${reason}`)}\n`);
  process.stderr.write(`${paths.join(', ')}: ${summary(report)}\n`);
  return isGood(report, requireTests) ? GOOD : FAULTS;
}

function writeTo(file: string | undefined, text: () => string): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, text());
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

function isGood(report: TestReport, requireTests: boolean): boolean {
  if (membersOf(report).length === 0 || report.rejected.length > 0 || failuresOf(report).length > 0) return false;
  if (requireTests && untestedOf(report).length > 0) return false;
  return mutationOf(report).score >= LEAST_SCORE;
}

/** What is wrong, a line each. */
function asText(report: TestReport, requireTests: boolean): string[] {
  const { score, missed } = mutationOf(report);
  return [
    ...report.rejected.map(faultText),
    ...failuresOf(report).map(({ rule, name, reason }) => `${rule}${name === undefined ? '' : ` "${name}"`}: ${reason}`),
    ...(requireTests ? untestedOf(report).map((rule) => `${rule}: has no tests`) : []),
    ...(score < LEAST_SCORE ? missed.map(({ rule, change }) => `${rule}: ${change}: no test notices`) : []),
  ];
}

function summary(report: TestReport): string {
  const { rejected, silent, results } = report;
  const { tried, score } = mutationOf(report);
  const untested = untestedOf(report).length;
  const cases = results.reduce((sum, each) => sum + each.cases.length, 0);
  const parts = [
    ...countTexts(report),
    countText(cases, 'case'),
    ...(rejected.length > 0 ? [`rejected rules in ${countText(new Set(rejected.map(({ file }) => file)).size, 'file')}`] : []),
    ...(silent.length > 0 ? [`${silent.length} can never fire here`] : []),
    ...(untested > 0 ? [`${untested} have no tests`] : []),
    ...(tried > 0 ? [`the tests notice ${Math.floor(score * 100)} % of ${tried} changes to the rules`] : []),
  ];
  return parts.join(', ');
}

function asJson(report: TestReport, oneLine: boolean): string {
  const { tried, noticed, score, missed } = mutationOf(report);
  const json = {
    rules: report.rules.length,
    correlations: report.correlations.length,
    baselines: report.baselines.length,
    silences: report.silences.length,
    cases: report.results.reduce((sum, { cases }) => sum + cases.length, 0),
    rejected: report.rejected.map(({ file, line, column, reason }) => ({ file, line, column, reason })),
    lints: report.lints.map(({ file, line, column, reason }) => ({ file, line, column, reason })),
    silent: report.silent,
    untested: untestedOf(report),
    failures: failuresOf(report),
    mutation: { tried, noticed, score, missed },
    techniques: Object.fromEntries(techniquesOf(membersOf(report))),
  };
  return `${JSON.stringify(json, undefined, oneLine ? undefined : 2)}\n`;
}
