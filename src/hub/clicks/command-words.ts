import { patternOf, type QueryNode } from '../../store/search/node.ts';
import { parseTime } from '../../store/search/time-literal.ts';

/** A stretch of time that somebody has named: `from` inclusive, `to` exclusive, milliseconds since the epoch. */
export interface NamedSpan {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Takes a stretch of time off the end of what somebody has typed; without one, it is the last 24 hours. Undefined: it cannot be read. */
export function splitSpan(text: string, now: number): { readonly rest: string; readonly span: NamedSpan } | undefined {
  const [, rest = '', word = '', since] = /^(.*?)\s*(?:\b(today|yesterday)|\bsince\s+(\S+))?$/isu.exec(text.trim()) ?? [];
  if (since !== undefined) {
    const from = sinceTime(since.toLowerCase(), now);
    return from === undefined || from >= now ? undefined : { rest, span: { from, to: now } };
  }
  const today = midnight(now, 0);
  if (word.toLowerCase() === 'today') return { rest, span: { from: today, to: now } };
  if (word.toLowerCase() === 'yesterday') return { rest, span: { from: midnight(now, -1), to: today } };
  return { rest, span: { from: now - DAY_MS, to: now } };
}

/** `2h`, `3d`, `09:30`, `monday`, `2026-01-31`, and the times of a search. Slack does not say in which zone they are: it is the hub's. */
function sinceTime(text: string, now: number): number | undefined {
  const ago = durationMs(text);
  if (ago !== undefined) return now - ago;
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock !== null) {
    const at = new Date(midnight(now, 0)).setHours(Number(clock[1]), Number(clock[2]));
    return at < now ? at : new Date(midnight(now, -1)).setHours(Number(clock[1]), Number(clock[2]));
  }
  const weekday = WEEKDAYS.indexOf(text);
  if (weekday >= 0) return midnight(now, -((new Date(now).getDay() - weekday + 7) % 7));
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (day !== null && parseTime(text, now) !== undefined) return new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])).getTime();
  return parseTime(text, now)?.first;
}

/** `30m`, `2h`, `3d`, `1w` in milliseconds; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})\s?([mhdw])$/.exec(text) ?? [];
  const each = UNIT_MS[unit ?? ''];
  return count === undefined || each === undefined || Number(count) === 0 ? undefined : Number(count) * each;
}

function midnight(now: number, days: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime();
}

/** Quotes around all of it mean nothing more: also those that keyboards make of them. */
export const unquoted = (text: string): string => /^["“”„'‘’](.+)["“”'‘’]$/su.exec(text)?.[1]?.trim() ?? text;

/** Events that have these words one after the other, as a search for them in quotes. */
export const saying = (words: string): QueryNode => ({ type: 'text', pattern: patternOf([words]) });
