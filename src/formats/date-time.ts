import { isBlank, isDigit, isLetter, type Scan } from './scan.ts';
import { abbreviatedOffset, fixedOffset, isAbbreviation, utcOf, type Zone } from './time-zone.ts';

/** A date and time as it was written, before anybody knows the year or the zone it leaves out. */
export interface WrittenTime {
  /** Absent in RFC 3164 and in CEF's short form. */
  readonly year: number | undefined;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Milliseconds since midnight. */
  readonly clock: number;
  /** Milliseconds east of UTC, or a zone abbreviation that is known; undefined where none was written. */
  readonly zone: number | string | undefined;
}

const DAY = 86_400_000;
const FUTURE = 2 * DAY;
const YEAR_1990 = 631_152_000_000;
const HALF_YEAR = 182 * DAY;

/** False for a time that cannot be: before 1990, or more than two days after it was received. */
export const plausible = (time: number, receivedAt: number): boolean => time >= YEAR_1990 && time <= receivedAt + FUTURE;

/**
 * Reads a date and time, and moves behind it. Known forms: RFC 3339 and its kin (`2026-07-27T09:12:00.123Z`, with a blank or `/`),
 * `Jul 27 09:12:00[.123][ CEST]` with a year after the day, the time or before the month, `27 Jul 2026 09:12:00`, and a weekday in front.
 * Undefined (and does not move) for everything else, and for a date that no calendar has.
 */
export function readDateTime(scan: Scan): WrittenTime | undefined {
  const from = scan.at;
  const time = isDigit(scan.peek()) ? readDigitsFirst(scan) : readMonthFirst(scan);
  if (time === undefined) scan.at = from;
  return time;
}

function readDigitsFirst(scan: Scan): WrittenTime | undefined {
  const first = scan.number(1, 4);
  const separator = scan.peek();
  if (separator === 45 || separator === 47) return first >= 1000 ? readIso(scan, first, separator) : readDayFirst(scan, first, separator);
  if (scan.blanks() === 0) return undefined;
  return first >= 1000 ? readMonthFirst(scan, first) : readDayFirst(scan, first, 32);
}

/** `2026-07-27T09:12:00`, `2026/07/27 09:12:00`. */
function readIso(scan: Scan, year: number, separator: number): WrittenTime | undefined {
  scan.at += 1;
  const month = scan.number(2, 2);
  if (month < 0 || !scan.take(separator)) return undefined;
  const day = scan.number(2, 2);
  if (!(scan.take(84) || scan.take(116)) && scan.blanks() === 0) return undefined;
  return readClock(scan, year, month, day);
}

/** `27 Jul 2026 09:12:00`, `27-Jul-2026 09:12:00`, `27/Jul/2026:09:12:00`. */
function readDayFirst(scan: Scan, day: number, separator: number): WrittenTime | undefined {
  if (separator !== 32) scan.at += 1;
  const month = readMonth(scan);
  if (month < 0 || !(scan.take(separator) || scan.blanks() > 0)) return undefined;
  const year = scan.number(4, 4);
  if (year < 0 || !(scan.take(58) || scan.blanks() > 0)) return undefined;
  return readClock(scan, year, month, day);
}

/** `Jul 27 09:12:00`, `Jul 27 2026 09:12:00`, `Mon Jul 27 09:12:00 CEST 2026`. */
function readMonthFirst(scan: Scan, yearBefore?: number): WrittenTime | undefined {
  let month = readMonth(scan);
  if (month < 0) {
    if (!passWeekday(scan)) return undefined;
    month = readMonth(scan);
  }
  if (month < 0 || scan.blanks() === 0) return undefined;
  const day = scan.number(1, 2);
  scan.take(44);
  if (day < 0 || scan.blanks() === 0) return undefined;
  let year = yearBefore;
  if (year === undefined && isYearAhead(scan)) {
    year = scan.number(4, 4);
    scan.blanks();
  }
  const time = readClock(scan, year, month, day);
  if (time === undefined || time.year !== undefined || !isBlank(scan.peek())) return time;
  const from = scan.at;
  scan.at += 1;
  if (!isYearAhead(scan)) {
    scan.at = from;
    return time;
  }
  const { clock, zone } = time;
  return made(scan.number(4, 4), month, day, clock, zone);
}

/** Four digits of a year of our times, then a blank, the end, or a colon and a blank: `2001:db8::1` is a host. */
function isYearAhead(scan: Scan): boolean {
  const century = scan.peek();
  if ((century !== 49 && century !== 50) || !isDigit(scan.peek(1)) || !isDigit(scan.peek(2)) || !isDigit(scan.peek(3))) return false;
  const next = scan.peek(4);
  return isBlank(next) || Number.isNaN(next) || (next === 58 && !(scan.peek(5) > 32));
}

