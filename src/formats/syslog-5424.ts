import { parseEpoch } from './cef-time.ts';
import { momentOf, plausible, readDateTime } from './date-time.ts';
import { isBlank, isDigit, type Scan } from './scan.ts';
import { readStructuredData } from './structured-data.ts';
import type { SyslogContext, SyslogMessage } from './syslog-message.ts';

const NIL = '-';

/**
 * Reads what follows `<PRI>` by RFC 5424 section 6, and the ways it is bent: VERSION left out (Check Point, Cisco), an epoch for a time
 * (Meraki), MSGID or STRUCTURED-DATA left out (Segura), CEF or LEEF right behind the host. Undefined (and does not move) where it is
 * not RFC 5424 at all.
 */
export function parse5424(scan: Scan, context: SyslogContext): SyslogMessage | undefined {
  const from = scan.at;
  scan.blanks();
  const version = readVersion(scan);
  const time = readTimestamp(scan, context, version);
  const message = time === undefined ? undefined : readRest(scan, context, version, time);
  if (message === undefined) scan.at = from;
  return message;
}

function readVersion(scan: Scan): number | undefined {
  const from = scan.at;
  const version = scan.number(1, 3);
  if (version > 0 && scan.text.charCodeAt(from) !== 48 && scan.blanks() > 0) return version;
  scan.at = from;
  return undefined;
}

interface Time {
  readonly timestamp?: number;
  readonly timestampText?: string;
}

/** A word that is, or behind a VERSION is meant to be, a time: `-`, a date, an epoch. */
function readTimestamp(scan: Scan, context: SyslogContext, version: number | undefined): Time | undefined {
  const from = scan.at;
  if (scan.peek() === 45 && !(scan.peek(1) > 32)) {
    scan.at += 1;
    return {};
  }
  if (!isDigit(scan.peek())) return undefined;
  const time = readDateTime(scan);
  if (time !== undefined && !(scan.peek() > 32)) {
    return timeOf(momentOf(time, context.zone, context.receivedAt), scan.text.slice(from, scan.at), context);
  }
  scan.at = from;
  const word = scan.word();
  const epoch = word.length >= 10 ? parseEpoch(word) : undefined;
  if (epoch !== undefined) return timeOf(epoch, word, context);
  return version !== undefined && word.charCodeAt(4) === 45 && word.length >= 8 ? { timestampText: word } : undefined;
}

function timeOf(moment: number, timestampText: string, context: SyslogContext): Time {
  return plausible(moment, context.receivedAt) ? { timestamp: moment, timestampText } : { timestampText };
}

/** Filled in place: this is read for every message, and copying small objects about costs more than reading them. */
type Draft = { -readonly [K in keyof SyslogMessage]: SyslogMessage[K] };

type NamedField = 'hostname' | 'appName' | 'procId' | 'msgId';

function readRest(scan: Scan, context: SyslogContext, version: number | undefined, time: Time): SyslogMessage | undefined {
  scan.blanks();
  const draft = begun(context, version, time);
  if (startsPayload(scan)) return version === undefined ? undefined : ended(draft, scan.rest());
  put(draft, 'hostname', scan.word());
  const behindHost = scan.at;
  if (readFields(scan, draft)) return ended(draft, messageOf(scan));
  // Without VERSION only the whole form is RFC 5424: `<13>2026-07-27T09:12:00Z host tag: text` is not.
  if (version === undefined) return undefined;
  scan.at = behindHost;
  readBentFields(scan, draft);
  return ended(draft, messageOf(scan));
}

/** APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA, all there; else the draft is as it was. */
function readFields(scan: Scan, draft: Draft): boolean {
  const appName = nextWord(scan);
  const procId = appName === '' ? '' : nextWord(scan);
  const msgId = procId === '' ? '' : nextWord(scan);
  if (msgId === '' || scan.blanks() === 0) return false;
  const read = readStructuredData(scan);
  if (read === undefined) return false;
  put(draft, 'appName', withoutColon(appName));
  put(draft, 'procId', procId);
  put(draft, 'msgId', msgId);
  if (read.data !== undefined) draft.structuredData = read.data;
  return true;
}

