import { err, ok, type Result } from '../lib/result.ts';
import { escapeCefValue, parseCefExtension } from './cef-extension.ts';
import { escapeHeaderField, fieldEnd, headerField } from './pipe-header.ts';
import { isDigit } from './scan.ts';

/** One CEF message (OpenText CEF Implementation Standard v27). */
export interface Cef {
  readonly version: number;
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly classId: string;
  readonly name: string;
  readonly severity: string;
  /** By key as sent, such as `src`; the last of equal keys wins. */
  readonly extension: Readonly<Record<string, string>>;
  /** Text of the extension that stands before its first key, or all of it where it has none. */
  readonly unkeyed?: string;
}

export interface CefFault {
  readonly code: 'cef_no_prefix' | 'cef_bad_version' | 'cef_short_header';
  /** Offset in characters. */
  readonly at: number;
}

const PIPE = 124;
const FIELDS = 6;

/**
 * Reads one CEF message. What stands before `CEF:` (a syslog header) is passed over; `CEF: 0`, pipes around the whole message, bare
 * pipes in the extension and in the name are understood. Never throws.
 */
export function parseCef(text: string): Result<Cef, CefFault> {
  let fault: CefFault = { code: 'cef_no_prefix', at: 0 };
  for (let at = text.indexOf('CEF:'); at >= 0; at = text.indexOf('CEF:', at + 4)) {
    const versionAt = passBlanks(text, at + 4);
    const versionEnd = passVersion(text, versionAt);
    if (versionEnd > versionAt && text.charCodeAt(versionEnd) === PIPE) {
      return parseFrom(text, at, Number(text.slice(versionAt, versionEnd)), versionEnd + 1);
    }
    if (fault.code === 'cef_no_prefix') fault = { code: versionEnd < text.length ? 'cef_bad_version' : 'cef_short_header', at: versionAt };
  }
  return err(fault);
}

function passBlanks(text: string, at: number): number {
  while (text.charCodeAt(at) === 32) at += 1;
  return at;
}

/** `0`, `1`, and `0.1` as some print the standard's own version. */
function passVersion(text: string, from: number): number {
  let at = from;
  while (at - from < 3 && isDigit(text.charCodeAt(at))) at += 1;
  if (at > from && text.charCodeAt(at) === 46 && isDigit(text.charCodeAt(at + 1))) at += 2;
  return at;
}

function parseFrom(text: string, start: number, version: number, from: number): Result<Cef, CefFault> {
  const ends: number[] = [];
  let at = from;
  for (let field = 0; field < FIELDS; field += 1) {
    const end = fieldEnd(text, at);
    // A message that was cut behind its severity is whole but for the extension; cut before, it is not.
    if (end === text.length && (field < FIELDS - 1 || at >= end)) return err({ code: 'cef_short_header', at });
    ends.push(end);
    at = end + 1;
  }
  const [vendor = 0, product = 0, productVersion = 0, classId = 0, name = 0, severity = 0] = ends;
  const last = isSeverity(text, name + 1, severity) ? undefined : laterSeverity(text, severity);
  const nameEnd = last?.from ?? name;
  const severityEnd = last?.to ?? severity;
  const { pairs, unkeyed } = parseCefExtension(text, Math.min(severityEnd + 1, text.length), extensionEnd(text, start));
  const cef = {
    version,
    vendor: headerField(text, from, vendor),
    product: headerField(text, vendor + 1, product),
    productVersion: headerField(text, product + 1, productVersion),
    classId: headerField(text, productVersion + 1, classId),
    name: headerField(text, classId + 1, nameEnd),
    severity: headerField(text, nameEnd + 1, severityEnd),
    extension: pairs,
  };
  return ok(unkeyed === '' ? cef : { ...cef, unkeyed });
}

/** A number, a word of the standard, or nothing: what a severity looks like. */
function isSeverity(text: string, from: number, to: number): boolean {
  const first = text.charCodeAt(from);
  if (to - from <= 2 && (to === from || isDigit(first))) return true;
  return SEVERITY.test(text.slice(from, Math.min(to, from + 16)));
}

const SEVERITY = /^\s*(?:\d{1,3}|unknown|low|medium|high|very[- ]high|critical|info|informational|warning)\s*$/i;

/** A name with bare pipes pushes the severity back: it is the next field that looks like one, before any `key=`. */
function laterSeverity(text: string, from: number): { from: number; to: number } | undefined {
  let at = from;
  for (let field = 0; field < 8 && at < text.length; field += 1) {
    const to = fieldEnd(text, at + 1);
    if (to === text.length) return undefined;
    if (to > at + 1 && isSeverity(text, at + 1, to)) return { from: at, to };
    const equals = text.indexOf('=', at + 1);
    if (equals >= 0 && equals < to) return undefined;
    at = to;
  }
  return undefined;
}

/** `|CEF:0|…|`: the last pipe is of the outer pair. */
function extensionEnd(text: string, start: number): number {
  if (text.charCodeAt(start - 1) !== PIPE) return text.length;
  let end = text.length;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return text.charCodeAt(end - 1) === PIPE ? end - 1 : text.length;
}

/**
 * Writes the message so that {@link parseCef} reads the same back, but for what the form cannot carry: line ends in the header become
 * blanks, blanks around a value are lost.
 */
export function formatCef(cef: Cef): string {
  const fields = [cef.vendor, cef.product, cef.productVersion, cef.classId, cef.name, cef.severity].map(escapeHeaderField);
  const pairs = Object.entries(cef.extension).map(([key, value]) => `${key}=${escapeCefValue(value)}`);
  if (cef.unkeyed !== undefined) pairs.unshift(escapeCefValue(cef.unkeyed));
  return `CEF:${cef.version}|${fields.join('|')}|${pairs.join(' ')}`;
}
