import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from './decode/decode.ts';
import type { ListTests } from './detect/sigma/item.ts';
import { type LoadedRules, loadFolders, silentRules } from './detect/sigma/load.ts';
import type { Placeholders } from './detect/sigma/text-values.ts';
import { compileRules, type RuleSet } from './detect/stream/rule-set.ts';
import { createEnrich, type Enrich } from './enrich/enrich.ts';
import { openNetworks } from './enrich/network-enricher.ts';
import { fieldCatalogue } from './hub/rules/field-catalogue.ts';
import type { RuleCache } from './hub/rules/rule-cache.ts';
import { MAPPINGS } from './integrations/index.ts';
import { logSourcesOf } from './log-source-settings.ts';
import type { RuleInfo } from './model/detection.ts';
import { type EnrichmentTables, NO_TABLES } from './model/enrichment.ts';
import { createNormalizer, type SourceFacts } from './normalize/normalize.ts';
import type { Stages } from './pipeline/evaluator.ts';
import type { Settings } from './settings.ts';
import { historyTooLong, tooLong } from './too-long.ts';

/** Folder of the rules that come with Earshot. */
export const SHIPPED_RULES = join(dirname(fileURLToPath(import.meta.url)), '..', 'rules');

/**
 * Reads all rules that the settings name. A folder that cannot be read is a fault like a rule that cannot, and so is an id that is
 * taken. `placeholders`: the texts of lists, for `|expand`. With a cache, files that are as they were are not parsed again. `lists`: see
 * {@link ListTests}.
 */
export function readRuleFolders(
  settings: Pick<Settings, 'rules' | 'correlations' | 'retention' | 'enrich'>,
  placeholders: Placeholders = new Map(),
  { cache, lists }: { readonly cache?: RuleCache; readonly lists?: ListTests } = {},
): LoadedRules {
  const { rules } = settings;
  const logSources = logSourcesOf(settings);
  const folders = [...new Set([...(rules.shipped ? [SHIPPED_RULES] : []), ...rules.folders])];
  const read = (texts: Placeholders): LoadedRules => loadFolders(folders, { placeholders: texts, lists, logSources });
  const sources = { folders, placeholders, logSources: rules.log_sources, lists };
  const loaded = cache === undefined ? read(placeholders) : cache.rules(sources, read);
  // Not of the cache: other settings decide it too.
  const { kept, faults } = tooLong(loaded.correlations, settings);
  const history = historyTooLong(loaded.baselines, settings);
  const silent = silentRules(loaded.rules, logSources, fieldCatalogue(settings));
  return { ...loaded, silent, correlations: kept, baselines: history.kept, rejected: [...loaded.rejected, ...faults, ...history.faults] };
}

/** The pure stages as the settings want them: decode, normalize, enrich, detect. */
export function buildStages(
  settings: Pick<Settings, 'sources' | 'normalize'>,
  rules: LoadedRules['rules'],
  onRuleError: (rule: RuleInfo | undefined, error: unknown) => void = () => undefined,
  enrich: Enrich = createEnrich(NO_TABLES),
): { readonly stages: Stages; readonly ruleSet: RuleSet } {
  const ruleSet = compileRules(rules, { onError: onRuleError });
  return { stages: stagesOver(settings, ruleSet, enrich), ruleSet };
}

/** The same over rules that are ready. */
export function stagesOver(settings: Pick<Settings, 'sources' | 'normalize'>, ruleSet: RuleSet, enrich: Enrich): Stages {
  const sources = new Map(Object.entries(settings.sources).map(([name, source]) => [name, factsOf(source)]));
  const normalize = createNormalizer({ integrations: MAPPINGS, sources, config: settings.normalize });
  return {
    decode: (record) => decode(record, { timeZone: record.origin.timeZone ?? sources.get(record.source)?.timeZone ?? 'UTC' }),
    normalize,
    ...enrichingFor(ruleSet, enrich),
    detect: (event) => ruleSet.judge(event),
  };
}

/** Each event is asked what the rules ask of lists. */
export const enrichingFor = ({ probes }: RuleSet, enrich: Enrich): Pick<Stages, 'enrich'> => ({ enrich: (event) => enrich(event, probes) });

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
