import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EarshotError } from '../../lib/errors.ts';
import type { Baseline } from './baseline.ts';
import type { Correlation } from './correlation.ts';
import { readDocuments } from './document.ts';
import type { RuleFault } from './fault.ts';
import { joinDocuments, type SigmaDocument } from './join.ts';
import { logsourceText, routeOf } from './logsource.ts';
import type { ReadOptions, Rule } from './rule.ts';
import type { Silence } from './silence-document.ts';
import type { Placeholders } from './text-values.ts';

export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Every reason for every document that was not taken; nothing is left out in silence. */
  readonly rejected: readonly RuleFault[];
  /** Rules that were taken and can never fire, as no event of Earshot is of their log source. */
  readonly silent: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Each after those it counts. */
  readonly correlations: readonly Correlation[];
  readonly baselines: readonly Baseline[];
  readonly silences: readonly Silence[];
  /** What was taken and may mean something else than its author thinks. */
  readonly lints: readonly RuleFault[];
}

export type LoadOptions = Partial<ReadOptions>;

interface KnownRules {
  readonly known?: readonly Rule[];
}

const NO_LISTS: Placeholders = new Map();

/** What one file holds, or why it cannot be read. */
interface ReadFile {
  readonly documents: readonly SigmaDocument[];
  readonly faults: { readonly found: readonly RuleFault[]; readonly lints: readonly RuleFault[] };
}

/**
 * Reads all rules below a folder, or those of one file: `*.yml` and `*.yaml`, but not `*.test.yml`. Files are named as seen from
 * {@link ruleFolder}. Throws `EAR_RULE_INVALID` only where the folder cannot be read.
 */
export function loadRules(at: string, options: LoadOptions = {}): LoadedRules {
  const folder = ruleFolder(at);
  const paths = folder === at ? ruleFiles(folder) : [at];
  return joinFiles(paths.map((path) => readFile(path, relative(folder, path), options)));
}

/** The folder that files of rules are named from: the one given, or that of the one file given. */
export const ruleFolder = (at: string): string => (statSync(at, { throwIfNoEntry: false })?.isFile() ? dirname(at) : at);

/** Reads several folders as one, with the folder before each file. Of two documents with one id or name, the first is taken. */
export function loadFolders(dirs: readonly string[], options: LoadOptions = {}): LoadedRules {
  return joinFiles(
    dirs.flatMap((dir) => {
      try {
        return ruleFiles(dir).map((path) => readFile(path, path, options));
      } catch (error) {
        return unreadable(dir, `the folder cannot be read: ${messageOf(error)}`);
      }
    }),
  );
}

/** Reads the rules of one file, given as text. `known`: rules that are there already, which its correlations may count. */
export const readRules = (file: string, text: string, { known = [], ...options }: LoadOptions & KnownRules = {}): LoadedRules =>
  joinFiles([readDocuments(file, text, { placeholders: options.placeholders ?? NO_LISTS, mapping: options.mapping })], known);

function readFile(path: string, shown: string, { placeholders = NO_LISTS, mapping }: LoadOptions): ReadFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return unreadable(shown, `the file cannot be read: ${messageOf(error)}`);
  }
  return readDocuments(shown, text, { placeholders, mapping });
}

const unreadable = (file: string, reason: string): ReadFile => ({
  documents: [],
  faults: { found: [{ file, line: 1, column: 1, reason }], lints: [] },
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isRule = (entry: Dirent): boolean => !entry.isDirectory() && /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name);

/** Sorted, so that the same folder gives the same order everywhere. */
function ruleFiles(dir: string): string[] {
  return entriesBelow(dir)
    .filter(isRule)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function entriesBelow(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new EarshotError('EAR_RULE_INVALID', `the folder of rules cannot be read: ${dir}`, { cause: error });
  }
}

/** Faults are taken last: joining finds some too. */
function joinFiles(files: readonly ReadFile[], known: readonly Rule[] = []): LoadedRules {
  const { rules, correlations, baselines, silences } = joinDocuments(
    files.flatMap(({ documents }) => documents),
    known,
  );
  const silent = rules
    .filter((rule) => routeOf(rule.logsource) === undefined)
    .map((rule) => ({ rule, reason: `can never fire here: no event of Earshot is of ${logsourceText(rule.logsource)}` }));
  const rejected = files.flatMap(({ faults }) => faults.found.toSorted((a, b) => a.line - b.line || a.column - b.column));
  return { rules, rejected, silent, correlations, baselines, silences, lints: files.flatMap(({ faults }) => faults.lints) };
}
