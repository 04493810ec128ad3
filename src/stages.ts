import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from './decode/decode.ts';
import type { RuleFault } from './detect/sigma/fault.ts';
import { type LoadedRules, loadRules } from './detect/sigma/load.ts';
import { compileRules, type RuleSet } from './detect/stream/rule-set.ts';
import { MAPPINGS } from './integrations/index.ts';
import type { RuleInfo } from './model/detection.ts';
import { createNormalizer, type SourceFacts } from './normalize/normalize.ts';
import type { Stages } from './pipeline/evaluator.ts';
import type { Settings } from './settings.ts';

/** Folder of the rules that come with Earshot. */
export const SHIPPED_RULES = join(dirname(fileURLToPath(import.meta.url)), '..', 'rules');

/** Reads all rules that the settings name. A folder that cannot be read is a fault like a rule that cannot. */
export function readRuleFolders({ rules }: Pick<Settings, 'rules'>): LoadedRules {
  const folders = [...(rules.shipped ? [SHIPPED_RULES] : []), ...rules.folders];
  const loaded = folders.map((folder) => {
    try {
      return loadRules(folder);
    } catch (error) {
      const fault: RuleFault = {
        file: folder,
        line: 1,
        column: 1,
        reason: `the folder cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      };
      return { rules: [], rejected: [fault], silent: [] };
    }
  });
  return {
    rules: loaded.flatMap(({ rules }) => rules),
    rejected: loaded.flatMap(({ rejected }) => rejected),
    silent: loaded.flatMap(({ silent }) => silent),
  };
}

/** The pure stages as the settings want them: decode, normalize, detect. */
export function buildStages(
  settings: Pick<Settings, 'sources' | 'normalize'>,
  rules: LoadedRules['rules'],
  onRuleError: (rule: RuleInfo | undefined, error: unknown) => void = () => undefined,
): { readonly stages: Stages; readonly ruleSet: RuleSet } {
  const sources = new Map(Object.entries(settings.sources).map(([name, source]) => [name, factsOf(source)]));
  const normalize = createNormalizer({ integrations: MAPPINGS, sources, config: settings.normalize });
  const ruleSet = compileRules(rules, { onError: onRuleError });
  const stages: Stages = {
    decode: (record) => decode(record, { timeZone: record.origin.timeZone ?? sources.get(record.source)?.timeZone ?? 'UTC' }),
    normalize,
    detect: (event) => ruleSet.match(event),
  };
  return { stages, ruleSet };
}

function factsOf(source: Settings['sources'][string]): SourceFacts {
  const timeZone = 'time_zone' in source ? source.time_zone : undefined;
  return { type: source.type, ...(timeZone !== undefined && { timeZone }) };
}
