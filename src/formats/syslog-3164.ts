import { isIP } from 'node:net';
import { momentOf, plausible, readDateTime } from './date-time.ts';
import { isBlank, isDigit, isLetter, type Scan } from './scan.ts';
import type { SyslogContext, SyslogMessage } from './syslog-message.ts';

interface Header {
  timestamp?: number;
  timestampText?: string;
  hostname?: string;
  appName?: string;
  procId?: string;
}

/**
 * Reads what follows the optional `<PRI>` by RFC 3164 and by what devices make of it: any date of `readDateTime`; Cisco's sequence
 * numbers, host and `*`/`.` marks in front of it; no host, no tag, or neither. Undefined where there is no PRI and no time.
 */
export function parse3164(scan: Scan, context: SyslogContext): SyslogMessage | undefined {
  const header: Header = {};
  scan.blanks();
  // The VERSION of RFC 5424 before a date of RFC 3164.
  if (context.pri !== undefined && scan.peek() === 49 && isBlank(scan.peek(1)) && isLetter(scan.peek(2))) scan.at += 2;
  const timed = readTime(scan, context, header) || readCiscoFront(scan, context, header);
  if (!timed && context.pri === undefined) return undefined;
  const colon = scan.at;
  scan.blanks();
  // `09:12:00 UTC: %SYS-5-…`: behind the time no host follows.
  if (timed && scan.take(58) && !isDigit(scan.peek())) scan.blanks();
  else {
    scan.at = colon;
    scan.blanks();
    if (timed && header.hostname === undefined) readHost(scan, header, context.pri !== undefined);
  }
  readTag(scan, header);
  return {
    form: 'rfc3164',
    ...(context.pri === undefined ? {} : { facility: context.pri >> 3, severity: context.pri & 7 }),
    ...header,
    message: scan.rest(),
  };
}

function readTime(scan: Scan, context: SyslogContext, header: Header): boolean {
  const start = scan.at;
  // Cisco: `*` the clock was never set, `.` it lost its time server.
  if (scan.peek() === 42 || scan.peek() === 46) scan.at += 1;
  const from = scan.at;
  const time = readDateTime(scan);
  if (time === undefined) {
    scan.at = start;
    return false;
  }
  const moment = momentOf(time, context.zone, context.receivedAt);
  header.timestampText = scan.text.slice(from, scan.at);
  if (Number.isFinite(moment) && plausible(moment, context.receivedAt)) header.timestamp = moment;
  return true;
}

/**
 * `000123: host: *Mar  1 18:46:11: %SYS-5-CONFIG_I: text`, `RP/0/0/CPU0:Mar 1 …`, `: 2026 Mar  1 …`, `host: %ASA-…`: up to three words that
 * end with a colon, then a time or a Cisco mnemonic. Without one of these the words stay where they are.
 */
function readCiscoFront(scan: Scan, context: SyslogContext, header: Header): boolean {
  const from = scan.at;
  let hostname: string | undefined;
  for (let words = 0; words < 3; words += 1) {
    const word = readFrontWord(scan);
    if (word === undefined) break;
    if (word !== '' && !isUptime(word)) hostname ??= word;
    passUptime(scan);
    if (readTime(scan, context, header)) {
      if (hostname !== undefined) header.hostname = hostname;
      return true;
    }
    if (isMnemonic(scan)) {
      if (hostname !== undefined) header.hostname = hostname;
      return false;
    }
  }
  scan.at = from;
  return false;
}

/** `00:01:01: `: the time since the start, of a device that has no clock. */
function passUptime(scan: Scan): void {
  const from = scan.at;
  if (scan.number(1, 3) >= 0 && scan.take(58) && scan.number(2, 2) >= 0 && scan.take(58) && scan.number(2, 2) >= 0 && scan.take(58)) {
    if (scan.blanks() > 0) return;
  }
  scan.at = from;
}

/** A word of at most 255 characters up to a colon and the blanks behind it. */
function readFrontWord(scan: Scan): string | undefined {
  const { text, at: from } = scan;
  let at = from;
  while (at - from <= 255 && at < text.length && text.charCodeAt(at) !== 58 && !isBlank(text.charCodeAt(at))) at += 1;
  if (text.charCodeAt(at) !== 58) return undefined;
  const next = text.charCodeAt(at + 1);
  if (!isBlank(next) && !isLetter(next)) return undefined;
  scan.at = at + 1;
  scan.blanks();
  return text.slice(from, at);
}

/** `%FACILITY-SEVERITY-MNEMONIC`. */
function isMnemonic(scan: Scan): boolean {
  if (scan.peek() !== 37 || !isLetter(scan.peek(1))) return false;
  const end = Math.min(scan.text.length, scan.at + 64);
  for (let at = scan.at; at < end; at += 1) {
    const code = scan.text.charCodeAt(at);
    if (isBlank(code) || code === 58) return false;
    if (code === 45 && isDigit(scan.text.charCodeAt(at + 1)) && scan.text.charCodeAt(at + 2) === 45) return true;
  }
  return false;
}

/**
 * The word behind the time is the host, unless it is a tag (`su:`, `cron[12]:`) or the begin of a payload. An address or a Cisco mnemonic behind
 * it makes a word with a colon a host after all (`192.0.2.1: %ACE-3-…`).
 */
