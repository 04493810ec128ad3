import type { Zone } from '../../formats/time-zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Working hours, by the clocks of a zone, from Monday to Friday. */
const BEGIN = 7;
const END = 19;
const NIGHT_HOURS = 24 - END + BEGIN;
/** The first of January 1970 was a Thursday; Monday is 0. */
const EPOCH_WEEKDAY = 3;
const FRIDAY = 4;

/** What is usual differs between working hours, nights and weekends, and hardly within them. */
export const KINDS = ['work', 'night', 'weekend'] as const;
export type Kind = (typeof KINDS)[number];

/** Working hours, a night or a weekend, from its first millisecond up to `end`, which is not in it. */
export interface Stretch {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
}

/** Days since 1970 by the clocks of the zone. */
export const localDay = (at: number, zone: Zone): number => Math.floor((at + zone(at)) / DAY);

/** The stretch that a moment lies in. */
export function stretchAt(at: number, zone: Zone): Stretch {
  const day = localDay(at, zone);
  const hour = (at + zone(at) - day * DAY) / HOUR;
  const weekday = (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;
  const stretch = (kind: Kind, began: number, clock: number, hours: number): Stretch => {
    const local = began * DAY + clock * HOUR;
    return { kind, start: instantOf(local, zone), end: instantOf(local + hours * HOUR, zone) };
  };
  const sinceMonday = weekday * 24 + hour;
  if (sinceMonday < BEGIN || sinceMonday >= FRIDAY * 24 + END) {
    const friday = day - weekday + FRIDAY - (sinceMonday < BEGIN ? 7 : 0);
    return stretch('weekend', friday, END, 72 - NIGHT_HOURS);
  }
  if (hour >= BEGIN && hour < END) return stretch('work', day, BEGIN, END - BEGIN);
  return stretch('night', hour < BEGIN ? day - 1 : day, END, NIGHT_HOURS);
}

/** The moment at which clocks show it. Zones change their offset at night: at the hours that are asked for here there is one, and only one. */
function instantOf(local: number, zone: Zone): number {
  const near = local - zone(local);
  return local - zone(near);
}
