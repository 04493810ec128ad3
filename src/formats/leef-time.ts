import { type CefTimeOptions, parseCefTime } from './cef-time.ts';
import { momentOf, readMonth, readZone } from './date-time.ts';
import { isLetter, Scan, trimmed } from './scan.ts';
import { UTC, zoneOf } from './time-zone.ts';

/**
 * The event's own time of a LEEF message: `devTime`, read by `devTimeFormat` (a Java `SimpleDateFormat` pattern) where one was sent, else
 * in any form that CEF knows. Milliseconds since the epoch; undefined when absent or unreadable. Never throws.
 */
export function leefTime(attributes: Readonly<Record<string, string>>, options: CefTimeOptions): number | undefined {
  const time = attributes.devTime;
  if (time === undefined) return undefined;
  const format = attributes.devTimeFormat;
  const timeZone = attributes.devTimeZone ?? options.timeZone;
  const zoned = { ...options, timeZone };
  return (format === undefined ? undefined : parseByPattern(trimmed(time), format, zoned)) ?? parseCefTime(time, zoned);
}

const MAX_PATTERN = 64;

/** Reads a time by a Java `SimpleDateFormat` pattern of `y M d H h m s S a z Z X E` and quoted text. */
function parseByPattern(text: string, pattern: string, options: CefTimeOptions): number | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const scan = new Scan(text);
  const read = new PatternTime();
  for (let at = 0; at < pattern.length; ) {
    const letter = pattern.charAt(at);
    let end = at + 1;
    if (isLetter(letter.charCodeAt(0))) {
      while (pattern.charAt(end) === letter) end += 1;
      const adjacent = isLetter(pattern.charCodeAt(end));
      if (!read.field(scan, letter, end - at, adjacent)) return undefined;
    } else if (letter === "'") {
      end = pattern.indexOf("'", at + 1) + 1;
      const quoted = end === 0 ? '' : pattern.slice(at + 1, end - 1) || "'";
      if (quoted === '' || !text.startsWith(quoted, scan.at)) return undefined;
      scan.at += quoted.length;
    } else if (!(letter === ' ' ? scan.blanks() > 0 : scan.take(letter.charCodeAt(0)))) {
      return undefined;
    }
    at = end;
  }
  if (!scan.ended || read.month === 0 || read.day === 0) return undefined;
  const own = (options.timeZone === undefined ? undefined : zoneOf(options.timeZone)) ?? UTC;
  const moment = momentOf(read.written(), own, options.reference);
  return Number.isFinite(moment) ? moment : undefined;
}

class PatternTime {
  year: number | undefined;
  month = 0;
  day = 0;
  #hour = 0;
  #minute = 0;
  #second = 0;
  #milli = 0;
  #afternoon: boolean | undefined;
  #zone: number | string | undefined;

  field(scan: Scan, letter: string, count: number, adjacent: boolean): boolean {
    // Digits that follow one another without a separator (`yyyyMMdd`) are cut by the pattern, others are read as far as they go.
    const number = (most: number): number => scan.number(1, adjacent ? count : most);
    switch (letter) {
      case 'y': {
        const value = number(4);
        this.year = value < 0 || value > 99 ? value : 2000 + value;
        return value >= 0;
      }
      case 'M':
        this.month = count >= 3 ? readMonth(scan) : number(2);
        return this.month >= 1 && this.month <= 12;
      case 'd':
        this.day = number(2);
        return this.day >= 1 && this.day <= 31;
      case 'H':
      case 'k':
      case 'h':
      case 'K':
        this.#hour = number(2);
        return this.#hour >= 0 && this.#hour <= 24;
      case 'm':
        this.#minute = number(2);
        return this.#minute >= 0 && this.#minute < 60;
      case 's':
        this.#second = number(2);
        return this.#second >= 0 && this.#second <= 60;
      case 'S': {
        const from = scan.at;
        const value = scan.number(1, 9);
        this.#milli = Math.floor(value * 10 ** (3 - (scan.at - from)));
        return value >= 0;
      }
      case 'a':
        return this.#half(scan);
      case 'z':
      case 'Z':
      case 'X':
        this.#zone = readZone(scan);
        return this.#zone !== undefined;
      case 'E':
        while (isLetter(scan.peek())) scan.at += 1;
        return true;
      default:
        return false;
    }
  }

  #half(scan: Scan): boolean {
    const half = scan.text.slice(scan.at, scan.at + 2).toUpperCase();
    this.#afternoon = half === 'PM';
    scan.at += 2;
    return half === 'AM' || half === 'PM';
  }

  written() {
    const hour = this.#afternoon === undefined ? this.#hour % 24 : (this.#hour % 12) + (this.#afternoon ? 12 : 0);
    const clock = ((hour * 60 + this.#minute) * 60 + this.#second) * 1000 + this.#milli;
    return { year: this.year, month: this.month, day: this.day, clock, zone: this.#zone };
  }
}
