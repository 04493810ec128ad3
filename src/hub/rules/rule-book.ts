import { type Excepted, withExceptions } from '../../detect/sigma/exception.ts';
import { type LoadedRules, membersOf } from '../../detect/sigma/load.ts';
import type { ReadOptions } from '../../detect/sigma/rule.ts';
import type { Placeholders } from '../../detect/sigma/text-values.ts';
import { placeholdersOf } from '../../lists/placeholders.ts';
import { logSourcesOf } from '../../log-source-settings.ts';
import { isOnTrial, type RuleInfo } from '../../model/detection.ts';
import type { NamedList } from '../../model/named-list.ts';
import type { Settings } from '../../settings.ts';
import { readRuleFolders } from '../../stages.ts';
import type { RuleCareStore } from '../../store/state/rule-care.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { lostRules } from '../configuration/reload.ts';
import { RuleCache } from './rule-cache.ts';
import { RuleCare } from './rule-care.ts';
import { loadRulesAside } from './rule-loader.ts';
import { type PackedRules, packRules, unpackRules } from './rule-snapshot.ts';
import { quietedBy } from './running-rules.ts';

export interface RuleBookDeps {
  settings(): Settings;
  /** As they are now. */
  lists(): readonly NamedList[];
  readonly cacheDir: string;
  readonly telemetry: Telemetry;
}

/** Rules of files as they were read for a reload. */
export interface ReadRules {
  readonly rules: LoadedRules;
  readonly packed: PackedRules;
  /** What runs now and would not any more. */
  readonly lost: readonly string[];
}

const NO_RULES: LoadedRules = { rules: [], rejected: [], silent: [], correlations: [], baselines: [], silences: [], lints: [] };

/** The rules that run: those of the files, with the hub's own exceptions in them, and what people have said of each. */
export class RuleBook {
  /** What people have said of rules. */
  readonly care = new RuleCare();
  readonly #deps: RuleBookDeps;
  #ofFiles = NO_RULES;
  #excepted: Excepted = { loaded: NO_RULES, held: [] };
  #packed: PackedRules = packRules(NO_RULES);
  #info: ReadonlyMap<string, RuleInfo> = new Map();
  #quieted: ReturnType<typeof quietedBy> = new Map();

  constructor(deps: RuleBookDeps) {
    this.#deps = deps;
  }

  /** Reads everything for the first time. The lists must be known, which rules may name. */
  async open(store: RuleCareStore): Promise<void> {
    await this.care.load(store);
    const cache = new RuleCache(this.#deps.cacheDir, (error) => this.#tellUncached(error));
    this.#use(readRuleFolders(this.#deps.settings(), this.placeholders, { cache, lists: 'asked' }));
  }

  get loaded(): LoadedRules {
    return this.#excepted.loaded;
  }

  /** The same, for another thread. */
  get packed(): PackedRules {
    return this.#packed;
  }

  /** The hub's own exceptions, and what they come to. */
  get exceptions(): Excepted['held'] {
    return this.#excepted.held;
  }

  /** What `%name%` stands for in rules, as the lists are now. */
  get placeholders(): Placeholders {
    return placeholdersOf(this.#deps.lists(), Date.now());
  }

  /** What rules and exceptions are read with here. */
  get reading(): Pick<ReadOptions, 'placeholders' | 'lists' | 'logSources'> {
    return { placeholders: this.placeholders, lists: 'asked', logSources: logSourcesOf(this.#deps.settings()) };
  }

  /** What people need to know of a rule or correlation, as it is loaded. */
  info(id: string): RuleInfo | undefined {
    return this.#info.get(id);
  }

  /** On trial: what it finds is recorded, and nobody is told. */
  isOnTrial(rule: Pick<RuleInfo, 'id' | 'name' | 'staged'>): boolean {
    return isOnTrial(rule, this.#deps.settings().rules.staged, this.care.said(rule.id)?.maturity);
  }

  /** What counts a rule, so that it does not alert alone. */
  quietedBy(id: string): readonly RuleInfo[] {
    return this.#quieted.get(id) ?? [];
  }

  /** Whether what it finds alerts nobody by itself. */
  isQuiet(rule: RuleInfo): boolean {
    return this.isOnTrial(rule) || this.#quieted.has(rule.id);
  }

  /** Rules as they would be under other settings and lists. Changes nothing. */
  async read({ rules, correlations, retention, enrich }: Settings, lists: readonly NamedList[]): Promise<ReadRules> {
    const { packed, cacheFaults } = await loadRulesAside({
      settings: { rules, correlations, retention, enrich },
      placeholders: placeholdersOf(lists, Date.now()),
      cacheDir: this.#deps.cacheDir,
    });
    for (const fault of cacheFaults) this.#tellUncached(fault);
    const read = unpackRules(packed);
    return { rules: read, packed, lost: lostRules(this.#ofFiles, read) };
  }

  /** Takes these up, under the settings as they are now. */
  use({ rules, packed }: ReadRules): void {
    this.#use(rules, packed);
  }

  /** Takes up what people have said of rules since. True when the rules themselves are others now. */
  async refreshCare(): Promise<boolean> {
    const changed = await this.care.refresh();
    if (changed === 'maturity') this.#quieted = quietedBy(this.loaded, (rule) => this.isOnTrial(rule));
    if (changed !== 'exceptions') return false;
    this.#use(this.#ofFiles);
    return true;
  }

  /** `packed`: the rules of the files, where they are packed already. */
  #use(rules: LoadedRules, packed?: PackedRules): void {
    const excepted = withExceptions(rules, this.care.exceptions, this.reading);
    const { loaded } = excepted;
    this.#packed = packed !== undefined && loaded === rules ? packed : packRules(loaded);
    this.#ofFiles = rules;
    this.#excepted = excepted;
    this.#info = new Map(membersOf(loaded).map((rule) => [rule.id, rule]));
    this.#quieted = quietedBy(loaded, (rule) => this.isOnTrial(rule));
  }

  #tellUncached(error: unknown): void {
    this.#deps.telemetry.log('warn', 'rules could not be kept as they were read; the next start reads them anew', {
      error: String(error),
    });
  }
}
