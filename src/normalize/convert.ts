import { isIP } from 'node:net';
import type { EcsField } from '../model/ecs.ts';
import type { EcsType } from '../model/ecs-types.ts';
import type { Value } from '../model/event.ts';

/** Gives the value that a text stands for, or undefined where it stands for none of the type. */
export type Converter = (text: string) => Value | undefined;

/** Digits only, with an optional minus: `1e3`, ` 7` and `0x10` are no numbers in a log. Beyond 2^53 a number would not be the one sent. */
export function toInteger(text: string): number | undefined {
  const start = text.charCodeAt(0) === 45 ? 1 : 0;
  if (text.length === start || text.length > 17) return undefined;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return undefined;
  }
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

const DECIMAL = /^-?\d{1,17}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/;

function toDecimal(text: string): number | undefined {
  const integer = toInteger(text);
  if (integer !== undefined) return integer;
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** True for a dotted quad without leading zeros. `net.isIP` says the same and costs a call out of JavaScript's fast path. */
function isIpv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false;
  let parts = 0;
  let digits = 0;
  let part = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || ++parts > 3) return false;
      digits = 0;
      part = 0;
      continue;
    }
    if (code < 48 || code > 57 || (digits > 0 && part === 0)) return false;
    part = part * 10 + code - 48;
    if (part > 255) return false;
    digits++;
  }
  return parts === 3 && digits > 0;
}

/** An address without port, brackets or zone, as it is written. */
export function toIp(text: string): string | undefined {
  if (isIpv4(text)) return text;
  return text.length <= 45 && text.includes(':') && isIP(text) === 6 && !text.includes('%') ? text : undefined;
}

/** ECS (RFC 7042): upper case, hyphens. */
function toMac(text: string): string | undefined {
  return /^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$/.test(text) ? text.toUpperCase().replaceAll(':', '-') : undefined;
}

export function toPort(text: string): number | undefined {
  const port = toInteger(text);
  return port !== undefined && port >= 0 && port <= 65_535 ? port : undefined;
}

/** ISO 8601 with a zone: ECS dates in the store are always in UTC. */
function toDate(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text.replace(',', '.').replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function toBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'yes' || word === '1') return true;
  return word === 'false' || word === 'no' || word === '0' ? false : undefined;
}

const same: Converter = (text) => text;

const BY_TYPE: Record<EcsType, Converter> = {
  boolean: toBoolean,
  constant_keyword: same,
  date: toDate,
  double: toDecimal,
  flattened: () => undefined,
  float: toDecimal,
  geo_point: () => undefined,
  integer: toInteger,
  ip: toIp,
  keyword: same,
  long: toInteger,
  match_only_text: same,
  nested: () => undefined,
  object: () => undefined,
  scaled_float: toDecimal,
  wildcard: same,
};

/** The converter of an ECS field; for a field that is an array, it gives one. */
export function converterOf(path: string, field: EcsField | undefined): Converter {
  if (field === undefined) return same;
  const convert = path.endsWith('.mac') ? toMac : path.endsWith('.port') ? toPort : BY_TYPE[field.type];
  if (!field.array) return convert;
  return (text) => {
    const value = convert(text);
    return value === undefined ? undefined : [value];
  };
}

/** True when a value that came typed (JSON) is what the field's type says. */
export function fits(type: EcsType, value: Value): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'long':
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'double':
    case 'float':
    case 'scaled_float':
      return typeof value === 'number';
    case 'ip':
      return typeof value === 'string' && toIp(value) !== undefined;
    case 'date':
      return typeof value === 'string' && toDate(value) !== undefined;
    case 'nested':
    case 'object':
    case 'flattened':
    case 'geo_point':
      return typeof value === 'object';
    default:
      return typeof value === 'string';
  }
}

/** ECS dates are text: ISO 8601 in UTC. Undefined for what no calendar has. */
export function isoTime(milliseconds: number): string | undefined {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : undefined;
}
