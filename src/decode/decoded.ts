import type { Cef } from '../formats/cef.ts';
import type { Leef } from '../formats/leef.ts';
import type { SyslogMessage } from '../formats/syslog.ts';
import type { Value } from '../model/event.ts';

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
  | { readonly format: 'key_value'; readonly pairs: Readonly<Record<string, string>> }
  /** Nothing but text: the message after its syslog header. */
  | { readonly format: 'text'; readonly message: string };
