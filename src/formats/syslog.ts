import { Scan } from './scan.ts';
import { parse3164 } from './syslog-3164.ts';
import { parse5424 } from './syslog-5424.ts';
import type { SyslogContext, SyslogMessage } from './syslog-message.ts';
import { UTC, zoneOf } from './time-zone.ts';

export type { SyslogMessage } from './syslog-message.ts';

export interface SyslogOptions {
  /** Milliseconds since the epoch: gives the year that RFC 3164 leaves out, and the bound of times that cannot be. */
  readonly receivedAt: number;
  /** The sender's IANA zone, for times without one. Unknown or absent: UTC. */
  readonly timeZone?: string | undefined;
}

/**
 * Reads a syslog header: `<PRI>1 …` by RFC 5424, else RFC 3164 as devices really send it. A message needs a PRI or a time at its begin
 * to be syslog; else undefined. A header that breaks off or breaks the rules gives what can be read of it, and leaves the rest in
 * `message`. Never throws.
 */
export function parseSyslog(text: string, options: SyslogOptions): SyslogMessage | undefined {
  const scan = new Scan(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  scan.blanks();
  const pri = readPri(scan);
  const zone = (options.timeZone === undefined ? undefined : zoneOf(options.timeZone)) ?? UTC;
  const context: SyslogContext = { receivedAt: options.receivedAt, zone, pri };
  return (pri === undefined ? undefined : parse5424(scan, context)) ?? parse3164(scan, context);
}

/** `<0>` to `<191>`; leading zeros are seen. Undefined (and does not move) else. */
function readPri(scan: Scan): number | undefined {
  const from = scan.at;
  if (!scan.take(60)) return undefined;
  const value = scan.number(1, 3);
  if (value >= 0 && value <= 191 && scan.take(62)) return value;
  scan.at = from;
  return undefined;
}
