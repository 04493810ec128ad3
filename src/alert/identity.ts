import { createHash } from 'node:crypto';
import type { Fields, Value } from '../model/event.ts';
import type { Finding } from '../model/found.ts';

/** The grouping fields with their values in the event; a field that is missing has the value ''. */
export function groupOf(fields: Fields, groupBy: readonly string[]): Record<string, string> {
  return Object.fromEntries(groupBy.map((field) => [field, valueText(fields[field])]));
}

/** Hits with the same key may be of one alert. */
export function episodeKey(ruleId: string, ruleVersion: string, group: Readonly<Record<string, string>>): string {
  return sha256(JSON.stringify([ruleId, ruleVersion, Object.entries(group)]));
}

/** The same for what no single event tells: findings with the same key may be of one alert. */
export const findingKey = ({ identity, groupKey }: Pick<Finding, 'identity' | 'groupKey'>): string =>
  sha256(JSON.stringify(['finding', identity, groupKey]));

/** An alert's id: the same episode, begun by the same event or at the same moment, is the same alert. */
export const alertId = (key: string, beginning: string): string => sha256(JSON.stringify([key, beginning])).slice(0, 32);

/** A field's value as people read it. Several values are sorted: their order says nothing. */
export function valueText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return [...new Set(value.map(valueText))].sort().join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
