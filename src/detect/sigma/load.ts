import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EarshotError } from '../../lib/errors.ts';
import type { Baseline } from './baseline.ts';
import type { Correlation } from './correlation.ts';
import { type FieldCatalogue, missingField } from './coverage.ts';
import { readDocuments } from './document.ts';
import type { RuleFault } from './fault.ts';
import { joinDocuments, type SigmaDocument } from './join.ts';
import { type LogSources, SHIPPED_LOG_SOURCES } from './log-sources.ts';
import { logsourceText } from './logsource.ts';
import type { ReadOptions, Rule } from './rule.ts';
import type { Silence } from './silence-document.ts';
import type { Placeholders } from './text-values.ts';

export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Every reason for every document that was not taken; nothing is left out in silence. */
  readonly rejected: readonly RuleFault[];
  /** Rules that were taken and can never fire: no event of Earshot is of their log source, or has a field that they need. */
  readonly silent: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Each after those it counts. */
  readonly correlations: readonly Correlation[];
  readonly baselines: readonly Baseline[];
  readonly silences: readonly Silence[];
  /** What was taken and may mean something else than its author thinks. */
  readonly lints: readonly RuleFault[];
}

/** Everything that can alert. */
export const membersOf = ({
  rules,
  correlations,
  baselines,
  silences,
}: Pick<LoadedRules, 'rules' | 'correlations' | 'baselines' | 'silences'>) => [...rules, ...correlations, ...baselines, ...silences];

export interface LoadOptions extends Partial<ReadOptions> {
  /** The fields that events may have: rules that need others are silent. */
  readonly catalogue?: FieldCatalogue;
}

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
  return joinFiles(
    paths.map((path) => readFile(path, relative(folder, path), options)),
    options,
  );
}

/**
 * Reads files and folders as one, so that a correlation may count rules of another folder. Files are named as the paths lead to them, and
 * one that two paths lead to is read once. Throws `EAR_RULE_INVALID` where a folder cannot be read.
 */
export function loadPaths(paths: readonly string[], options: LoadOptions = {}): LoadedRules {
  const files = new Set(paths.flatMap((path) => (ruleFolder(path) === path ? ruleFiles(path) : [join(path)])));
  return joinFiles(
    [...files].map((file) => readFile(file, file, options)),
    options,
  );
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
    options,
  );
}

/** Reads the rules of one file, given as text. `known`: rules that are there already, which its correlations may count. */
export const readRules = (file: string, text: string, options: LoadOptions & KnownRules = {}): LoadedRules =>
  joinFiles([readDocuments(file, text, complete(options))], options);

const complete = ({ placeholders = NO_LISTS, mapping, lists, logSources = SHIPPED_LOG_SOURCES }: LoadOptions): ReadOptions => ({
  placeholders,
  mapping,
  lists,
  logSources,
});

function readFile(path: string, shown: string, options: LoadOptions): ReadFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return unreadable(shown, `the file cannot be read: ${messageOf(error)}`);
  }
  return readDocuments(shown, text, complete(options));
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
function joinFiles(files: readonly ReadFile[], options: LoadOptions & KnownRules): LoadedRules {
  const documents = files.flatMap((file) => file.documents);
  const { rules, correlations, baselines, silences } = joinDocuments(documents, options.known);
  const silent = silentRules(rules, options.logSources ?? SHIPPED_LOG_SOURCES, options.catalogue);
  const rejected = files.flatMap(({ faults }) => faults.found.toSorted((a, b) => a.line - b.line || a.column - b.column));
  return { rules, rejected, silent, correlations, baselines, silences, lints: files.flatMap(({ faults }) => faults.lints) };
}

/** The rules that can never fire here; without a catalogue, those of log sources that Earshot does not know. */
export const silentRules = (rules: readonly Rule[], logSources: LogSources, catalogue?: FieldCatalogue): LoadedRules['silent'] =>
  rules.flatMap((rule) => {
    const reason = whySilent(rule, logSources, catalogue);
    return reason === undefined ? [] : [{ rule, reason }];
  });

/** Why a rule can never fire here; undefined: it may. */
function whySilent(rule: Rule, logSources: LogSources, catalogue?: FieldCatalogue): string | undefined {
  if (rule.route === undefined) return `can never fire here: no event of Earshot is of ${logsourceText(rule.logsource)}`;
  if (catalogue === undefined || logSources.isOpen(rule.logsource)) return undefined;
  const missing = missingField(rule.tree, (path) => catalogue.has(path));
  if (missing === undefined) return undefined;
  const mend = missing.map((path) => catalogue.mendOf(path)).find((each) => each !== undefined) ?? '';
  return `can never fire here: it needs the field ${missing.map((path) => `\`${path}\``).join(' or ')}, which nothing writes${mend}`;
}
