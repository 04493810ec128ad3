import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type RuleCase, readRuleTest } from './rule-test.ts';
import { documentHashes } from './sigma/document.ts';
import type { Rule } from './sigma/rule.ts';

export interface RuleFile {
  readonly text: string;
  /** The file has another rule than the one that runs, or none, or cannot be read any more. */
  readonly changed: boolean;
  readonly cases: readonly RuleCase[];
}

export interface RuleTests {
  readonly match: number;
  readonly noMatch: number;
  /** Why there are none. */
  readonly fault?: string;
}

/** The file of a running rule as it is now. `rule.file` is its path. */
export function readRuleFile(rule: Rule): RuleFile {
  const tests = readRuleTest('', rule);
  const cases = tests.ok ? tests.value : [];
  try {
    const text = readFileSync(rule.file, 'utf8');
    return { text, changed: !documentHashes(text).includes(rule.document), cases };
  } catch {
    return { text: '', changed: true, cases };
  }
}

/** How many cases a rule has that must match, and that must not. `rule.file` is its path; what is wrong names the file beside it alone. */
export function ruleTests(rule: Rule): RuleTests {
  const read = readRuleTest(dirname(rule.file), { ...rule, file: basename(rule.file) });
  if (!read.ok) return { match: 0, noMatch: 0, fault: read.error };
  const match = read.value.filter(({ expect }) => expect === 'match').length;
  return { match, noMatch: read.value.length - match };
}
