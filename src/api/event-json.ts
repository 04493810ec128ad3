import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { type Event, eventId, type Value } from '../model/event.ts';
import type { event as eventSchema } from './contract/events.ts';
import { iso } from './time-range.ts';

/** An event in the contract's form. */
export function eventJson(event: Event): z.input<typeof eventSchema> {
  return {
    id: eventId(event.node, event.seq),
    timestamp: iso(event.timestamp),
    ingested: iso(event.receivedAt),
    source: event.source,
    fields: asJson(event.fields),
    original: event.raw.toString('utf8'),
    ...(!isUtf8(event.raw) && { original_base64: event.raw.toString('base64') }),
    hits: event.hits.map((hit) => ({ ...hit, matches: [...hit.matches] })),
  };
}

type JsonValue = z.input<typeof eventSchema>['fields'][string];

/** A value is JSON already; its type alone says read-only where the contract's does not. */
const asJson = (fields: Readonly<Record<string, Value>>): Record<string, JsonValue> => fields as Record<string, JsonValue>;
