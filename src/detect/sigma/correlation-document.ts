import { Attributes } from './attributes.ts';
import type { CorrelationType } from './correlation.ts';
import { type ConditionPart, readConditionPart } from './correlation-condition.ts';
import { type CountingDocument, readCounting } from './counting-document.ts';
import type { Faults } from './fault.ts';
import type { ReadOptions } from './rule.ts';
import { parseTimespan } from './timespan.ts';
import { attribute, entries, isMap, scalarText, type YAMLMap } from './yaml-document.ts';

const TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const satisfies readonly CorrelationType[];

const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];

/** A correlation document, read and checked by itself. */
export interface CorrelationDocument extends CountingDocument, ConditionPart {
  readonly type: CorrelationType;
  readonly timespanMs: number;
}

/** Reads one document. `name`: Earshot's name of it. Undefined: it is rejected, and `faults` says why. */
export function readCorrelation(name: string, map: YAMLMap, faults: Faults, options: ReadOptions): CorrelationDocument | undefined {
  const before = faults.found.length;
  const node = attribute(map, 'correlation');
  if (!isMap(node)) return faults.add(node ?? map, '`correlation` is a map with `type`, `rules` and `timespan`');
  const counting = readCounting(name, map, node, faults, options);
  for (const { key, keyNode } of entries(node, faults))
    if (!KEYS.includes(key)) faults.add(keyNode, `\`correlation.${key}\` is not known: there are ${KEYS.join(', ')}`);
  const type = new Attributes(node, faults).oneOf('type', TYPES);
  if (type === undefined && !node.has('type')) faults.add(node, `\`type\` is missing: one of ${TYPES.join(', ')}`);
  const timespanMs = readTimespan(node, faults);
  const condition = type === undefined ? undefined : readConditionPart(attribute(node, 'condition'), type, node, faults);
  if (faults.found.length > before || type === undefined || condition === undefined) return undefined;
  return { ...counting, ...condition, type, timespanMs };
}

function readTimespan(map: YAMLMap, faults: Faults): number {
  const node = attribute(map, 'timespan');
  const span = parseTimespan(scalarText(node) ?? '');
  if (!span.ok) faults.add(node ?? map, node === undefined ? `\`timespan\` is missing: ${span.error}` : span.error);
  return span.ok ? span.value : 0;
}
