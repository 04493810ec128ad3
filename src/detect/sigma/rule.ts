import type { RuleFilter, RuleInfo } from '../../model/detection.ts';
import { Attributes } from './attributes.ts';
import { readDetection } from './detection.ts';
import type { Faults } from './fault.ts';
import { type Head, readCare, readHead } from './head.ts';
import { versionOf } from './identity.ts';
import type { ListTests } from './item.ts';
import type { LogSources } from './log-sources.ts';
import type { Logsource, Route } from './logsource.ts';
import { readRelated } from './related.ts';
import type { TaxonomyName } from './taxonomy.ts';
import { NotedTexts, type Placeholders } from './text-values.ts';
import type { Tree } from './tree.ts';
import { attribute, isMap, textList, type YAMLMap } from './yaml-document.ts';

/** One Sigma rule, read and checked. Its `version` is also that of the filters and lists it has. */
export interface Rule extends RuleInfo, Head {
  readonly file: string;
  readonly taxonomy: TaxonomyName;
  readonly logsource: Logsource;
  /** Undefined: no event of Earshot is of its log source, so it can never fire here. */
  readonly route: Route | undefined;
  /** With the filters in it. */
  readonly tree: Tree;
  readonly filters: readonly RuleFilter[];
}

const DEFAULT_GROUP_BY = ['user.name', 'host.name'];

export interface ReadOptions {
  readonly placeholders: Placeholders;
  readonly lists?: ListTests | undefined;
  /** `none`: fields are asked for as the rule names them, whatever its taxonomy and log source. */
  readonly mapping?: 'none' | undefined;
  readonly logSources: LogSources;
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readRule(name: string, map: YAMLMap, faults: Faults, options: ReadOptions): Rule | undefined {
  const { mapping, lists, logSources } = options;
  const placeholders = new NotedTexts(options.placeholders);
  const before = faults.found.length;
  const read = new Attributes(map, faults);
  const logsource = read.logsource();
  const taxonomy = read.taxonomy(mapping) ?? 'sigma';
  const head = {
    ...readHead(read, name, map, faults),
    ...readEarshot(read, faults),
  };
  readRelated(map, faults);
  if (head.status === 'deprecated') faults.lint(attribute(map, 'status'), DEPRECATED);
  const detection = attribute(map, 'detection');
  if (!isMap(detection)) return faults.add(detection ?? map, '`detection` is missing, or not a map');
  const tree = readDetection(detection, { faults, placeholders, lists, fieldPaths: logSources.fieldPaths(taxonomy, logsource ?? {}) });
  if (faults.found.length > before || tree === undefined || logsource === undefined) return undefined;
  const version = versionWithLists(head.document, placeholders);
  return { ...head, version, file: faults.file, taxonomy, logsource, route: logSources.routeOf(logsource), tree, filters: [] };
}

const DEPRECATED = 'the rule is `deprecated`: its authors have replaced it, and it runs all the same';

/** A rule that is made of other texts is another version of it. */
function versionWithLists(document: string, texts: NotedTexts): string {
  if (texts.used.size === 0) return document;
  return versionOf(document, JSON.stringify([...texts.used].sort().map((name) => [name, texts.get(name)])));
}

function readEarshot(read: Attributes, faults: Faults): Pick<RuleInfo, 'groupBy' | 'nextSteps' | 'staged'> {
  const { group_by: groupBy, ...care } = read.earshot(['group_by', 'next_steps', 'maturity'] as const);
  return {
    groupBy: groupBy === undefined ? DEFAULT_GROUP_BY : (textList(groupBy, faults, '`earshot.group_by`') ?? []),
    ...readCare(care, faults),
  };
}
