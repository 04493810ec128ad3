import type { Value } from '../../model/event.ts';
import type { JsonRecord } from '../../normalize/mapping.ts';

const isRecord = (value: Value | undefined): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (record: JsonRecord, key: string): Value | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);

/** Whether a record is an entry of Slack’s audit log, whoever sends it: an action, a person who acts, and where. */
export function isEntry(record: JsonRecord): boolean {
  const actor = own(record, 'actor');
  const context = own(record, 'context');
  if (typeof own(record, 'action') !== 'string' || !isRecord(actor) || !isRecord(context)) return false;
  return isRecord(own(actor, 'user')) && isRecord(own(context, 'location'));
}

/** Details that are a text in one entry, a list, an object of lists or a text with JSON in it in the next. */
const LISTS: ReadonlySet<string> = new Set([
  'reason',
  'ip_address_details',
  'new_value',
  'previous_value',
  'succeeded_users',
  'failed_users',
  'permissions',
  'changed_permissions',
]);

/** An entry as fields below `slack.audit`; the shapes that differ from entry to entry are made one. */
export function asFields(entry: JsonRecord): JsonRecord {
  const context = own(entry, 'context');
  const details = own(entry, 'details');
  return {
    'slack.audit': {
      ...entry,
      ...(isRecord(context) ? { context: withoutNothing(context, ['session_id'], textOf) } : {}),
      ...(isRecord(details) ? { details: readDetails(details) } : {}),
    },
  };
}

function readDetails(details: JsonRecord): JsonRecord {
  const listed = Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, LISTS.has(key) && value !== null ? textsOf(value) : value]),
  );
  return withoutNothing(listed, ['previous_ip_address', 'previous_ua'], textOf);
}

/** The keys as `read` gives them, left out where that is nothing: Slack writes `""` or null for a value that there is not. */
function withoutNothing(record: JsonRecord, keys: readonly string[], read: (value: Value | undefined) => string | undefined): JsonRecord {
  const found: Record<string, Value> = { ...record };
  for (const key of keys) {
    const text = read(own(record, key));
    if (text === undefined || text === '') Reflect.deleteProperty(found, key);
    else found[key] = text;
  }
  return found;
}

/** A text, a number or a truth as text; undefined for what is none of them. */
export const textOf = (value: Value | undefined): string | undefined => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
};

/**
 * Any of the shapes as texts: `"a"`, `["a"]` and `"[\"a\"]"` are `a`; of `{"type": ["a"]}` it is `type:a`; what lies deeper is its JSON.
 */
export function textsOf(value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return listIn(value) ?? (value === '' ? [] : [value]);
  if (Array.isArray(value)) return value.map(scalarOf);
  if (isRecord(value)) return Object.entries(value).flatMap(([key, below]) => membersOf(below).map((one) => `${key}:${one}`));
  return value === undefined || value === null ? [] : [String(value)];
}

const membersOf = (value: Value): readonly string[] => (Array.isArray(value) ? value.map(scalarOf) : [scalarOf(value)]);

const scalarOf = (value: Value): string => textOf(value) ?? JSON.stringify(value);

function listIn(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const list: Value = JSON.parse(text);
    return Array.isArray(list) ? list.map(scalarOf) : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds since the epoch of seconds, milliseconds or microseconds (Slack has sent all three), or of a time in words, which is in UTC. */
export function timeOf(value: Value | undefined): number | undefined {
  const text = textOf(value)?.trim() ?? '';
  const number = /^\d{9,17}$/.test(text) ? Number(text) : undefined;
  if (number !== undefined) return Math.trunc(number < 1e11 ? number * 1_000 : number < 1e14 ? number : number / 1_000);
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(text)) return undefined;
  const time = Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(time) ? undefined : time;
}
