import type { Event } from './event.ts';
import { FieldSet } from './field-set.ts';

/** An event while it is judged and encoded: its fields live for its turn only. */
export interface LiveEvent extends Omit<Event, 'fields'> {
  readonly fields: FieldSet;
  /** Ids of the rules that were left open, and are judged later; absent: none. */
  readonly deferred?: readonly string[];
}

export const toLive = (event: Event): LiveEvent => ({ ...event, fields: FieldSet.of(event.fields) });

export const toKept = ({ deferred: _, ...event }: LiveEvent): Event => ({ ...event, fields: event.fields.toFields() });
