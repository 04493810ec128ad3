import { UTC, utcOf, type Zone, zoneOf } from '../formats/time-zone.ts';
import { minutesOf } from '../lib/time-of-day.ts';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** When a digest is told, as its settings say it. */
export interface Terms {
  readonly every: 'day' | 'week';
  readonly weekday: (typeof WEEKDAYS)[number];
  /** Such as `09:00`. */
  readonly at: string;
  readonly time_zone: string;
}

/** From a moment to another, which is not in it; milliseconds since the epoch. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A piece of a period that has a bar of its own. */
export interface Part extends Range {
  readonly label: string;
}

/** Whole days of the zone, and as many before them. */
export interface Period extends Range {
  readonly before: Range;
  readonly parts: readonly Part[];
  readonly partsBefore: readonly Part[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The epoch was a Thursday; Monday is 0. */
const EPOCH_WEEKDAY = 3;
const PART_HOURS = 4;

const zoneNamed = ({ time_zone: name }: Pick<Terms, 'time_zone'>): Zone => zoneOf(name) ?? UTC;

/** The day that a clock of the zone shows, counted from the epoch. */
const dayOf = (at: number, zone: Zone): number => Math.floor((at + zone(at)) / DAY);

const weekdayOf = (day: number): number => (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;

/** When a digest is due on that day: once, also where the clock shows that time twice or never. Undefined: it is none of its days. */
function dueOn(day: number, { every, weekday, at, time_zone }: Terms): number | undefined {
  if (every === 'week' && weekdayOf(day) !== WEEKDAYS.indexOf(weekday)) return undefined;
  return utcOf(day * DAY + (minutesOf(at) ?? 0) * MINUTE, zoneNamed({ time_zone }));
}

/** The last moment at which it was due, up to and with `now`. */
export function lastDue(terms: Terms, now: number): number {
  for (let day = dayOf(now, zoneNamed(terms)); ; day--) {
    const due = dueOn(day, terms);
    if (due !== undefined && due <= now) return due;
  }
}

/** The first moment after `now` at which it is due. */
export function nextDue(terms: Terms, now: number): number {
  for (let day = dayOf(now, zoneNamed(terms)); ; day++) {
    const due = dueOn(day, terms);
    if (due !== undefined && due > now) return due;
  }
}

/** What a digest that is told at that moment tells of: the whole days before that day. */
export function periodAt(terms: Terms, at: number): Period {
  const zone = zoneNamed(terms);
  const today = dayOf(at, zone);
  const days = terms.every === 'week' ? 7 : 1;
  const start = (day: number) => utcOf(day * DAY, zone);
  const parts = (first: number) => (terms.every === 'week' ? dayParts(first, zone) : hourParts(first, zone));
  const [from, to] = [start(today - days), start(today)];
  return {
    from,
    to,
    before: { from: start(today - 2 * days), to: from },
    parts: parts(today - days),
    partsBefore: parts(today - 2 * days),
  };
}

const dayParts = (first: number, zone: Zone): Part[] =>
  Array.from({ length: 7 }, (_, i) => {
    const local = (first + i) * DAY;
    return { from: utcOf(local, zone), to: utcOf(local + DAY, zone), label: `${weekdayName(local)} ${new Date(local).getUTCDate()}` };
  });

/** Hours of the clock: one of them is longer or shorter where clocks change. */
const hourParts = (day: number, zone: Zone): Part[] =>
  Array.from({ length: 24 / PART_HOURS }, (_, i) => {
    const local = day * DAY + i * PART_HOURS * HOUR;
    const hour = (at: number) => String(at).padStart(2, '0');
    const label = `${hour(i * PART_HOURS)}-${hour((i + 1) * PART_HOURS)}`;
    return { from: utcOf(local, zone), to: utcOf(local + PART_HOURS * HOUR, zone), label };
  });

/** `Mon`, of a wall clock as if it were UTC. */
const weekdayName = (local: number): string => (WEEKDAYS[weekdayOf(Math.floor(local / DAY))] ?? '').replace(/^(.)(..).*/, upperFirst);
const upperFirst = (_: string, first: string, rest: string): string => `${first.toUpperCase()}${rest}`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon 9 Nov 2026`, by the clocks of the zone. */
function dateText(at: number, terms: Pick<Terms, 'time_zone'>): string {
  const local = at + zoneNamed(terms)(at);
  const date = new Date(local);
  return `${weekdayName(local)} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `Mon 9 Nov 2026 14:05`. */
export function momentText(at: number, terms: Pick<Terms, 'time_zone'>): string {
  return `${dateText(at, terms)} ${new Date(at + zoneNamed(terms)(at)).toISOString().slice(11, 16)}`;
}

/** The days of a period: one, or the first and the last. */
export function daysText({ from, to }: Range, terms: Pick<Terms, 'time_zone'>): string {
  const [first, last] = [dateText(from, terms), dateText(to - 1, terms)];
  return first === last ? first : `${first} to ${last}`;
}
