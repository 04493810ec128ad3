import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from './decode/decode.ts';
import type { RuleFault } from './detect/sigma/fault.ts';
import { type LoadedRules, loadRules } from './detect/sigma/load.ts';
import { compileRules, type RuleSet } from './detect/stream/rule-set.ts';
import { createEnrich, type Enrich } from './enrich/enrich.ts';
import { openNetworks } from './enrich/network-enricher.ts';
import { MAPPINGS } from './integrations/index.ts';
import type { RuleInfo } from './model/detection.ts';
import { type EnrichmentTables, NO_TABLES } from './model/enrichment.ts';
import { createNormalizer, type SourceFacts } from './normalize/normalize.ts';
import type { Stages } from './pipeline/evaluator.ts';
import type { Settings } from './settings.ts';

/** Folder of the rules that come with Earshot. */
export const SHIPPED_RULES = join(dirname(fileURLToPath(import.meta.url)), '..', 'rules');

/** Reads all rules that the settings name. A folder that cannot be read is a fault like a rule that cannot, and so is an id that is taken. */
export function readRuleFolders({ rules }: Pick<Settings, 'rules'>): LoadedRules {
  const folders = [...new Set([...(rules.shipped ? [SHIPPED_RULES] : []), ...rules.folders])];
  const loaded = folders.map(readRuleFolder);
  const taken = new Map<string, string>();
  const rejected = loaded.flatMap((folder) => folder.rejected);
  const unique = loaded
    .flatMap((folder) => folder.rules)
    .filter(({ id, name, file }) => {
      const other = taken.get(`id ${id}`) ?? taken.get(`name ${name}`);
      if (other !== undefined) rejected.push({ file, line: 1, column: 1, reason: `${other} has the same id or file name` });
      else taken.set(`id ${id}`, file).set(`name ${name}`, file);
      return other === undefined;
    });
  return {
    rules: unique,
    rejected,
    silent: loaded.flatMap(({ silent }) => silent),
    correlations: loaded.flatMap(({ correlations }) => correlations),
    lints: loaded.flatMap(({ lints }) => lints),
  };
}

/** With the folder before each file, as people look for it. */
function readRuleFolder(folder: string): LoadedRules {
  try {
    const { rules, rejected, silent, correlations, lints } = loadRules(folder);
    const place = <T extends { readonly file: string }>(each: T): T => ({ ...each, file: join(folder, each.file) });
    return {
      rules: rules.map(place),
      rejected: rejected.map(place),
      silent: silent.map((each) => ({ ...each, rule: place(each.rule) })),
      correlations: correlations.map(place),
      lints: lints.map(place),
    };
  } catch (error) {
    const reason = `the folder cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    const fault: RuleFault = { file: folder, line: 1, column: 1, reason };
    return { rules: [], rejected: [fault], silent: [], correlations: [], lints: [] };
  }
}

/** The pure stages as the settings want them: decode, normalize, enrich, detect. */
export function buildStages(
  settings: Pick<Settings, 'sources' | 'normalize'>,
  rules: LoadedRules['rules'],
  onRuleError: (rule: RuleInfo | undefined, error: unknown) => void = () => undefined,
  enrich: Enrich = createEnrich(NO_TABLES),
): { readonly stages: Stages; readonly ruleSet: RuleSet } {
  const sources = new Map(Object.entries(settings.sources).map(([name, source]) => [name, factsOf(source)]));
  const normalize = createNormalizer({ integrations: MAPPINGS, sources, config: settings.normalize });
  const ruleSet = compileRules(rules, { onError: onRuleError });
  const stages: Stages = {
    decode: (record) => decode(record, { timeZone: record.origin.timeZone ?? sources.get(record.source)?.timeZone ?? 'UTC' }),
    normalize,
    enrich,
    detect: (event) => ruleSet.match(event),
  };
  return { stages, ruleSet };
}

/** The enrichers over these tables. A file of networks that cannot be read is told, and nothing is looked up in it. */
export function buildEnrich(tables: EnrichmentTables, onFault: (file: string, error: unknown) => void): Enrich {
  const open = (file: string | undefined) => {
    if (file === undefined) return undefined;
    try {
      return openNetworks(readFileSync(file));
    } catch (error) {
      onFault(file, error);
      return undefined;
    }
  };
  const asn = open(tables.networks.asnFile);
  const country = open(tables.networks.countryFile);
  return createEnrich(tables, { ...(asn && { asn }), ...(country && { country }) });
}

function factsOf(source: Settings['sources'][string]): SourceFacts {
  const timeZone = 'time_zone' in source ? source.time_zone : undefined;
  return { type: source.type, ...(timeZone !== undefined && { timeZone }) };
}
