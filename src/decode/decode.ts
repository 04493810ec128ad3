import { isAscii, isUtf8 } from 'node:buffer';
import { parseSyslog } from '../formats/syslog.ts';
import type { SyslogMessage } from '../formats/syslog-message.ts';
import type { RawRecord } from '../model/record.ts';
import { readBody, readBodyAs } from './body.ts';
import { DECODERS, type Decoded, type Decoder } from './decoded.ts';

export interface DecodeOptions {
  /** IANA zone of times without one, where the sender's origin names none. Absent: UTC. */
  readonly timeZone?: string | undefined;
}

/**
 * Decodes one message: a syslog header where there is one, then CEF, LEEF, JSON, `key=value` or text behind it. The content decides,
 * unless the origin is bound to a decoder. Never throws; what cannot be read stays text.
 *
 * Notes are stable words, for `tags`: `invalid_utf8`, `nul_bytes`, `truncated`, `bad_timestamp`, `cef_fault:<code>`, `leef_fault:<code>`,
 * `json_fault:<code>`, `key_value_fault:<code>`, `syslog_fault:<code>`, `cef_unkeyed_text`, `unknown_decoder`.
 */
export function decode(record: RawRecord, options: DecodeOptions = {}): Decoded {
  const { bytes, origin, receivedAt } = record;
  const notes: string[] = [];
  const text = textOf(bytes, notes);
  if (origin.truncated === true || (origin.transport === 'udp' && DATAGRAM_BOUNDS.has(bytes.length))) notes.push('truncated');
  const content = withoutEnd(text);
  const decoder = boundDecoder(origin.decoder, notes);
  if (decoder === 'text') return { text, notes, format: 'text', message: content };

  const syslog = parseSyslog(content, { receivedAt, timeZone: origin.timeZone ?? options.timeZone });
  if (syslog?.timestampText !== undefined && syslog.timestamp === undefined) notes.push('bad_timestamp');
  if (syslog === undefined && decoder === 'syslog') notes.push('syslog_fault:no_header');
  const message = syslog?.message ?? content;
  const body = decoder === undefined ? readBody(message, hasTag(syslog), notes) : readBodyAs(decoder, message, notes);
  return syslog === undefined ? { text, notes, ...body } : { text, notes, syslog, ...body };
}

/** Sizes at which senders and relays cut datagrams; a message of exactly this size is most likely not whole. */
const DATAGRAM_BOUNDS: ReadonlySet<number> = new Set([1024, 2048, 4096, 8192]);

function textOf(bytes: Buffer, notes: string[]): string {
  if (bytes.includes(0)) notes.push('nul_bytes');
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) notes.push('invalid_utf8');
  return bytes.toString('utf8');
}

/** Line ends and NULs that senders put behind a message. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && END_MARKS.includes(text.charAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

const END_MARKS = '\n\r\0';

const isDecoder = (name: string): name is Decoder => DECODERS.some((decoder) => decoder === name);

function boundDecoder(name: string | undefined, notes: string[]): Decoder | undefined {
  if (name === undefined || isDecoder(name)) return name;
  notes.push('unknown_decoder');
  return undefined;
}

/** Behind a tag the message is what the program wrote: its first words are no part of a header any more. */
const hasTag = (syslog: SyslogMessage | undefined): boolean => syslog?.appName !== undefined;
