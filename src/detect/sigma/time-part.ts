import type { TimePart } from './tree.ts';

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;

/**
 * The part of a date. Of a text in ISO 8601 form it is what is written, without conversion to another zone, as the specification
 * wants; of a number it is the UTC time of that many milliseconds since the epoch. `week` is the week of ISO 8601 (1-53).
 */
export function timePart(value: string | number, part: TimePart): number | undefined {
  const moment = typeof value === 'number' ? fromMilliseconds(value) : fromIso(value);
  if (!moment) return undefined;
  return part === 'week' ? isoWeek(moment) : moment[part];
}

function fromIso(text: string): Moment | undefined {
  const found = ISO.exec(text);
  if (!found) return undefined;
  const at = (i: number) => (found[i] === undefined ? undefined : Number(found[i]));
  return { year: Number(found[1]), month: Number(found[2]), day: Number(found[3]), hour: at(4), minute: at(5) };
}

function fromMilliseconds(value: number): Moment | undefined {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return undefined;
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

const DAY_MS = 86_400_000;

/** The week that the Thursday of the same week falls in, counted from the year's first Thursday (ISO 8601). */
function isoWeek({ year, month, day }: Moment): number {
  const date = Date.UTC(year, month - 1, day);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = date + (3 - weekday) * DAY_MS;
  const start = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - start) / DAY_MS / 7) + 1;
}
