import { createHash } from 'node:crypto';
import type { RuleInfo } from '../../model/detection.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import { readDetection } from './detection.ts';
import type { Faults } from './fault.ts';
import type { Logsource } from './logsource.ts';
import { fieldPaths } from './taxonomy.ts';
import type { Placeholders } from './text-values.ts';
import type { Tree } from './tree.ts';
import { attribute, canonicalJson, entries, isMap, isScalar, type Node, scalarText, textList, type YAMLMap } from './yaml-document.ts';

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;
type Status = (typeof STATUSES)[number];

/** One Sigma rule, read and checked. */
export interface Rule extends RuleInfo {
  readonly file: string;
  readonly status: Status | undefined;
  readonly author: string | undefined;
  readonly logsource: Logsource;
  readonly tree: Tree;
}

const DEFAULT_GROUP_BY = ['user.name', 'host.name'];

interface ReadOptions {
  readonly placeholders: Placeholders;
  readonly mapping: 'none' | undefined;
}

/** Reads one document. Undefined: it is rejected, and `faults` says why. */
export function readRule(name: string, map: YAMLMap, faults: Faults, { placeholders, mapping }: ReadOptions): Rule | undefined {
  const before = faults.found.length;
  if (isOtherDocument(map, faults)) return undefined;
  const read = new Attributes(map, faults);
  const logsource = readLogsource(map, faults);
  const taxonomy = read.oneOf('taxonomy', ['sigma', 'ecs'] as const) ?? 'sigma';
  const head = {
    id: read.id(),
    version: createHash('sha256').update(canonicalJson(map)).digest('hex').slice(0, 16),
    name,
    title: read.text('title', true),
    level: read.oneOf<Level>('level', LEVELS) ?? 'medium',
    status: read.oneOf('status', STATUSES),
    author: read.text('author', false) || undefined,
    description: read.text('description', false),
    tags: read.list('tags'),
    falsepositives: read.list('falsepositives'),
    ...readEarshot(map, faults),
  };
  if (head.status === 'unsupported')
    faults.add(attribute(map, 'status'), 'the status `unsupported` says that the rule cannot be used as it is');
  const detection = attribute(map, 'detection');
  if (!isMap(detection)) return faults.add(detection ?? map, '`detection` is missing, or not a map');
  const tree = readDetection(detection, {
    faults,
    placeholders,
    fieldPaths: fieldPaths(mapping === 'none' ? 'ecs' : taxonomy, logsource ?? {}),
  });
  if (faults.found.length > before || tree === undefined || logsource === undefined) return undefined;
  return { ...head, file: faults.file, logsource, tree };
}

/** What else may be in a Sigma file. Rejected by name, as it would change what a rule means. */
function isOtherDocument(map: YAMLMap, faults: Faults): boolean {
  const other = {
    correlation: 'correlation rules are not supported yet',
    filter: 'filters are not supported yet',
    action: '`action` (collections with global and repeated parts) was removed from Sigma: write the rule out',
  };
  const found = Object.entries(other).filter(([key]) => map.has(key));
  for (const [key, reason] of found) faults.add(attribute(map, key) ?? map, reason);
  return found.length > 0;
}

class Attributes {
  readonly #map: YAMLMap;
  readonly #faults: Faults;

  constructor(map: YAMLMap, faults: Faults) {
    this.#map = map;
    this.#faults = faults;
  }

  text(key: string, required: boolean): string {
    const node = attribute(this.#map, key);
    const text = scalarText(node);
    if (text === undefined && (required || isMap(node))) this.#faults.add(node ?? this.#map, `\`${key}\` is missing, or not text`);
    return text ?? '';
  }

  list(key: string): string[] {
    const node = attribute(this.#map, key);
    if (node === undefined || (isScalar(node) && node.value === null)) return [];
    return textList(node, this.#faults, `\`${key}\``) ?? [];
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const node = attribute(this.#map, key);
    if (node === undefined) return undefined;
    const text = scalarText(node);
    const found = allowed.find((each) => each === text);
    return found ?? this.#faults.add(node, `\`${key}\` is one of ${allowed.join(', ')}`);
  }

  id(): string {
    const node = attribute(this.#map, 'id');
    const text = scalarText(node) ?? '';
    if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) {
      this.#faults.add(node ?? this.#map, '`id` is missing, or not a UUID: alerts are kept by it, so it must never change');
    }
    return text.toLowerCase();
  }
}

function readLogsource(map: YAMLMap, faults: Faults): Logsource | undefined {
  const node = attribute(map, 'logsource');
  if (!isMap(node)) return faults.add(node ?? map, '`logsource` is missing, or not a map');
  const found: Partial<Record<'product' | 'category' | 'service', string>> = {};
  for (const { key, keyNode, value } of entries(node, faults)) {
    if (key !== 'product' && key !== 'category' && key !== 'service') continue;
    const text = scalarText(value);
    if (text === undefined) faults.add(value ?? keyNode, `\`${key}\` must be text`);
    else found[key] = text.toLowerCase();
  }
  if (Object.keys(found).length === 0) return faults.add(node, '`logsource` needs a product, a category or a service');
  return found;
}

/** The part of a rule that only Earshot reads. */
function readEarshot(map: YAMLMap, faults: Faults): { groupBy: readonly string[]; nextSteps: readonly string[] } {
  const found = { groupBy: DEFAULT_GROUP_BY as readonly string[], nextSteps: [] as readonly string[] };
  const node = attribute(map, 'earshot');
  if (node === undefined) return found;
  if (!isMap(node)) {
    faults.add(node, '`earshot` is a map with `group_by` and `next_steps`');
    return found;
  }
  for (const { key, keyNode, value } of entries(node, faults)) {
    const list = (at: Node) => textList(at, faults, `\`earshot.${key}\``) ?? [];
    if (key === 'group_by') found.groupBy = list(value ?? keyNode);
    else if (key === 'next_steps') found.nextSteps = list(value ?? keyNode);
    else faults.add(keyNode, `\`earshot.${key}\` is not known: there are \`group_by\` and \`next_steps\``);
  }
  return found;
}
