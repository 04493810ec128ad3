import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Result } from '../lib/result.ts';
import { durationText } from '../model/duration-text.ts';
import { type RuleTest, readTests, type TimelineStep, testFileOf } from './rule-test.ts';
import type { Baseline } from './sigma/baseline.ts';
import type { Correlation } from './sigma/correlation.ts';
import { documentHashes } from './sigma/document.ts';
import type { Rule } from './sigma/rule.ts';
import type { Silence } from './sigma/silence-document.ts';

export interface RuleFile {
  readonly text: string;
  /** The file has another rule than the one that runs, or none, or cannot be read any more. */
  readonly changed: boolean;
  readonly cases: readonly ShownCase[];
}

/** A case as people read it: one message, or the messages of a timeline with when they come. */
export interface ShownCase {
  readonly name: string;
  readonly raw: string;
  readonly expect: RuleTest['cases'][number]['expect'];
}

export interface RuleTests {
  readonly match: number;
  readonly noMatch: number;
  /** Why there are none. */
  readonly fault?: string;
}

/** The file of a running rule or correlation as it is now. `rule.file` is its path. */
export function readRuleFile(rule: Rule | Correlation | Baseline | Silence): RuleFile {
  const tests = testOf('', rule);
  const cases = tests.ok ? shownCases(tests.value) : [];
  try {
    const text = readFileSync(rule.file, 'utf8');
    return { text, changed: !documentHashes(text).includes('document' in rule ? rule.document : rule.version), cases };
  } catch {
    return { text: '', changed: true, cases };
  }
}

/** How many cases a rule has that must fire, and that must not. `rule.file` is its path; what is wrong names the file beside it alone. */
export function ruleTests(rule: Rule | Correlation | Baseline | Silence): RuleTests {
  const read = testOf(dirname(rule.file), { name: rule.name, file: basename(rule.file) });
  if (!read.ok) return { match: 0, noMatch: 0, fault: read.error };
  const cases: readonly Pick<ShownCase, 'expect'>[] = read.value.cases;
  const match = cases.filter(({ expect }) => expect === 'match' || expect === 'alert').length;
  return { match, noMatch: cases.length - match };
}

/** The test of one rule, or why there is none. `folder`: the one that `rule.file` is seen from. */
function testOf(folder: string, rule: Pick<Rule, 'file' | 'name'>): Result<RuleTest, string> {
  const read = readTests(folder, rule.file);
  if (!read.ok) return read;
  const own = read.value.find((test) => test.rule === rule.name);
  if (own !== undefined) return { ok: true, value: own };
  const file = testFileOf(rule.file);
  const names = read.value.map((test) => `\`${test.rule}\``);
  return { ok: false, error: names.length === 0 ? `has no tests: write ${file}` : `${file} says it tests ${names.join(', ')}` };
}

function shownCases(test: RuleTest): ShownCase[] {
  if (test.kind === 'messages') return test.cases.map(({ name, raw, expect }) => ({ name, raw, expect }));
  return test.cases.map(({ name, timeline, expect }) => ({ name, raw: timeline.map(stepText).join('\n'), expect }));
}

function stepText({ at, raw, times, every = 0 }: TimelineStep): string {
  const repeated = times === 1 ? '' : `, ${times} times, every ${durationText(every / 1_000)}`;
  return `after ${durationText(at / 1_000)}${repeated}: ${raw}`;
}