/** `09:12:00`, a fraction after `.` or `,`, AM or PM, and a zone. */
function readClock(scan: Scan, year: number | undefined, month: number, day: number): WrittenTime | undefined {
  let hour = scan.number(1, 2);
  if (hour < 0 || !scan.take(58)) return undefined;
  const minute = scan.number(2, 2);
  if (minute < 0 || !scan.take(58)) return undefined;
  const second = scan.number(2, 2);
  if (second < 0) return undefined;
  const fraction = readFraction(scan);
  if (isBlank(scan.peek()) && scan.peek(2) === 77 && (scan.peek(1) === 65 || scan.peek(1) === 80) && hour <= 12) {
    hour = (hour % 12) + (scan.peek(1) === 80 ? 12 : 0);
    scan.at += 3;
  }
  // 60 is a leap second: it is read as the second that follows, as no clock here can show it.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  return made(year, month, day, ((hour * 60 + minute) * 60 + second) * 1000 + fraction, readZone(scan));
}

function made(year: number | undefined, month: number, day: number, clock: number, zone: number | string | undefined) {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  return { year, month, day, clock, zone };
}

/** Milliseconds; further digits are passed. */
function readFraction(scan: Scan): number {
  const mark = scan.peek();
  if ((mark !== 46 && mark !== 44) || !isDigit(scan.peek(1))) return 0;
  scan.at += 1;
  const from = scan.at;
  let value = scan.number(1, 3);
  for (let digits = scan.at - from; digits < 3; digits += 1) value *= 10;
  while (isDigit(scan.peek())) scan.at += 1;
  return value;
}

/** `Z`, `+02:00` right after the time; ` +0200`, ` CEST`, ` UTC+2`, ` (UTC)` after one blank. */
export function readZone(scan: Scan): number | string | undefined {
  const from = scan.at;
  if (isBlank(scan.peek())) scan.at += 1;
  const bracket = scan.at > from && scan.take(40);
  const start = scan.at;
  let end = start;
  while (end - start < 9 && isZoneCharacter(scan.text.charCodeAt(end))) end += 1;
  const next = scan.text.charCodeAt(end);
  if (end > start && !isLetter(next) && !isDigit(next) && (!bracket || next === 41)) {
    // A colon behind the zone is Cisco's, not the zone's.
    const last = scan.text.charCodeAt(end - 1) === 58 ? end - 1 : end;
    const word = scan.text.slice(start, last);
    const zone = zoneOfWord(word, start > from);
    if (zone !== undefined) {
      scan.at = bracket ? last + 1 : last;
      return zone;
    }
  }
  scan.at = from;
  return undefined;
}

function zoneOfWord(word: string, afterBlank: boolean): number | string | undefined {
  if (!afterBlank) return isAbbreviation(word) ? word : fixedOffset(word);
  const offset = word.length > 1 ? fixedOffset(word) : undefined;
  return offset ?? (isAbbreviation(word) ? word : undefined);
}

const isZoneCharacter = (code: number): boolean => isDigit(code) || isLetter(code) || code === 43 || code === 45 || code === 58;

function passWeekday(scan: Scan): boolean {
  const from = scan.at;
  while (isLetter(scan.peek()) && scan.at - from < 9) scan.at += 1;
  if (!WEEKDAYS.has(scan.text.slice(from, from + 3).toLowerCase())) return false;
  scan.take(44);
  return scan.blanks() > 0;
}

const WEEKDAYS: ReadonlySet<string> = new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const monthKey = (a: number, b: number, c: number): number => ((a | 32) << 16) | ((b | 32) << 8) | (c | 32);
const MONTH_OF: ReadonlyMap<number, number> = new Map(
  MONTHS.map((name, index) => [monthKey(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)), index + 1]),
);

/** Three letters of an English month, any case, with no letter behind; -1 (and does not move) else. */
export function readMonth(scan: Scan): number {
  if (!isLetter(scan.peek()) || !isLetter(scan.peek(1)) || !isLetter(scan.peek(2)) || isLetter(scan.peek(3))) return -1;
  const month = MONTH_OF.get(monthKey(scan.peek(), scan.peek(1), scan.peek(2)));
  if (month === undefined) return -1;
  scan.at += 3;
  return month;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number | undefined, month: number): number {
  if (month === 2 && (year === undefined || isLeap(year))) return 29;
  return MONTH_DAYS[month - 1] ?? 0;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/**
 * The moment a written time means, in milliseconds since the epoch. A time without a zone is of the sender's zone `own`; a time without
 * a year is of the year that brings it nearest to `near`.
 */
export function momentOf(time: WrittenTime, own: Zone, near: number): number {
  if (time.year !== undefined) return momentIn(time, time.year, own, near);
  const year = new Date(near).getUTCFullYear();
  const here = momentIn(time, year, own, near);
  if (Math.abs(here - near) <= HALF_YEAR) return here;
  const there = momentIn(time, here > near ? year - 1 : year + 1, own, near);
  return Math.abs(there - near) < Math.abs(here - near) ? there : here;
}

function momentIn(time: WrittenTime, year: number, own: Zone, near: number): number {
  // February 29 of a year that has none: infinitely far, so that another year wins.
  if (time.day > daysIn(year, time.month)) return Number.POSITIVE_INFINITY;
  const local = daysSinceEpoch(year, time.month, time.day) * DAY + time.clock;
  if (time.zone === undefined) return utcOf(local, own, near);
  const offset = typeof time.zone === 'number' ? time.zone : abbreviatedOffset(time.zone, local, own);
  return offset === undefined ? utcOf(local, own, near) : local - offset;
}
