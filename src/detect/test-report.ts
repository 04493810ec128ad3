import { basename, dirname } from 'node:path';
import { techniqueOf } from '../model/attack.ts';
import { BaselineTest } from './baseline-test.ts';
import { CorrelationTest } from './correlation-test.ts';
import { mutants } from './rule-mutants.ts';
import {
  type Evaluate,
  type JudgedCase,
  judgeCases,
  missingSides,
  NO_TIMELINE,
  type RuleTest,
  readTests,
  runCases,
  type TimelineCase,
  testFileOf,
} from './rule-test.ts';
import type { Baseline } from './sigma/baseline.ts';
import type { Correlation } from './sigma/correlation.ts';
import type { RuleFault } from './sigma/fault.ts';
import { type LoadedRules, type LoadOptions, loadPaths, membersOf } from './sigma/load.ts';
import type { Rule } from './sigma/rule.ts';
import type { Silence } from './sigma/silence-document.ts';
import { SilenceTest } from './silence-test.ts';

export interface CaseResult {
  readonly name: string;
  /** Why it failed. */
  readonly fault?: string;
}

/** Changes to a rule, and those that no case noticed. */
export interface Mutation {
  readonly tried: number;
  readonly missed: readonly string[];
}

/** What its tests say of one rule, correlation or baseline. */
export interface RuleResult {
  readonly rule: string;
  readonly file: string;
  /** Empty where it has no tests. */
  readonly cases: readonly CaseResult[];
  /** What is wrong with the tests as a whole, such as a missing side. */
  readonly faults: readonly string[];
  readonly mutation: Mutation;
}

/** What the rules of a folder or file are, and what their tests say. Files are as one finds them from where the command runs. */
export interface TestReport {
  readonly rules: readonly Rule[];
  readonly correlations: readonly Correlation[];
  readonly baselines: readonly Baseline[];
  readonly silences: readonly Silence[];
  readonly rejected: readonly RuleFault[];
  /** What was taken and may mean something else than its author thinks. */
  readonly lints: readonly RuleFault[];
  /** Rules that can never fire here. */
  readonly silent: readonly { readonly rule: string; readonly file: string; readonly reason: string }[];
  readonly results: readonly RuleResult[];
  /** Tests that belong to no rule, or cannot be read; `file` is theirs. */
  readonly strays: readonly { readonly file: string; readonly reason: string }[];
}

/** Loads the rules of files and folders, runs the tests beside them, and those of each rule once more for each change to the rule. */
export function testRules(paths: readonly string[], evaluate: Evaluate, options: LoadOptions = {}): TestReport {
  const loaded = loadPaths(paths, options);
  const byFile = Map.groupBy(membersOf(loaded), ({ file }) => file);
  const read = [...byFile].map(([file, members]) => testFile(file, members, loaded, evaluate));
  return {
    rules: loaded.rules,
    correlations: loaded.correlations,
    baselines: loaded.baselines,
    silences: loaded.silences,
    rejected: loaded.rejected,
    lints: loaded.lints,
    silent: loaded.silent.map(({ rule, reason }) => ({ rule: rule.name, file: rule.file, reason })),
    results: read.flatMap(({ results }) => results),
    strays: read.flatMap(({ strays }) => strays),
  };
}

type FileReport = Pick<TestReport, 'results' | 'strays'>;

type Member = Rule | Correlation | Baseline | Silence;

function testFile(file: string, members: readonly Member[], loaded: LoadedRules, evaluate: Evaluate): FileReport {
  const read = readTests(dirname(file), basename(file));
  const tests = read.ok ? read.value : [];
  const strays = read.ok ? [] : [{ file: testFileOf(file), reason: read.error }];
  // The tests of a rule that was rejected have nothing to run on, and the rejection is told.
  if (!loaded.rejected.some((fault) => fault.file === file)) strays.push(...strayTests(file, members, tests));
  const results = members.map((member) => {
    const test = tests.find(({ rule }) => rule === member.name);
    if (test === undefined) return result(member, {});
    return 'refs' in member || 'forgetMs' in member ? testInTime(member, test, loaded, evaluate) : testRule(member, test, evaluate);
  });
  return { results, strays };
}

const result = ({ name, file }: Member, found: Partial<RuleResult>): RuleResult => ({
  rule: name,
  file,
  cases: [],
  faults: [],
  mutation: { tried: 0, missed: [] },
  ...found,
});

