import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ok, type Result } from '../lib/result.ts';
import type { Rule } from './sigma/rule.ts';
import { isMap, parseYaml } from './sigma/yaml-document.ts';
import type { Judged } from './stream/judged.ts';
import { compileRules } from './stream/rule-set.ts';

/** What look-ups may add: a test has no directory, lists or networks, so it says what they would say. */
const LOOKED_UP = /^(?:earshot\.(?:person\.[a-z_]+|lists|source\.lists|user\.lists)|(?:source|destination)\.(?:as|geo)\.[a-z_.]+)$/;
const lookedUp = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .refine((fields) => Object.keys(fields).every((path) => LOOKED_UP.test(path)), {
    message: 'only what look-ups add: earshot.person.*, earshot.source.lists, source.as.number and the like',
  })
  .default({})
  .describe('Fields that people, lists and networks would add to the event.');

const caseSchema = z.strictObject({
  name: z.string().min(1).describe('What the case shows, as the end of the sentence "the rule …".'),
  raw: z.string().min(1).describe('The message as it comes from the source: a changed mapping breaks the test too.'),
  source: z.string().default('syslog').describe('Type of the source it comes from.'),
  looked_up: lookedUp,
  expect: z.enum(['match', 'no_match']),
});

const MS_OF = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** A test is read by people: a day of an event a second is more than they follow. */
const MAX_TIMES = 10_000;

/** Minutes as a number, or a text with its unit; read as milliseconds. */
const duration = z
  .union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write minutes, or a text such as 10s or 2h')])
  .transform((value) => {
    if (typeof value === 'number') return value * MS_OF.m;
    const [, number = '', unit = ''] = /^([\d.]+)(\D+)$/.exec(value) ?? [];
    return Number(number) * MS_OF[unit as keyof typeof MS_OF];
  });

const stepSchema = z
  .strictObject({
    at: duration.describe('When, from the beginning of the timeline: minutes, or a text such as `90s`.'),
    raw: z.string().min(1).describe('The message; `{n}` in it is which repetition it is, from 1.'),
    source: z.string().default('syslog').describe('Type of the source it comes from.'),
    looked_up: lookedUp,
    times: z.int().min(1).max(MAX_TIMES).default(1).describe('How often it comes.'),
    every: duration.optional().describe('How long after one another.'),
  })
  .refine(({ times, every }) => times === 1 || every !== undefined, { message: 'what comes several `times` needs `every`, such as 10s' });

const timelineSchema = z.strictObject({
  name: z.string().min(1),
  timeline: z.array(stepSchema).min(1),
  ends: duration.optional().describe('When it is over, from its beginning: of silence, how long nothing comes any more.'),
  expect: z.enum(['alert', 'no_alert']),
});

const ruleName = z.string().describe('Name of the rule: of the first in a file, that of the file without `.yml`.');

/** A document of `x.test.yml` beside `x.yml`: raw messages, and whether the rule fires on them; of a correlation or a baseline, messages in time. */
const messagesSchema = z.strictObject({ rule: ruleName, tests: z.array(caseSchema).min(1) });
const timelinesSchema = z.strictObject({ rule: ruleName, tests: z.array(timelineSchema).min(1) });

export type RuleCase = z.output<typeof caseSchema>;
export type TimelineStep = z.output<typeof stepSchema>;
export type TimelineCase = z.output<typeof timelineSchema>;

/** The cases of one rule, or of one correlation or baseline. */
export type RuleTest =
  | { readonly kind: 'messages'; readonly rule: string; readonly cases: readonly RuleCase[] }
  | { readonly kind: 'timelines'; readonly rule: string; readonly cases: readonly TimelineCase[] };

/** Decodes, normalizes and enriches a message of a source; `lookedUp` is what look-ups would add besides. */
export type Evaluate = (raw: string, source: string, lookedUp: RuleCase['looked_up']) => Judged;

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
    const read = readTest(isMap(document) ? document.toJSON() : undefined);
    if (!read.ok) return { ok: false, error: read.error.map((reason) => `${file}: ${reason}`).join('; ') };
    tests.push(read.value);
  }
  return ok(tests);
}

/** One `timeline` makes a test of a correlation, so that what is wrong is told of the form that was meant. */
function readTest(document: unknown): Result<RuleTest, readonly string[]> {
  const tests: unknown = typeof document === 'object' && document !== null && 'tests' in document ? document.tests : undefined;
  const inTime = Array.isArray(tests) && tests.some((each) => typeof each === 'object' && each !== null && 'timeline' in each);
  if (inTime) {
    const read = timelinesSchema.safeParse(document);
    return read.success ? ok({ kind: 'timelines', rule: read.data.rule, cases: read.data.tests }) : faultsOf(read.error);
  }
  const read = messagesSchema.safeParse(document);
  return read.success ? ok({ kind: 'messages', rule: read.data.rule, cases: read.data.tests }) : faultsOf(read.error);
}

const faultsOf = ({ issues }: z.ZodError): Result<never, readonly string[]> => ({
  ok: false,
  error: issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
});

export const NO_TIMELINE = 'a timeline is for a correlation, a baseline or silence: of a rule, write `raw` and whether it is a `match`';

/** A case with its message read: it is put to a rule many times, once for each change to the rule. */
export interface JudgedCase extends RuleCase {
  readonly event: Judged;
}

export const judgeCases = (cases: readonly RuleCase[], evaluate: Evaluate): JudgedCase[] =>
  cases.map((each) => ({ ...each, event: evaluate(each.raw, each.source, each.looked_up) }));

const SIDES = {
  messages: [
    ['match', 'needs a case that matches'],
    ['no_match', 'needs a case that nearly matches, and does not'],
  ],
  timelines: [
    ['alert', 'needs a timeline that raises an alert'],
    ['no_alert', 'needs a timeline that nearly raises an alert, and does not'],
  ],
} as const;

/** Why a rule's cases do not say enough. */
export function missingSides({ kind, cases }: RuleTest): string[] {
  const expected = new Set<string>(cases.map((each) => each.expect));
  return SIDES[kind].filter(([side]) => !expected.has(side)).map(([, reason]) => reason);
}

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
