import { err, ok, type Result } from '../lib/result.ts';
import { parseCefExtension } from './cef-extension.ts';
import { escapeHeaderField, fieldEnd, headerField } from './pipe-header.ts';
import { setOwn, trimmed } from './scan.ts';

/** One LEEF message (IBM Log Event Extended Format 1.0 or 2.0). */
export interface Leef {
  readonly version: '1.0' | '2.0';
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LeefFault {
  readonly code: 'leef_no_prefix' | 'leef_bad_version' | 'leef_short_header';
  /** Offset in characters. */
  readonly at: number;
}

/**
 * Reads one LEEF message; what stands before `LEEF:` (a syslog header) is passed over. LEEF 2.0 names the delimiter in its sixth field: a
 * character, `x5E` or `0x5E`, nothing for a tab; some senders leave the field out. Where relays have turned tabs into `#011` (rsyslog) or
 * blanks, the attributes are still told apart. The last of equal keys wins. Never throws.
 */
export function parseLeef(text: string): Result<Leef, LeefFault> {
  const start = text.indexOf('LEEF:');
  if (start < 0) return err({ code: 'leef_no_prefix', at: 0 });
  let at = start + 5;
  while (text.charCodeAt(at) === 32) at += 1;
  const versionEnd = text.indexOf('|', at);
  if (versionEnd < 0) return err({ code: 'leef_short_header', at });
  const version = VERSIONS[text.slice(at, Math.min(versionEnd, at + 4))];
  if (version === undefined) return err({ code: 'leef_bad_version', at });

  const fields: string[] = [];
  at = versionEnd + 1;
  while (fields.length < 4) {
    const end = fieldEnd(text, at);
    if (end === text.length && (fields.length < 3 || at >= end)) return err({ code: 'leef_short_header', at });
    fields.push(headerField(text, at, end));
    at = end + 1;
  }
  const [vendor = '', product = '', productVersion = '', eventId = ''] = fields;
  const body = text.slice(at);
  const named = version === '2.0' ? readDelimiter(body) : undefined;
  const attributes = parseAttributes(body.slice(named?.length ?? 0), named?.delimiter ?? '\t');
  return ok({ version, vendor, product, productVersion, eventId, attributes });
}

const VERSIONS: Readonly<Record<string, '1.0' | '2.0'>> = { '1.0': '1.0', '1': '1.0', '2.0': '2.0', '2': '2.0' };

/** The delimiter field, with its length and its pipe; undefined where it was left out. */
function readDelimiter(body: string): { delimiter: string; length: number } | undefined {
  const end = body.indexOf('|');
  // `|` itself is allowed as the delimiter: then the field is a pipe, and another pipe closes it.
  if (end === 0 && body.charCodeAt(1) === 124) return { delimiter: '|', length: 2 };
  if (end < 0 || end > 6) return undefined;
  const field = body.slice(0, end);
  const length = end + 1;
  if (field === '' || field === '\\t') return { delimiter: '\t', length };
  const hex = /^(?:0?x|\\x)([0-9a-f]{1,4})$/i.exec(field)?.[1];
  if (hex !== undefined) return { delimiter: String.fromCharCode(Number.parseInt(hex, 16)), length };
  return [...field].length === 1 ? { delimiter: field, length } : undefined;
}

function parseAttributes(text: string, delimiter: string): Record<string, string> {
  if (text.includes(delimiter)) return splitAttributes(text, delimiter);
  if (delimiter === '\t') {
    if (text.includes('#011')) return splitAttributes(text, '#011');
    // Tabs that became blanks: the keys are found as in CEF, where blanks are the rule.
    if (text.indexOf('=') !== text.lastIndexOf('=')) return parseCefExtension(text, 0, text.length).pairs;
  }
  return splitAttributes(text, delimiter);
}

function splitAttributes(text: string, delimiter: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  let last: string | undefined;
  for (const part of text.split(delimiter)) {
    const equals = part.indexOf('=');
    const key = equals > 0 ? trimmed(part.slice(0, equals)) : '';
    if (key !== '') {
      setOwn(attributes, key, trimmed(part.slice(equals + 1)));
      last = key;
    } else if (last !== undefined && trimmed(part) !== '') {
      // A delimiter inside a value: LEEF has no escape for it.
      setOwn(attributes, last, `${attributes[last] ?? ''}${delimiter}${part}`);
    }
  }
  return attributes;
}

const DELIMITERS = ['\t', '^', '|', '~', '\u0001', '\u0002', '\u0003'] as const;

/**
 * Writes the message so that {@link parseLeef} reads the same back, but for what the form cannot carry: line ends become blanks, blanks
 * around a value are lost, and LEEF 1.0 has no way to write a tab. LEEF 2.0 takes a delimiter that no value holds.
 */
export function formatLeef(leef: Leef): string {
  const fields = [leef.vendor, leef.product, leef.productVersion, leef.eventId].map(escapeHeaderField);
  const pairs = Object.entries(leef.attributes).map(([key, value]) => `${key}=${oneLine(value)}`);
  const delimiter = leef.version === '1.0' ? '\t' : (DELIMITERS.find((one) => !pairs.some((pair) => pair.includes(one))) ?? '\t');
  const clean = pairs.map((pair) => pair.replaceAll(delimiter, ' '));
  const named = leef.version === '1.0' ? '' : `x${delimiter.charCodeAt(0).toString(16).padStart(2, '0')}|`;
  return `LEEF:${leef.version}|${fields.join('|')}|${named}${clean.join(delimiter)}`;
}

const oneLine = (value: string): string => value.replace(/[\r\n]+/g, ' ');
