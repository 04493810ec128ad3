import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { EarshotError } from '../../lib/errors.ts';
import type { Correlation } from './correlation.ts';
import type { RuleFault } from './fault.ts';
import { logsourceText, routeOf } from './logsource.ts';
import { type Rule, readRule } from './rule.ts';
import type { Placeholders } from './text-values.ts';
import { attribute, parseYaml, scalarText } from './yaml-document.ts';

export interface LoadedRules {
  readonly rules: readonly Rule[];
  /** Every reason for every rule that was not taken; nothing is left out in silence. */
  readonly rejected: readonly RuleFault[];
  /** Rules that were taken and can never fire, as no event of Earshot is of their log source. */
  readonly silent: readonly { readonly rule: Rule; readonly reason: string }[];
  /** Each after those it counts. */
  readonly correlations: readonly Correlation[];
  /** What runs and may mean something else than its author thinks. */
  readonly lints: readonly RuleFault[];
}

export interface LoadOptions {
  readonly placeholders?: Placeholders;
  /** `none`: fields are asked for as the rule names them, whatever its taxonomy and log source. */
  readonly mapping?: 'none';
}

/**
 * Reads all rules below a folder, or those of one file: `*.yml` and `*.yaml`, but not `*.test.yml`. Files are named as seen from
 * {@link ruleFolder}. Throws `EAR_RULE_INVALID` only where the folder cannot be read.
 */
export function loadRules(at: string, options: LoadOptions = {}): LoadedRules {
  const rules: Rule[] = [];
  const rejected: RuleFault[] = [];
  const folder = ruleFolder(at);
  for (const path of folder === at ? ruleFiles(folder) : [at]) {
    const file = relative(folder, path);
    const text = readText(path);
    if (text.ok) {
      const read = readRules(file, text.value, options.placeholders, options.mapping);
      rules.push(...read.rules);
      rejected.push(...read.rejected);
    } else rejected.push({ file, line: 1, column: 1, reason: `the file cannot be read: ${text.error}` });
  }
  return checkTogether(rules, rejected);
}

/** The folder that files of rules are named from: the one given, or that of the one file given. */
export const ruleFolder = (at: string): string => (statSync(at, { throwIfNoEntry: false })?.isFile() ? dirname(at) : at);

/** Reads the rules of one file, given as text. */
export function readRules(
  file: string,
  text: string,
  placeholders: Placeholders = new Map(),
  mapping?: 'none',
): { rules: Rule[]; rejected: readonly RuleFault[] } {
  const { documents, faults } = parseYaml(file, text);
  if (faults.found.length > 0) return { rules: [], rejected: faults.found };
  const stem = basename(file).replace(/\.ya?ml$/, '');
  const rules = documents.flatMap((map, i) => {
    const name = i === 0 ? stem : (scalarText(attribute(map, 'name')) ?? `${stem}-${i + 1}`);
    return readRule(name, map, faults, { placeholders, mapping }) ?? [];
  });
  return { rules, rejected: faults.found };
}

function readText(path: string): { ok: true; value: string } | { ok: false; error: string } {
  try {
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

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

/** Ids and names are what alerts and routes hold on to, so they must be unique: the second rule is rejected. */
function checkTogether(all: readonly Rule[], faults: readonly RuleFault[]): LoadedRules {
  const rejected = [...faults];
  const rules: Rule[] = [];
  const seen = new Map<string, string>();
  for (const rule of all) {
    const key = [`id \`${rule.id}\``, `name \`${rule.name}\``].find((each) => seen.has(each));
    if (key !== undefined) {
      rejected.push({ file: rule.file, line: 1, column: 1, reason: `the ${key} is also that of ${seen.get(key)}` });
      continue;
    }
    seen.set(`id \`${rule.id}\``, rule.file);
    seen.set(`name \`${rule.name}\``, rule.file);
    rules.push(rule);
  }
  const silent = rules
    .filter((rule) => routeOf(rule.logsource) === undefined)
    .map((rule) => ({ rule, reason: `can never fire here: no event of Earshot is of ${logsourceText(rule.logsource)}` }));
  return { rules, rejected, silent, correlations: [], lints: [] };
}
