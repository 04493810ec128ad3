import type { z } from 'zod';
import type { event } from '../../src/api/contract/events.ts';
import { LEVELS, type Level } from '../../src/model/severity.ts';
import { eachValue, type Json, valueText } from './field-tree.ts';

export type EventView = z.output<typeof event>;

/** A field's values as one text; empty where there is none. */
export const factOf = ({ fields }: Pick<EventView, 'fields'>, name: string): string => {
  const value: Json | undefined = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === undefined || value === null ? '' : eachValue(value).map(valueText).join(', ');
};

/** As {@link factOf}, for any column of the table: those that are no fields too. */
export function columnText(event: EventView, column: string): string {
  if (column === '@timestamp') return event.timestamp;
  if (column === 'event.id') return event.id;
  if (column === 'event.ingested') return event.ingested;
  if (column === 'event.original') return event.original;
  if (column === 'earshot.source') return event.source;
  const own = factOf(event, column);
  if (own !== '' || event.hits.length === 0) return own;
  if (column === 'rule.name') return event.hits.map(({ title }) => title).join(', ');
  if (column === 'rule.id') return event.hits.map(({ id }) => id).join(', ');
  if (column === 'rule.level') return event.hits.map(({ level }) => level).join(', ');
  return '';
}

/** The most severe rule that matched. */
export function worstLevel(event: Pick<EventView, 'hits'>): Level | undefined {
  return LEVELS.findLast((level) => event.hits.some((hit) => hit.level === level));
}

/** What happened, in one line: the message as the product wrote it, or as it came in. */
export const messageOf = (event: EventView): string => factOf(event, 'message') || event.original;
