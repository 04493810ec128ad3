import { parseCef } from '../formats/cef.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { parseKeyValue } from '../formats/key-value.ts';
import { parseLeef } from '../formats/leef.ts';
import { isBlank, isDigit } from '../formats/scan.ts';
import type { Body, Decoder } from './decoded.ts';

/**
 * Recognizes what follows the syslog header. CEF, LEEF and JSON are accepted only where a message begins: a user name `CEF:0|…` in the middle of
 * a line must not become an event of another product. Without a tag one word may stand in front (`vault CEF:0|…`), or an RFC 5424
 * APP-NAME, PROCID and MSGID.
 */
export function readBody(message: string, tagged: boolean, notes: string[]): Body {
  const at = payloadStart(message, tagged);
  if (at >= 0) {
    const body = readPayload(message, at, notes);
    if (body !== undefined) return body;
  }
  return readPairs(message, false) ?? { format: 'text', message };
}

/** Reads the body as the one format that the peer is bound to; CEF, LEEF and JSON may then begin anywhere in the message. */
export function readBodyAs(decoder: Decoder, message: string, notes: string[]): Body {
  switch (decoder) {
    case 'cef':
      return readCef(message, notes) ?? { format: 'text', message };
    case 'leef':
      return readLeef(message, notes) ?? { format: 'text', message };
    case 'json':
      return readJson(message.slice(Math.max(0, message.indexOf('{'))), notes) ?? { format: 'text', message };
    case 'key_value': {
      const body = readPairs(message, true);
      if (body === undefined) notes.push('key_value_fault:no_pairs');
      return body ?? { format: 'text', message };
    }
    case 'syslog':
    case 'text':
      return { format: 'text', message };
  }
}

function readPayload(message: string, at: number, notes: string[]): Body | undefined {
  const payload = at === 0 ? message : message.slice(at);
  switch (message.charCodeAt(at)) {
    case 123:
      return readJson(payload, notes);
    case 76:
      return readLeef(payload, notes);
    default:
      return readCef(payload, notes);
  }
}

function readCef(text: string, notes: string[]): Body | undefined {
  const read = parseCef(text);
  if (!read.ok) {
    notes.push(`cef_fault:${read.error.code}`);
    if (read.error.code === 'cef_short_header') addOnce(notes, 'truncated');
    return undefined;
  }
  if (read.value.unkeyed !== undefined) notes.push('cef_unkeyed_text');
  return { format: 'cef', cef: read.value };
}

function readLeef(text: string, notes: string[]): Body | undefined {
  const read = parseLeef(text);
  if (read.ok) return { format: 'leef', leef: read.value };
  notes.push(`leef_fault:${read.error.code}`);
  if (read.error.code === 'leef_short_header') addOnce(notes, 'truncated');
  return undefined;
}

function readJson(text: string, notes: string[]): Body | undefined {
  const read = parseJsonObject(text);
  if (read.ok) return { format: 'json', json: read.value };
  notes.push(`json_fault:${read.error.code}`);
  if (read.error.code === 'json_cut') addOnce(notes, 'truncated');
  return undefined;
}

function readPairs(message: string, expected: boolean): Body | undefined {
  const read = parseKeyValue(message, { expected });
  if (read === undefined) return undefined;
  return read.before === '' ? { format: 'key_value', pairs: read.pairs } : { format: 'key_value', pairs: read.pairs, message: read.before };
}

function addOnce(notes: string[], note: string): void {
  if (!notes.includes(note)) notes.push(note);
}

/** Where a payload that names itself begins; -1 where there is none. */
function payloadStart(message: string, tagged: boolean): number {
  let at = passBlanks(message, message.charCodeAt(0) === 0xfeff ? 1 : 0);
  // CEE (rsyslog, lumberjack): `@cee: {…}`.
  if (message.startsWith('@cee:', at)) at = passBlanks(message, at + 5);
  if (isPayload(message, at)) return at;
  if (tagged) return -1;
  const second = passBlanks(message, passWord(message, at));
  if (isPayload(message, second)) return second;
  if (!isDigit(message.charCodeAt(second))) return -1;
  const fourth = passBlanks(message, passWord(message, passBlanks(message, passWord(message, second))));
  return isPayload(message, fourth) ? fourth : -1;
}

const MAX_WORD = 64;

function passWord(message: string, from: number): number {
  const end = Math.min(message.length, from + MAX_WORD);
  let at = from;
  while (at < end && !isBlank(message.charCodeAt(at))) at += 1;
  return at;
}

function passBlanks(message: string, at: number): number {
  while (isBlank(message.charCodeAt(at))) at += 1;
  return at;
}

function isPayload(message: string, at: number): boolean {
  switch (message.charCodeAt(at)) {
    case 123: {
      const next = message.charCodeAt(passBlanks(message, at + 1));
      return next === 34 || next === 125 || next === 10 || next === 13;
    }
    case 67:
      return message.startsWith('CEF:', at) && isVersion(message, at + 4);
    case 76:
      return message.startsWith('LEEF:', at) && isVersion(message, at + 5);
    case 124:
      return message.startsWith('|CEF:', at) && isVersion(message, at + 5);
    default:
      return false;
  }
}

const isVersion = (message: string, at: number): boolean => isDigit(message.charCodeAt(passBlanks(message, at)));