function strayTests(file: string, members: readonly Member[], tests: readonly RuleTest[]): { file: string; reason: string }[] {
  const names = tests.map((test) => test.rule);
  const unknown = names.filter((name) => !members.some((member) => member.name === name));
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [
    ...unknown.map((name) => ({ file: testFileOf(file), reason: `says it tests \`${name}\`, which is not in ${basename(file)}` })),
    ...twice.map((name) => ({ file: testFileOf(file), reason: `has tests of \`${name}\` in two documents: put them into one` })),
  ];
}

function testRule(rule: Rule, test: RuleTest, evaluate: Evaluate): RuleResult {
  if (test.kind === 'timelines') return wrongForm(rule, test, NO_TIMELINE);
  const cases = judgeCases(test.cases, evaluate);
  return result(rule, {
    cases: caseResults(cases, runCases(rule, cases)),
    faults: missingSides(test),
    mutation: changeRule(rule, cases),
  });
}

function testInTime(member: Correlation | Baseline | Silence, test: RuleTest, loaded: LoadedRules, evaluate: Evaluate): RuleResult {
  if (test.kind === 'messages')
    return wrongForm(member, test, 'one message is for a rule: of a correlation, a baseline or silence, write a `timeline`');
  const run = timelineTest(member, test.cases, loaded, evaluate);
  return result(member, { cases: caseResults(test.cases, run.faults()), faults: missingSides(test), mutation: run.changes() });
}

function timelineTest(
  member: Correlation | Baseline | Silence,
  cases: readonly TimelineCase[],
  loaded: LoadedRules,
  evaluate: Evaluate,
): CorrelationTest | BaselineTest | SilenceTest {
  if ('forgetMs' in member) return new SilenceTest(member, cases, evaluate);
  return 'measure' in member ? new BaselineTest(member, cases, loaded, evaluate) : new CorrelationTest(member, cases, loaded, evaluate);
}

const wrongForm = (member: Member, { cases }: RuleTest, fault: string): RuleResult =>
  result(member, { cases: cases.map(({ name }) => ({ name, fault })) });

const caseResults = (cases: readonly { readonly name: string }[], faults: readonly (string | undefined)[]): CaseResult[] =>
  cases.map(({ name }, i) => ({ name, ...(faults[i] !== undefined && { fault: faults[i] }) }));

function changeRule(rule: Rule, cases: readonly JudgedCase[]): Mutation {
  const changes = mutants(rule.tree);
  const notice = (tree: Rule['tree']): boolean => runCases({ ...rule, tree }, cases).some((fault) => fault !== undefined);
  return { tried: changes.length, missed: changes.filter(({ tree }) => !notice(tree)).map(({ what }) => what) };
}

export interface TestFailure {
  /** The rule, or the file of tests that belong to none. */
  readonly rule: string;
  /** Name of the case; absent where the tests as a whole are at fault. */
  readonly name?: string;
  readonly reason: string;
}

export function failuresOf({ results, strays }: TestReport): TestFailure[] {
  return [
    ...strays.map(({ file, reason }) => ({ rule: file, reason })),
    ...results.flatMap(({ rule, cases, faults }) => [
      ...faults.map((reason) => ({ rule, reason })),
      ...cases.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ rule, name, reason: fault }])),
    ]),
  ];
}

/** Names of rules without a test. */
export const untestedOf = ({ results }: TestReport): string[] => results.filter(({ cases }) => cases.length === 0).map(({ rule }) => rule);

/** Of the changes to rules that have tests, how many a test notices. `score` is 1 where nothing was tried. */
export function mutationOf({ results }: Pick<TestReport, 'results'>): {
  tried: number;
  noticed: number;
  score: number;
  missed: { rule: string; change: string }[];
} {
  const tried = results.reduce((sum, { mutation }) => sum + mutation.tried, 0);
  const missed = results.flatMap(({ rule, mutation }) => mutation.missed.map((change) => ({ rule, change })));
  const noticed = tried - missed.length;
  return { tried, noticed, score: tried === 0 ? 1 : noticed / tried, missed };
}

/** Names of rules by the ATT&CK techniques of their tags, in the order of the techniques. */
export function techniquesOf(rules: readonly Pick<Member, 'name' | 'tags'>[]): Map<string, string[]> {
  const named = rules.flatMap(({ name, tags }) =>
    [...new Set(tags.flatMap((tag) => techniqueOf(tag) ?? []))].map((id) => [id, name] as const),
  );
  const byId = Map.groupBy(named, ([id]) => id);
  return new Map([...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, pairs]) => [id, pairs.map(([, name]) => name)]));
}
