import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleFault } from '../detect/sigma/fault.ts';
import { type LoadedRules, loadRules, ruleFolder } from '../detect/sigma/load.ts';
import type { Logsource } from '../detect/sigma/logsource.ts';
import type { Rule } from '../detect/sigma/rule.ts';
import { listOf, UsageError } from './command.ts';

const DIMENSIONS = ['product', 'category', 'service'] as const;

/** Reads `product=windows,category=process_creation`. Throws {@link UsageError}. */
export function logsourceOf(text: string): Logsource {
  const pairs = listOf(text).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    const [key, value] = [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()];
    if (!DIMENSIONS.some((each) => each === key) || value === '')
      throw new UsageError(`--logsource "${pair}": it is product=…, category=… or service=…, separated by commas`);
    return [key, value.toLowerCase()];
  });
  if (pairs.length === 0) throw new UsageError('--logsource is empty: it is product=…, category=… or service=…, separated by commas');
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new UsageError(`--logsource "${text}" says the same twice`);
  return Object.fromEntries(pairs);
}

/** Whether a rule may be for events of this log source: what both say must be equal. */
export const isFor = (rule: Rule, given: Logsource): boolean =>
  DIMENSIONS.every((each) => rule.logsource[each] === undefined || given[each] === undefined || rule.logsource[each] === given[each]);

/** Reads a file or a folder of rules, with their files as people look for them. Throws {@link UsageError} where there is none. */
export function readRulesAt(path: string, raw: boolean): LoadedRules {
  if (!existsSync(path)) throw new UsageError(`--rules: there is no file or folder ${path}`);
  const loaded = loadRules(path, raw ? { mapping: 'none' } : {});
  const folder = ruleFolder(path);
  const place = (fault: RuleFault): RuleFault => ({ ...fault, file: join(folder, fault.file) });
  return { ...loaded, rejected: loaded.rejected.map(place), lints: loaded.lints.map(place) };
}
