/** A time as a query has it, resolved: the milliseconds it stands for, first and last (a day, a minute, or one instant). */
export interface TimeSpan {
  readonly first: number;
  readonly last: number;
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

const ISO = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?)?$/;
const RELATIVE = /^now((?:[+-]\d{1,6}[smhdw])*)(?:\/([smhdw]))?$/;
const EPOCH = /^(\d{10}|\d{13})$/;

/** Is this text a time, for fields that are not times by nature? (`2026-01-05`, `2026-01-05T10:00:00Z`, `now-1h`; not an epoch number.) */
export const looksLikeTime = (text: string): boolean => RELATIVE.test(text) || (ISO.test(text) && isoSpan(text) !== undefined);

/**
 * Reads ISO 8601 (RFC 3339, or a month, day, minute), a time relative to `now` (`now-1h`, `now-1d/d` for the start of that UTC day), or
 * epoch seconds or milliseconds. Without a zone it is UTC. Undefined for what is none, a 31st of February among it.
 */
export function parseTime(text: string, now: number): TimeSpan | undefined {
  const relative = RELATIVE.exec(text);
  if (relative) return relativeSpan(relative[1] ?? '', relative[2], now);
  if (EPOCH.test(text)) {
    const first = text.length === 10 ? Number(text) * 1000 : Number(text);
    return { first, last: text.length === 10 ? first + 999 : first };
  }
  return isoSpan(text);
}

function relativeSpan(steps: string, rounding: string | undefined, now: number): TimeSpan {
  let at = now;
  for (const [, sign, count, unit] of steps.matchAll(/([+-])(\d+)([smhdw])/g)) {
    at += (sign === '-' ? -1 : 1) * Number(count) * UNITS[unit as Unit];
  }
  if (rounding === undefined) return { first: at, last: at };
  const step = UNITS[rounding as Unit];
  // The epoch was a Thursday: weeks start on Monday (ISO 8601).
  const shift = rounding === 'w' ? 4 * UNITS.d : 0;
  const first = Math.floor((at - shift) / step) * step + shift;
  return { first, last: first + step - 1 };
}

function isoSpan(text: string): TimeSpan | undefined {
  const parts = ISO.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = parts;
  const millis = fraction === undefined ? undefined : Number(fraction.padEnd(3, '0').slice(0, 3));
  const numbers = [Number(year), Number(month), Number(day ?? 1), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] as const;
  const at = utc(numbers, millis ?? 0);
  if (at === undefined || Number(zoneHour ?? 0) > 14 || Number(zoneMinute ?? 0) > 59) return undefined;
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
  const first = at - offset;
  const months = Date.UTC(numbers[0], numbers[1], 1) - at;
  const length =
    day === undefined ? months : hour === undefined ? UNITS.d : second === undefined ? UNITS.m : millis === undefined ? 1000 : 1;
  return { first, last: first + length - 1 };
}

type Calendar = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

function utc([year, month, day, hour, minute, second]: Calendar, millis: number): number | undefined {
  if (year < 1900 || year > 2299 || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const date = new Date(at);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? at : undefined;
}

/**
 * Times inside events that a range over a field compares: RFC 3339 with a zone or without (UTC), year 1970 to 2299. In RE2's syntax,
 * because the engine checks the same before it reads the time.
 */
export const EVENT_TIME = '^\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2})?)?$';
const EVENT_TIME_PATTERN = new RegExp(EVENT_TIME);

/** A time inside an event as milliseconds since the epoch; undefined for what is none. */
export function eventTime(text: string): number | undefined {
  if (!EVENT_TIME_PATTERN.test(text) || text < '1970-01-02') return undefined;
  return isoSpan(text)?.first;
}
