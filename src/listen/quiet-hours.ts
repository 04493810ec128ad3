import { minutesOf } from '../lib/time-of-day.ts';

/** Hours of each day in which nobody is disturbed: minutes since midnight, by a clock of the zone. From 22:00 to 7:00 is over midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  /** IANA name; absent: the hub's own. */
  readonly timeZone?: string | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** When the quiet hours end in which this is; undefined where it is in none. Milliseconds since the epoch. */
export function quietUntil(hours: QuietHours, at: number): number | undefined {
  const now = minuteOfDay(at, hours.timeZone);
  const { from, to } = hours;
  const isQuiet = from <= to ? now >= from && now < to : now >= from || now < to;
  if (!isQuiet) return undefined;
  const end = at - (at % MINUTE_MS) + ((to - now + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS;
  // Where clocks change meanwhile, it is an hour sooner or later.
  const off = ((minuteOfDay(end, hours.timeZone) - to + DAY_MINUTES * 1.5) % DAY_MINUTES) - DAY_MINUTES / 2;
  const corrected = end - off * MINUTE_MS;
  return corrected > at ? corrected : at + MINUTE_MS;
}

const clocks = new Map<string | undefined, Intl.DateTimeFormat>();

function minuteOfDay(at: number, timeZone: string | undefined): number {
  const clock =
    clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  clocks.set(timeZone, clock);
  return minutesOf(clock.format(at)) ?? Math.floor((((at % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);
}
