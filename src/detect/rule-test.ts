import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { faultText } from './sigma/fault.ts';
import { loadRules } from './sigma/load.ts';
import type { Rule } from './sigma/rule.ts';
import type { Placeholders } from './sigma/text-values.ts';
import { isMap, parseYaml } from './sigma/yaml-document.ts';
import type { Judged } from './stream/judged.ts';
import { compileRules, type RuleSet } from './stream/rule-set.ts';

const caseSchema = z.strictObject({
  name: z.string().min(1).describe('What the case shows, as the end of the sentence "the rule …".'),
  raw: z.string().min(1).describe('The message as it comes from the source: a changed mapping breaks the test too.'),
  source: z.string().default('syslog').describe('Type of the source it comes from.'),
  expect: z.enum(['match', 'no_match']),
});

/** `x.test.yml` beside `x.yml`: raw messages, and whether the rule fires on them. */
const ruleTestSchema = z.strictObject({
  rule: z.string().describe('File name of the rule, without `.yml`.'),
  tests: z.array(caseSchema).min(1),
});

export type RuleCase = z.output<typeof caseSchema>;

/** Decodes and normalizes a message of a source. */
export type Evaluate = (raw: string, source: string) => Judged;

export interface RuleTestFault {
  readonly rule: string;
  /** Name of the case; absent where the tests as a whole are at fault. */
  readonly name?: string;
  readonly reason: string;
}

export interface RuleTestReport {
  readonly rules: number;
  readonly cases: number;
  readonly faults: readonly RuleTestFault[];
}

export interface RuleTestRun {
  /** Folder of the rules; the tests lie beside them. */
  readonly rulesDir: string;
  readonly evaluate: Evaluate;
  readonly placeholders?: Placeholders;
}

/** Loads the rules of a folder and runs the tests of each. A rule that is rejected, or lacks a test of either side, is a fault. */
export function runRuleTests({ rulesDir, evaluate, placeholders = new Map() }: RuleTestRun): RuleTestReport {
  const { rules, rejected } = loadRules(rulesDir, { placeholders });
  const faults: RuleTestFault[] = rejected.map((fault) => ({ rule: fault.file, reason: faultText(fault) }));
  let cases = 0;
  for (const rule of rules) {
    const read = readRuleTest(rulesDir, rule);
    if (!read.ok) {
      faults.push({ rule: rule.name, reason: read.reason });
      continue;
    }
    cases += read.cases.length;
    faults.push(...missingSides(rule, read.cases), ...failures(rule, read.cases, evaluate));
  }
  return { rules: rules.length, cases, faults };
}

/** The cases of a rule, or why there are none. */
export function readRuleTest(rulesDir: string, rule: Rule): { ok: true; cases: readonly RuleCase[] } | { ok: false; reason: string } {
  const file = rule.file.replace(/\.ya?ml$/, '.test.yml');
  const path = join(rulesDir, file);
  if (!existsSync(path)) return { ok: false, reason: `has no tests: write ${file}` };
  const { documents, faults } = parseYaml(file, readFileSync(path, 'utf8'));
  const [fault] = faults.found;
  if (fault) return { ok: false, reason: `${fault.file}:${fault.line}:${fault.column}: ${fault.reason}` };
  const [document] = documents;
  const read = ruleTestSchema.safeParse(isMap(document) ? document.toJSON() : undefined);
  if (!read.success)
    return { ok: false, reason: read.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`).join('; ') };
  if (read.data.rule !== rule.name) return { ok: false, reason: `${file} says it tests \`${read.data.rule}\`` };
  return { ok: true, cases: read.data.tests };
}

function missingSides(rule: Rule, cases: readonly RuleCase[]): RuleTestFault[] {
  const sides = { match: 'needs a case that matches', no_match: 'needs a case that nearly matches, and does not' } as const;
  return (['match', 'no_match'] as const)
    .filter((side) => !cases.some((each) => each.expect === side))
    .map((side) => ({ rule: rule.name, reason: sides[side] }));
}

function failures(rule: Rule, cases: readonly RuleCase[], evaluate: Evaluate): RuleTestFault[] {
  const errors: unknown[] = [];
  const set = compileRules([rule], { onError: (_, error) => errors.push(error) });
  const failed = cases.filter((each) => fires(set, each, evaluate) !== (each.expect === 'match'));
  return [
    ...failed.map((each) => ({ rule: rule.name, name: each.name, reason: each.expect === 'match' ? 'did not fire' : 'fired' })),
    ...errors.map((error) => ({ rule: rule.name, reason: `threw: ${String(error)}` })),
  ];
}

const fires = (set: RuleSet, each: RuleCase, evaluate: Evaluate): boolean => set.match(evaluate(each.raw, each.source)).length > 0;

/** Whether the rule, changed into this one, is told from the original by the cases. */
export function casesNotice(changed: Rule, cases: readonly RuleCase[], evaluate: Evaluate): boolean {
  return failures(changed, cases, evaluate).length > 0;
}
