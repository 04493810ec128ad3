/** A stretch of time as an address says it: ISO 8601, epoch milliseconds, or relative to now (`now-24h`). */
export interface TimeWords {
  readonly from: string;
  readonly to: string;
}

export const DEFAULT_RANGE: TimeWords = { from: 'now-24h', to: 'now' };

const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof MS;
const UNIT_WORD: Readonly<Record<Unit, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };

export const PRESETS: readonly TimeWords[] = ['now-15m', 'now-1h', 'now-4h', 'now-24h', 'now-7d', 'now-30d', 'now-90d'].map((from) => ({
  from,
  to: 'now',
}));

/** All of the day before, where the reader is. */
export function yesterday(now: Date): TimeWords {
  const midnight = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
  return absolute(midnight(1), midnight(0));
}

/** Written as {@link yesterday} writes it; a day later the same words are a date. */
export function isYesterday({ from, to }: TimeWords, now: Date): boolean {
  const day = yesterday(now);
  return from === day.from && to === day.to;
}

const ZONELESS = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

function parsed(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Milliseconds since the epoch; undefined for what is no time. Without a zone it is UTC. A day, a minute, or a time rounded to one
 * (`now/d`) is where that begins as `from`, and as `to` where it ends, which is no longer in the range: as the hub has it. The hub reads
 * more forms, by its own clock: this is for showing.
 */
export function timeOf(words: string, now: number, end: 'from' | 'to'): number | undefined {
  const relative = /^now((?:[+-]\d{1,6}[smhdw])*)(?:\/([smhdw]))?$/.exec(words);
  if (relative !== null) return relativeTime(relative[1] ?? '', relative[2] as Unit | undefined, now, end);
  if (/^\d{13}$/.test(words)) return Number(words);
  const first = /^\d{10}$/.test(words) ? Number(words) * 1000 : parsed(ZONELESS.test(words) ? `${words}Z` : words);
  return first === undefined || end === 'from' ? first : first + lengthOf(words, first);
}

function relativeTime(steps: string, rounding: Unit | undefined, now: number, end: 'from' | 'to'): number {
  let at = now;
  for (const [, sign, count, unit] of steps.matchAll(/([+-])(\d+)([smhdw])/g))
    at += (sign === '-' ? -1 : 1) * Number(count) * MS[unit as Unit];
  if (rounding === undefined) return at;
  const step = MS[rounding];
  // The epoch was a Thursday: weeks start on Monday.
  const shift = rounding === 'w' ? 4 * MS.d : 0;
  return Math.floor((at - shift) / step) * step + shift + (end === 'to' ? step : 0);
}

/** How much time an exact time stands for: as much as it leaves open. An instant: none. */
function lengthOf(words: string, first: number): number {
  if (/^\d{4}-\d\d$/.test(words)) return Date.UTC(new Date(first).getUTCFullYear(), new Date(first).getUTCMonth() + 1) - first;
  if (/^\d{4}-\d\d-\d\d$/.test(words)) return MS.d;
  if (/^\d{10}$/.test(words)) return MS.s;
  const clock = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d)?([.,]\d+)?/.exec(words);
  if (clock === null || clock[2] !== undefined) return 0;
  return clock[1] === undefined ? MS.m : MS.s;
}

/** What a person typed, for the address: without a zone it is their own; a day as an end means all of it. Undefined for what is no time. */
export function typedTime(text: string, end: 'from' | 'to'): string | undefined {
  const words = text.trim();
  if (timeOf(words, Date.now(), end) === undefined) return undefined;
  if (words.startsWith('now')) return words;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(words);
  const midnight = new Date(`${words}T00:00`);
  if (isDay && end === 'to') midnight.setDate(midnight.getDate() + 1);
  const at = isDay ? midnight.getTime() : ZONELESS.test(words) ? parsed(words) : timeOf(words, 0, 'from');
  return at === undefined || Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** An exact time of the address as the reader's clock shows it, to be typed over; what is relative stays as it is. */
export function timeToType(words: string, end: 'from' | 'to'): string {
  const at = words.startsWith('now') ? undefined : timeOf(words, 0, end);
  if (at === undefined) return words;
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * MS.m).toISOString();
  return shifted.slice(0, 19).replace('T', ' ');
}

const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const minute = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A time beside others of a stretch so long (milliseconds): no finer than it needs. */
export function tickText(at: number, span: number): string {
  if (span > 4 * MS.d) return day.format(at);
  if (span > MS.d) return minute.format(at);
  return span > 10 * MS.m ? clock.format(at) : seconds.format(at);
}

/** As people say it: `Last 24 hours`, `Yesterday`, `Jan 5, 10:00 – 11:30`. */
export function rangeText({ from, to }: TimeWords, now = new Date()): string {
  const last = /^now-(\d+)([smhdw])$/.exec(from);
  if (last !== null && to === 'now') {
    const count = Number(last[1]);
    const word = UNIT_WORD[last[2] as Unit];
    return count === 1 ? `Last ${word}` : `Last ${count} ${word}s`;
  }
  if (isYesterday({ from, to }, now)) return 'Yesterday';
  return `${endText(from, 'from')} – ${endText(to, 'to')}`;
}

function endText(words: string, end: 'from' | 'to'): string {
  if (words.startsWith('now')) return words;
  const at = timeOf(words, 0, end);
  if (at === undefined) return words;
  return (at % MS.m === 0 ? minute : second).format(at);
}

/** The same length, next to it: `-1` before, `1` after. Undefined where an end cannot be read. */
export function neighbor(words: TimeWords, steps: -1 | 1, now: number): TimeWords | undefined {
  const [from, to] = [timeOf(words.from, now, 'from'), timeOf(words.to, now, 'to')];
  return from === undefined || to === undefined || from >= to ? undefined : absolute(from + steps * (to - from), to + steps * (to - from));
}

/** Twice as long, around the same middle, but not into the future. */
export function wider(words: TimeWords, now: number): TimeWords | undefined {
  const [from, to] = [timeOf(words.from, now, 'from'), timeOf(words.to, now, 'to')];
  if (from === undefined || to === undefined || from >= to) return undefined;
  const half = (to - from) / 2;
  return absolute(from - half, Math.max(to, Math.min(to + half, now)));
}

export const absolute = (from: number, to: number): TimeWords => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