function readHost(scan: Scan, header: Header, hasPri: boolean): void {
  // `user.info host tag: …` (Cisco, OpenWrt)
  const level = scan.at;
  if (!passLevel(scan) || !scan.text.slice(level, scan.at).includes('.')) scan.at = level;
  const from = scan.at;
  const word = scan.word();
  if (
    !isHost(word) ||
    (!hasPri && header.timestampText !== undefined && isDigit(header.timestampText.charCodeAt(0)) && !tagFollows(scan))
  ) {
    scan.at = from;
    return;
  }
  const last = word.charCodeAt(word.length - 1);
  if (last === 58 && isIP(word) === 0) {
    const name = word.slice(0, -1);
    scan.blanks();
    if (isIP(name) === 0 && !isMnemonic(scan)) scan.at = from;
    else header.hostname = name;
    return;
  }
  if (word !== '-') header.hostname = word;
  scan.blanks();
  // `host : %ASA-6-…`
  if (scan.peek() === 58 && isBlank(scan.peek(1))) {
    scan.at += 1;
    scan.blanks();
  }
}

/** Letters, digits and the marks of names, addresses and Cisco paths; no payload and no `tag[pid]`. */
function isHost(word: string): boolean {
  if (word === '' || word.length > 255 || word.startsWith('CEF:') || word.startsWith('LEEF:')) return false;
  for (let at = 0; at < word.length; at += 1) {
    const code = word.charCodeAt(at);
    if (!isLetter(code) && !isDigit(code) && !HOST_MARKS.includes(word.charAt(at)) && code < 128) return false;
  }
  return true;
}

const HOST_MARKS = '.-_:/%@';

/** Behind a word of a file without PRI: is there a tag, so that the word is a host and not a level such as `INFO`? */
function tagFollows(scan: Scan): boolean {
  const from = scan.at;
  scan.blanks();
  const tag = readTag(scan, {}) || scan.text.startsWith('CEF:', scan.at) || scan.text.startsWith('LEEF:', scan.at);
  scan.at = from;
  return tag;
}

/** `tag: `, `tag[pid]: `, `tag -: `, `notice tag[pid]: ` (F5, Aruba): TAG of RFC 3164 section 4.1.3. Does not move where there is none. */
function readTag(scan: Scan, header: Header): boolean {
  const from = scan.at;
  if (passLevel(scan) && readPlainTag(scan, header)) return true;
  scan.at = from;
  return readPlainTag(scan, header);
}

const LEVELS: ReadonlySet<string> = new Set(
  'emerg panic alert crit critical err error warn warning notice info informational debug'.split(' '),
);

function passLevel(scan: Scan): boolean {
  const from = scan.at;
  while (scan.at - from < 20 && (isLetter(scan.peek()) || isDigit(scan.peek()) || scan.peek() === 46)) scan.at += 1;
  const word = scan.text.slice(from, scan.at);
  return LEVELS.has(word.slice(word.lastIndexOf('.') + 1).toLowerCase()) && scan.blanks() > 0;
}

const MAX_TAG = 128;

function readPlainTag(scan: Scan, header: Header): boolean {
  const { text, at: from } = scan;
  let at = from;
  while (at - from < MAX_TAG && isTagCharacter(text.charCodeAt(at))) at += 1;
  const name = text.slice(from, at);
  if (isDigits(name) || name === 'CEF' || name === 'LEEF') return false;
  const procId = text.charCodeAt(at) === 91 ? bracketed(text, at) : undefined;
  if (procId !== undefined) at += procId.length + 2;
  // `app -: CEF:0|…`: the nil value for a process.
  if (procId === undefined && isBlank(text.charCodeAt(at)) && text.startsWith('-:', at + 1)) at += 2;
  if (text.charCodeAt(at) !== 58 || !endsTag(text, at + 1)) return false;
  scan.at = at + 1;
  if (isBlank(scan.peek())) scan.at += 1;
  header.appName = name;
  if (procId !== undefined && procId !== '' && procId !== '-') header.procId = procId;
  return true;
}

const endsTag = (text: string, at: number): boolean =>
  at >= text.length ||
  text.charCodeAt(at) <= 32 ||
  text.startsWith('CEF:', at) ||
  text.startsWith('LEEF:', at) ||
  text.charCodeAt(at) === 123;

function isTagCharacter(code: number): boolean {
  return (
    isLetter(code) || isDigit(code) || code === 95 || code === 45 || code === 46 || code === 47 || code === 37 || code === 40 || code === 41
  );
}

function bracketed(text: string, open: number): string | undefined {
  const close = text.indexOf(']', open);
  return close < 0 || close - open > 64 ? undefined : text.slice(open + 1, close);
}

/** A sequence number (`000123`), or a time since the start (`1w2d`, `3d04h`). */
function isUptime(word: string): boolean {
  if (!isDigit(word.charCodeAt(0)) || word.length > 12) return false;
  for (let at = 0; at < word.length; at += 1) if (!'0123456789ywdhms'.includes(word.charAt(at))) return false;
  return true;
}

const isDigits = (word: string): boolean => {
  for (let at = 0; at < word.length; at += 1) if (!isDigit(word.charCodeAt(at))) return false;
  return true;
};
