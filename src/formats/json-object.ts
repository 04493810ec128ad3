import { err, ok, type Result } from '../lib/result.ts';

/** A JSON value as it is read. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface JsonFault {
  readonly code: 'json_syntax' | 'json_not_object' | 'json_too_deep' | 'json_too_large' | 'json_cut';
  readonly message: string;
}

const MAX_DEPTH = 64;
const MAX_CHARACTERS = 8 * 1024 * 1024;

/**
 * Reads one JSON object. Bounded: 8 Mi characters, 64 levels. A key `__proto__` comes back as `_proto_`, so that no code behind can be
 * led to set a prototype; an integer that a double cannot hold exactly comes back as its digits. `json_cut` means that the text ends too
 * early: it was truncated. Never throws.
 */
export function parseJsonObject(text: string): Result<{ [key: string]: JsonValue }, JsonFault> {
  if (text.length > MAX_CHARACTERS) return err({ code: 'json_too_large', message: `longer than ${MAX_CHARACTERS} characters` });
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return err(syntaxFault(error));
  }
  if (!isObject(value)) return err({ code: 'json_not_object', message: 'not a JSON object' });
  const seen = inspect(value, 1);
  if (seen === 'too_deep') return err({ code: 'json_too_deep', message: `deeper than ${MAX_DEPTH} levels` });
  return ok(seen === 'inexact' ? exactly(text, value) : value);
}

function syntaxFault(error: unknown): JsonFault {
  const message = error instanceof Error ? error.message : String(error);
  const cut = message.startsWith('Unexpected end') || message.startsWith('Unterminated');
  return { code: cut ? 'json_cut' : 'json_syntax', message };
}

const isObject = (value: JsonValue): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Seen = 'fine' | 'inexact' | 'too_deep';

/** Looks at every value once: depth, numbers that lost digits, and `__proto__`, which is renamed in place. */
function inspect(value: JsonValue, depth: number): Seen {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? 'inexact' : 'fine';
  if (typeof value !== 'object' || value === null) return 'fine';
  if (depth > MAX_DEPTH) return 'too_deep';
  if (!Array.isArray(value)) renameProto(value);
  let seen: Seen = 'fine';
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    const below = inspect(child, depth + 1);
    if (below === 'too_deep') return below;
    if (below === 'inexact') seen = below;
  }
  return seen;
}

function renameProto(value: { [key: string]: JsonValue }): void {
  if (!Object.hasOwn(value, '__proto__')) return;
  const kept = Object.getOwnPropertyDescriptor(value, '__proto__')?.value as JsonValue;
  Reflect.deleteProperty(value, '__proto__');
  if (!Object.hasOwn(value, '_proto_')) value._proto_ = kept;
}

/** Reads again with the source of each number at hand: slower, and only for texts that need it. */
function exactly(text: string, fallback: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  const reviver = (_key: string, value: JsonValue, context?: { source?: string }): JsonValue =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && isDigits(context?.source)
      ? (context?.source ?? value)
      : value;
  const again: JsonValue = JSON.parse(text, reviver);
  if (!isObject(again)) return fallback;
  inspect(again, 1);
  return again;
}

const isDigits = (source: string | undefined): boolean => source !== undefined && /^-?\d+$/.test(source);
