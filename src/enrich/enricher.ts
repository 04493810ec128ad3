import type { Value } from '../model/event.ts';
import { type FieldSet, slotOf } from '../model/field-set.ts';

/** A normalized event on its way to detection. What is there is there for good: an enricher adds. */
export interface Enrichable {
  readonly fields: Pick<FieldSet, 'slots' | 'getOther'>;
  /** Milliseconds since the epoch: what expires, expires by this clock, which no sender sets. */
  readonly receivedAt: number;
  /** When it happened, as the sender says; milliseconds since the epoch. */
  readonly timestamp: number;
  /** Without effect where the event has the field already. */
  add(path: string, value: Value): void;
}

/** Adds what a table knows of an event's values. Pure: the same event and the same tables give the same fields. Never throws. */
export type Enricher = (event: Enrichable) => void;

/** A path with its slot, found once. */
export interface Place {
  readonly path: string;
  readonly slot: number;
}

export const placeOf = (path: string): Place => ({ path, slot: slotOf(path) });

export const valueAt = (fields: Enrichable['fields'], place: Place): Value | undefined =>
  place.slot === -1 ? fields.getOther(place.path) : fields.slots[place.slot];
