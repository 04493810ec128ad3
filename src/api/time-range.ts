import { END_OF_TIME } from '../store/search/bounds.ts';
import { parseTime } from '../store/search/time-literal.ts';
import { inputProblem } from './problem.ts';

export interface TimeRange {
  /** Inclusive, milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const DAY = 86_400_000;

/** How far ahead of us a sender's clock may be for its events to be in a search without an end. */
export const AHEAD_MS = 2 * DAY;

/**
 * Reads `from` and `to`. Absent: the last 24 hours, and `ahead` milliseconds more, for events of clocks that go fast. A day or a minute as
 * `to` means all of it; an instant is where the range ends, so that the `to` of an answer asks for the same again. Throws an ApiProblem.
 */
export function timeRange(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
  ahead = 0,
): TimeRange {
  const to = query.to === undefined ? now + ahead : endOf(read('to', query.to, now));
  const from = query.from === undefined ? Math.min(to, now) - DAY : read('from', query.from, now).first;
  const range = { from: Math.max(from, 0), to: Math.min(to, END_OF_TIME) };
  if (range.from >= range.to) throw inputProblem('query.from', 'must be before `to`');
  return range;
}

/** Where a range ends, exclusive, whose last stretch of time was named. */
const endOf = ({ first, last }: { readonly first: number; readonly last: number }): number => (first === last ? last : last + 1);

function read(name: string, text: string, now: number): { readonly first: number; readonly last: number } {
  const time = parseTime(text, now);
  if (time === undefined) {
    throw inputProblem(`query.${name}`, 'not a time: write 2026-01-31, 2026-01-31T10:00:00Z, milliseconds since 1970, or now-24h');
  }
  return time;
}

/** Reads one optional time of a filter. Throws an ApiProblem. */
export const filterTime = (name: 'from' | 'to', text: string | undefined, now: number): number | undefined =>
  text === undefined ? undefined : name === 'from' ? read(name, text, now).first : endOf(read(name, text, now));

/** Milliseconds since the epoch as ISO 8601. */
export const iso = (at: number): string => (Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : `${at}`);
