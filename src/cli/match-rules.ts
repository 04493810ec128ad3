import { existsSync } from 'node:fs';
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

/** What `--rules` names: a path, or several with commas between them. Throws {@link UsageError} where one is not there. */
export function rulePaths(text: string): readonly string[] {
  const paths = existsSync(text) ? [text] : listOf(text);
  const missing = paths.length === 0 ? [text] : paths.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new UsageError(`--rules: there is no file or folder ${missing.join(', ')}`);
  return paths;
}
