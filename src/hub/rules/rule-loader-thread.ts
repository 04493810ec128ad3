import { parentPort, workerData } from 'node:worker_threads';
import type { Placeholders } from '../../detect/sigma/text-values.ts';
import type { Settings } from '../../settings.ts';
import { readRuleFolders } from '../../stages.ts';
import { RuleCache } from './rule-cache.ts';
import { type PackedRules, packRules } from './rule-snapshot.ts';

/** What this thread is given at its start. It reads once, answers once, and ends. */
export interface RuleLoaderInit {
  readonly settings: Pick<Settings, 'rules' | 'correlations' | 'retention' | 'enrich'>;
  /** The texts of lists, for `|expand`. */
  readonly placeholders: Placeholders;
  readonly cacheDir: string;
}

export interface RuleLoaderAnswer {
  readonly packed: PackedRules;
  /** What kept the cache from being written. */
  readonly cacheFaults: readonly string[];
}

function load({ settings, placeholders, cacheDir }: RuleLoaderInit): RuleLoaderAnswer {
  const cacheFaults: string[] = [];
  const cache = new RuleCache(cacheDir, (error) => cacheFaults.push(String(error)));
  return { packed: packRules(readRuleFolders(settings, placeholders, { cache, lists: 'asked' })), cacheFaults };
}

parentPort?.postMessage(load(workerData as RuleLoaderInit));
