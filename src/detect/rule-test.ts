import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ok, type Result } from '../lib/result.ts';
import type { Rule } from './sigma/rule.ts';
import { isMap, parseYaml } from './sigma/yaml-document.ts';
import type { Judged } from './stream/judged.ts';
import { compileRules } from './stream/rule-set.ts';

const caseSchema = z.strictObject({
  name: z.string().min(1).describe('What the case shows, as the end of the sentence "the rule …".'),
  raw: z.string().min(1).describe('The message as it comes from the source: a changed mapping breaks the test too.'),
  source: z.string().default('syslog').describe('Type of the source it comes from.'),
  expect: z.enum(['match', 'no_match']),
});

/** A document of `x.test.yml` beside `x.yml`: raw messages, and whether the rule fires on them. */
const ruleTestSchema = z.strictObject({
  rule: z.string().describe('Name of the rule: of the first in a file, that of the file without `.yml`.'),
  tests: z.array(caseSchema).min(1),
});

export type RuleCase = z.output<typeof caseSchema>;
/** The cases of one rule. */
export type RuleTest = z.output<typeof ruleTestSchema>;

/** Decodes, normalizes and enriches a message of a source. */
export type Evaluate = (raw: string, source: string) => Judged;

/** `x.test.yml` of `x.yml`. */
export const testFileOf = (ruleFile: string): string => ruleFile.replace(/\.ya?ml$/, '.test.yml');

/** The tests beside a file of rules, one document a rule; none where there is no such file. The error says what is wrong, and where. */
export function readTests(folder: string, ruleFile: string): Result<readonly RuleTest[], string> {
  const file = testFileOf(ruleFile);
  const path = join(folder, file);
  if (!existsSync(path)) return ok([]);
  const { documents, faults } = parseYaml(file, readFileSync(path, 'utf8'));
  const [fault] = faults.found;
  if (fault) return { ok: false, error: `${fault.file}:${fault.line}:${fault.column}: ${fault.reason}` };
  const tests: RuleTest[] = [];
  for (const document of documents) {
    const read = ruleTestSchema.safeParse(isMap(document) ? document.toJSON() : undefined);
    if (!read.success)
      return { ok: false, error: read.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`).join('; ') };
    tests.push(read.data);
  }
  return ok(tests);
}

/** The cases of one rule, or why there are none. `folder`: the one that `rule.file` is seen from. */
export function readRuleTest(folder: string, rule: Pick<Rule, 'file' | 'name'>): Result<readonly RuleCase[], string> {
  const read = readTests(folder, rule.file);
  if (!read.ok) return read;
  const own = read.value.find((test) => test.rule === rule.name);
  if (own !== undefined) return ok(own.tests);
  const file = testFileOf(rule.file);
  const names = read.value.map((test) => `\`${test.rule}\``);
  return { ok: false, error: names.length === 0 ? `has no tests: write ${file}` : `${file} says it tests ${names.join(', ')}` };
}

/** A case with its message read: it is put to a rule many times, once for each change to the rule. */
export interface JudgedCase extends RuleCase {
  readonly event: Judged;
}

export const judgeCases = (cases: readonly RuleCase[], evaluate: Evaluate): JudgedCase[] =>
  cases.map((each) => ({ ...each, event: evaluate(each.raw, each.source) }));

const SIDES = { match: 'needs a case that matches', no_match: 'needs a case that nearly matches, and does not' } as const;

/** Why a rule's cases do not say enough. */
export const missingSides = (cases: readonly RuleCase[]): string[] =>
  (['match', 'no_match'] as const).filter((side) => !cases.some((each) => each.expect === side)).map((side) => SIDES[side]);

/** What is wrong with each case, in their order; undefined where the rule did what the case says. */
export function runCases(rule: Rule, cases: readonly JudgedCase[]): (string | undefined)[] {
  const errors: unknown[] = [];
  const set = compileRules([rule], { onError: (_, error) => errors.push(error) });
  return cases.map((each) => {
    const fired = set.match(each.event).length > 0;
    const [error] = errors.splice(0);
    if (error !== undefined) return `threw: ${String(error)}`;
    if (fired === (each.expect === 'match')) return undefined;
    return fired ? 'fired' : 'did not fire';
  });
}
