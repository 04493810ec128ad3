import type { Cef } from '../formats/cef.ts';
import type { Leef } from '../formats/leef.ts';
import type { SyslogMessage } from '../formats/syslog-message.ts';
import type { Value } from '../model/event.ts';

/**
 * Names for `origin.decoder`: what a peer is bound to. Nothing else is then accepted from it, so a `syslog` peer cannot speak CEF; what does
 * not fit becomes text with a note.
 */
export const DECODERS = ['syslog', 'cef', 'leef', 'json', 'key_value', 'text'] as const;
export type Decoder = (typeof DECODERS)[number];

/** What decoding finds in one message: a syslog header where there is one, and the format of what follows it. */
export type Decoded = DecodedHead & Body;

interface DecodedHead {
  /** The whole message as text; invalid UTF-8 replaced by U+FFFD. */
  readonly text: string;
  readonly syslog?: SyslogMessage;
  /** What was odd, for `tags`: `invalid_utf8`, `nul_bytes`, `truncated`, … */
  readonly notes: readonly string[];
}

export type Body =
  | { readonly format: 'cef'; readonly cef: Cef }
  | { readonly format: 'leef'; readonly leef: Leef }
  | { readonly format: 'json'; readonly json: { readonly [key: string]: Value } }
  /** `message` is the text before the first pair, where there is any. */
  | { readonly format: 'key_value'; readonly pairs: Readonly<Record<string, string>>; readonly message?: string }
  /** Nothing but text: the message after its syslog header. */
  | { readonly format: 'text'; readonly message: string };
