import { isIP } from 'node:net';
import { err, ok, type Result } from '../lib/result.ts';
import { type CefType, cefCustomType, cefType } from './cef-dictionary.ts';
import { type CefTimeOptions, parseCefTime } from './cef-time.ts';
import { isDigit, trimmed } from './scan.ts';

export interface CefValueFault {
  readonly code: 'not_an_integer' | 'not_a_number' | 'not_an_ip' | 'not_a_mac' | 'not_a_time' | 'empty';
  readonly type: CefType;
}

/**
 * Reads a value as the type its key has in the standard: numbers as numbers, times as milliseconds since the epoch, MAC addresses as
 * `00-00-5E-00-53-23` (RFC 7042, ECS), the rest as text. A pair of double quotes around the whole value is no part of it: several
 * senders quote every value. An integer that a double cannot hold exactly is a fault; keep it as text.
 */
export function readCefValue(key: string, text: string, times: CefTimeOptions): Result<string | number, CefValueFault> {
  const type = cefType(key);
  const value = unquoted(text);
  if (type === 'string') return ok(value);
  const bare = trimmed(value);
  if (bare === '') return err({ code: 'empty', type });
  switch (type) {
    case 'integer':
      return orFault(readInteger(bare), 'not_an_integer', type);
    case 'float':
      return orFault(readFloat(bare), 'not_a_number', type);
    case 'ip':
      return orFault(readIp(bare), 'not_an_ip', type);
    case 'mac':
      return orFault(readMac(bare), 'not_a_mac', type);
    case 'timestamp':
      return orFault(parseCefTime(bare, times), 'not_a_time', type);
  }
}

const orFault = (value: string | number | undefined, code: CefValueFault['code'], type: CefType): Result<string | number, CefValueFault> =>
  value === undefined ? err({ code, type }) : ok(value);

function unquoted(text: string): string {
  const last = text.length - 1;
  return last >= 1 && text.charCodeAt(0) === 34 && text.charCodeAt(last) === 34 ? text.slice(1, last) : text;
}

function readInteger(text: string): number | undefined {
  for (let i = text.charCodeAt(0) === 45 && text.length > 1 ? 1 : 0; i < text.length; i += 1) {
    if (!isDigit(text.charCodeAt(i))) return undefined;
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function readFloat(text: string): number | undefined {
  // Number() also takes `0x1f`, `Infinity` and blanks; a decimal begins with a digit, a sign or a point.
  for (let i = 0; i < text.length; i += 1) if (!'0123456789+-.eE'.includes(text.charAt(i))) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** IPv6 in brackets or with a zone (`%eth0`) is seen; the address alone is kept, in lower case. */
function readIp(text: string): string | undefined {
  const inner = text.charCodeAt(0) === 91 && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = inner.indexOf('%');
  const address = zone < 0 ? inner : inner.slice(0, zone);
  return address.length <= 45 && isIP(address) > 0 ? address.toLowerCase() : undefined;
}

/** `00:00:5e:00:53:23`, `00-00-…`, `0000.5e00.5323` or twelve hex digits. */
function readMac(text: string): string | undefined {
  if (text.length > 17) return undefined;
  let hex = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === ':' || character === '-' || character === '.') continue;
    if (!'0123456789abcdefABCDEF'.includes(character)) return undefined;
    hex += character;
  }
  if (hex.length !== 12 || (text.length !== 12 && text.length !== 14 && text.length !== 17)) return undefined;
  return (hex.toUpperCase().match(/../g) ?? []).join('-');
}

/** A custom field with the name its sender gave it, such as `cs1Label=Rule Name cs1=allow all`. */
export interface CefLabeled {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly type: CefType;
}

/**
 * The custom pairs of an extension (`csN`, `cnN`, `cfpN`, `c6aN`, `deviceCustomDateN`, `flexDateN`, `flexStringN`, also beyond the
 * standard's numbers and capitalized): each value under the label that came with it. A value without a label, or a label without a
 * value, is no pair.
 */
export function cefLabeled(extension: Readonly<Record<string, string>>): CefLabeled[] {
  const pairs: CefLabeled[] = [];
  for (const labelKey of Object.keys(extension)) {
    if (!labelKey.endsWith('Label')) continue;
    const base = labelKey.slice(0, -5);
    const type = cefCustomType(base);
    const label = unquoted(extension[labelKey] ?? '');
    if (type === undefined || label === '') continue;
    const key = Object.hasOwn(extension, base) ? base : otherCase(base);
    const value = Object.hasOwn(extension, key) ? extension[key] : undefined;
    if (value !== undefined) pairs.push({ key, label, value, type });
  }
  return pairs;
}

/** `cs6` for `Cs6` and the other way round. */
function otherCase(name: string): string {
  const first = name.charAt(0);
  const lower = first.toLowerCase();
  return (first === lower ? first.toUpperCase() : lower) + name.slice(1);
}

/** 0 to 10 from a number or from the standard's words, each as the lowest of its range (Low 0, Medium 4, High 7, Very-High 9). */
export function cefSeverity(text: string): number | undefined {
  const word = unquoted(trimmed(text)).toLowerCase();
  const named = SEVERITIES.get(word);
  if (named !== undefined) return named;
  const value = word === '' ? undefined : readInteger(word);
  return value !== undefined && value >= 0 && value <= 10 ? value : undefined;
}

const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['low', 0],
  ['medium', 4],
  ['high', 7],
  ['very-high', 9],
  ['very high', 9],
]);
