import { existsSync } from 'node:fs';
import { mutants } from '../detect/rule-mutants.ts';
import { casesNotice, type Evaluate, readRuleTest, runRuleTests } from '../detect/rule-test.ts';
import { loadRules } from '../detect/sigma/load.ts';
import type { Rule } from '../detect/sigma/rule.ts';
import type { Settings } from '../settings.ts';
import { buildStages, SHIPPED_RULES } from '../stages.ts';
import { CONFIG_OPTION, type Command, FAULTS, GOOD, UsageError } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { output } from './output.ts';

/** Of the changes to a rule (a part left out, or turned round) this share must make one of its tests fail. */
const LEAST_SCORE = 0.9;

export const testRules: Command = {
  name: 'test',
  summary: 'Runs the tests beside rules, and changes each rule to see whether its tests would notice.',
  operands: '[FOLDER…]',
  operandCount: [0, Number.POSITIVE_INFINITY],
  options: { config: CONFIG_OPTION },
  examples: ['earshot test', 'earshot test /etc/earshot/rules'],
  run: async (call) => {
    const { settings } = needConfiguration(call);
    const missing = call.positionals.filter((folder) => !existsSync(folder));
    if (missing.length > 0) throw new UsageError(`there is no folder ${missing.join(', ')}`);
    const folders = call.positionals.length > 0 ? call.positionals : [SHIPPED_RULES, ...settings.rules.folders];
    const evaluate = evaluator(settings);
    const faults = folders.flatMap((folder) => testFolder(folder, evaluate));
    for (const fault of faults) await output.print(`${fault}\n`);
    return faults.length > 0 ? FAULTS : GOOD;
  },
};

function testFolder(folder: string, evaluate: Evaluate): string[] {
  const { rules } = loadRules(folder);
  const report = runRuleTests({ rulesDir: folder, evaluate });
  const { tried, missed } = changeRules(folder, rules, evaluate);
  const score = tried === 0 ? 1 : (tried - missed.length) / tried;
  process.stderr.write(
    `${folder}: ${report.rules} rules, ${report.cases} cases; the tests notice ${Math.floor(score * 100)} % of ${tried} changes to the rules\n`,
  );
  return [
    ...report.faults.map(({ rule, name, reason }) => `${rule}${name === undefined ? '' : ` "${name}"`}: ${reason}`),
    ...(score < LEAST_SCORE ? missed.map((each) => `${each}: no test notices`) : []),
  ];
}

function changeRules(folder: string, rules: readonly Rule[], evaluate: Evaluate): { tried: number; missed: string[] } {
  const missed: string[] = [];
  let tried = 0;
  for (const rule of rules) {
    const read = readRuleTest(folder, rule);
    for (const { what, tree } of read.ok ? mutants(rule.tree) : []) {
      tried++;
      if (read.ok && !casesNotice({ ...rule, tree }, read.cases, evaluate)) missed.push(`${rule.name}: ${what}`);
    }
  }
  return { tried, missed };
}

/** A message of a test through the real decoder and mappings. */
function evaluator(settings: Settings): Evaluate {
  const { stages } = buildStages(settings, []);
  return (raw, source) => {
    const record = { seq: 1, receivedAt: Date.now(), source, origin: { transport: 'file' }, bytes: Buffer.from(raw) } as const;
    const decoded = stages.decode(record);
    const { fields, timestamp } = stages.normalize(record, decoded);
    return { fields, timestamp, text: decoded.text, source };
  };
}