/** The next word of the header; empty where there is none, or the payload begins. */
const nextWord = (scan: Scan): string => (scan.blanks() === 0 || startsPayload(scan) ? '' : scan.word());

/**
 * The fields that are there, when some are not. `host app: text` and `host app[pid]: text` are RFC 3164's; `host app 1426 - text` lacks
 * STRUCTURED-DATA or MSGID; anything else behind the host is message.
 */
function readBentFields(scan: Scan, draft: Draft): void {
  const from = scan.at;
  scan.blanks();
  if (startsPayload(scan)) return;
  const appName = scan.word();
  const behindApp = scan.at;
  scan.blanks();
  if (appName.endsWith(':')) {
    putTag(draft, appName);
    scan.at = behindApp;
  } else if (startsPayload(scan)) {
    put(draft, 'appName', appName);
  } else if (!readBentProcess(scan, draft, appName)) {
    scan.at = appName === NIL ? behindApp : from;
  }
}

/** APP-NAME and PROCID, where the word behind APP-NAME can be one. */
function readBentProcess(scan: Scan, draft: Draft, appName: string): boolean {
  const procId = scan.word();
  if (appName === '' || (procId !== NIL && !isNumber(procId))) return false;
  put(draft, 'appName', appName);
  put(draft, 'procId', procId);
  readBentMessageId(scan, draft);
  return true;
}

/** `-` or a MSGID with a payload behind it; any other word is the begin of the message. */
function readBentMessageId(scan: Scan, draft: Draft): void {
  const from = scan.at;
  scan.blanks();
  if (startsPayload(scan)) return;
  const msgId = scan.word();
  if (msgId === NIL) return;
  const behind = scan.at;
  scan.blanks();
  const payload = startsPayload(scan) || scan.peek() === 91;
  scan.at = payload ? behind : from;
  if (payload) put(draft, 'msgId', msgId);
}

function putTag(draft: Draft, tag: string): void {
  const name = withoutColon(tag);
  const open = name.endsWith(']') ? name.indexOf('[') : -1;
  put(draft, 'appName', open < 0 ? name : name.slice(0, open));
  if (open >= 0) put(draft, 'procId', name.slice(open + 1, -1));
}

const withoutColon = (word: string): string => (word.length > 1 && word.endsWith(':') ? word.slice(0, -1) : word);

function put(draft: Draft, name: NamedField, value: string): void {
  if (value !== NIL && value !== '') draft[name] = value;
}

const isNumber = (word: string): boolean => {
  for (let at = 0; at < word.length; at += 1) if (!isDigit(word.charCodeAt(at))) return false;
  return word !== '';
};

/** A payload that names itself: CEF, LEEF, or a JSON object. */
function startsPayload(scan: Scan): boolean {
  const code = scan.peek();
  if (code === 123) return scan.peek(1) === 34;
  if (code === 124) return scan.text.startsWith('CEF:', scan.at + 1);
  return (code === 67 && scan.text.startsWith('CEF:', scan.at)) || (code === 76 && scan.text.startsWith('LEEF:', scan.at));
}

/** One blank and a byte order mark (it says UTF-8) are not of the message. */
function messageOf(scan: Scan): string {
  if (isBlank(scan.peek())) scan.at += 1;
  if (scan.peek() === 0xfeff) scan.at += 1;
  return scan.rest();
}

function begun({ pri }: SyslogContext, version: number | undefined, time: Time): Draft {
  const draft: Draft = { form: 'rfc5424', message: '' };
  if (pri !== undefined) {
    draft.facility = pri >> 3;
    draft.severity = pri & 7;
  }
  if (version !== undefined) draft.version = version;
  if (time.timestamp !== undefined) draft.timestamp = time.timestamp;
  if (time.timestampText !== undefined) draft.timestampText = time.timestampText;
  return draft;
}

function ended(draft: Draft, message: string): SyslogMessage {
  draft.message = message;
  return draft;
}
