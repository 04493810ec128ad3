import { momentOf, readDateTime } from './date-time.ts';
import { isDigit, Scan, trimmed } from './scan.ts';
import { UTC, zoneOf } from './time-zone.ts';

export interface CefTimeOptions {
  /** For times without a zone: IANA name, abbreviation or offset (CEF `dtz` wins over the source's). Unknown or absent: UTC. */
  readonly timeZone?: string | undefined;
  /** Milliseconds since the epoch, usually the receive time: the year that a time leaves out is the one nearest to it. */
  readonly reference: number;
}

/**
 * Reads a time in any form the CEF standard documents (milliseconds since the epoch, `MMM dd [yyyy] HH:mm:ss[.SSS][ zzz]`) or that is
 * sent in spite of it (seconds, microseconds, ISO 8601). Gives milliseconds since the epoch, or undefined. Never throws; says nothing
 * about whether the time is likely: see `plausible`.
 */
export function parseCefTime(text: string, options: CefTimeOptions): number | undefined {
  const written = trimmed(text);
  if (isDigit(written.charCodeAt(0))) {
    const epoch = parseEpoch(written);
    if (epoch !== undefined) return epoch;
  }
  const scan = new Scan(written);
  const time = readDateTime(scan);
  if (time === undefined) return undefined;
  // Java's `zzz` also writes long names: `Jul 27 2026 09:12:00 America/New_York`.
  const zoneName = time.zone === undefined && scan.blanks() > 0 ? scan.word() : options.timeZone;
  if (!scan.ended) return undefined;
  const own = zoneName === undefined ? UTC : zoneOf(zoneName);
  if (own === undefined && zoneName !== options.timeZone) return undefined;
  const moment = momentOf(time, own ?? UTC, options.reference);
  return Number.isFinite(moment) ? moment : undefined;
}

/**
 * A count since 1970: seconds (up to 10 digits, with or without a fraction), milliseconds (up to 13), microseconds (16) or
 * nanoseconds (19). In milliseconds; undefined when it is none of them.
 */
export function parseEpoch(text: string): number | undefined {
  let digits = 0;
  while (isDigit(text.charCodeAt(digits))) digits += 1;
  const whole = Number(text.slice(0, digits));
  if (digits < text.length) return digits >= 9 && digits <= 10 ? withFraction(text, digits, whole) : undefined;
  if (digits === 0) return undefined;
  if (digits <= 10) return whole * 1000;
  if (digits <= 13) return whole;
  if (digits === 16) return Math.floor(whole / 1000);
  return digits === 19 ? Math.floor(Number(text.slice(0, 13))) : undefined;
}

function withFraction(text: string, dot: number, seconds: number): number | undefined {
  if (text.charCodeAt(dot) !== 46 || text.length === dot + 1) return undefined;
  for (let i = dot + 1; i < text.length; i += 1) if (!isDigit(text.charCodeAt(i))) return undefined;
  return seconds * 1000 + Number(text.slice(dot + 1, dot + 4).padEnd(3, '0'));
}

/** Writes a time in the one form that every receiver reads the same: milliseconds since the epoch. */
export const formatCefTime = (time: number): string => String(Math.trunc(time));
