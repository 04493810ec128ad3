import { isUtf8 } from 'node:buffer';
import { type Event, eventId, type Fields, type Value } from './event.ts';

/** A nested ECS document, as Elasticsearch and its kin would hold the event. */
export type Document = { [key: string]: DocumentValue };
export type DocumentValue = Value | Document;

const isoTime = (milliseconds: number): string =>
  Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : String(milliseconds);

/**
 * The event as nested ECS JSON: `@timestamp` and `event.ingested` in ISO 8601, `event.id`, `event.original` (where the bytes are no
 * UTF-8, with U+FFFD in it, and all bytes in `event.original_base64`), `earshot.source`, and for rules that matched `earshot.hits` with
 * ECS's `rule.id`, `rule.name`, `rule.version`.
 */
export function toDocument(event: Event): Document {
  const { fields, raw } = event;
  const document: Document = { '@timestamp': isoTime(event.timestamp), ...nest(fields) };
  place(document, 'event.id', eventId(event.node, event.seq));
  place(document, 'event.ingested', isoTime(event.receivedAt));
  place(document, 'event.original', raw.toString('utf8'));
  if (!isUtf8(raw)) place(document, 'event.original_base64', raw.toString('base64'));
  place(document, 'earshot.source', event.source);
  placeHits(document, event);
  return document;
}

function placeHits(document: Document, { hits, fields }: Event): void {
  if (hits.length === 0) return;
  place(
    document,
    'earshot.hits',
    hits.map((hit) => ({ ...hit, matches: hit.matches.map((match) => ({ ...match })) })),
  );
  // A sender's own rule (a firewall's) stays what it is.
  if (Object.hasOwn(fields, 'rule.id') || Object.hasOwn(fields, 'rule.name')) return;
  place(
    document,
    'rule.id',
    hits.map((hit) => hit.id),
  );
  place(
    document,
    'rule.name',
    hits.map((hit) => hit.title),
  );
  place(
    document,
    'rule.version',
    hits.map((hit) => hit.version),
  );
}

/**
 * Nests flat fields. Where a path leads through a value (`a: 1` and `a.b: 2`) the rest of it stays dotted (`{ a: 1, 'a.b': 2 }`):
 * nothing is overwritten, and whoever flattens the document gets the same fields.
 */
export function nest(fields: Fields): Document {
  const document: Document = {};
  // In order of name a value comes before what lies below its path.
  for (const path of Object.keys(fields).sort()) {
    const value = fields[path];
    if (value !== undefined) place(document, path, value);
  }
  return document;
}

function place(document: Document, path: string, value: DocumentValue): void {
  let at = document;
  let rest = path;
  for (let dot = rest.indexOf('.'); dot > 0; dot = rest.indexOf('.')) {
    const key = rest.slice(0, dot);
    const next = Object.hasOwn(at, key) ? at[key] : define(at, key, {});
    if (!isObject(next)) break;
    at = next;
    rest = rest.slice(dot + 1);
  }
  define(at, rest, isObject(value) ? { ...value } : value);
}

const isObject = (value: DocumentValue | undefined): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets an own property whatever its name: `__proto__` from a message must not become a prototype. */
function define<T extends DocumentValue>(document: Document, key: string, value: T): T {
  Object.defineProperty(document, key, { value, enumerable: true, configurable: true, writable: true });
  return value;
}
