import type { SpeakerRhythm } from '../../store/search/speakers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A silence is told of when it is this much longer than any before. */
const LONGER = 1.5;
/** Shorter silences are nobody's concern, however regular the source. */
const LEAST_MS = HOUR;
/** Who has spoken less than this has no rhythm yet: one login in two weeks is no heartbeat. */
const LEAST_SLOTS = 6;
/** Until nights and a weekend were heard, a day of silence may be usual. */
const WHOLE_WEEK_MS = 7 * DAY;

type Rhythm = Pick<SpeakerRhythm, 'firstAt' | 'lastAt' | 'slots' | 'longestPauseMs'>;

/** For how long a speaker may be silent before it is told of; undefined where it has no rhythm. Milliseconds. */
export function mayBeSilentMs({ firstAt, lastAt, slots, longestPauseMs }: Rhythm): number | undefined {
  if (slots < LEAST_SLOTS) return undefined;
  return Math.max(longestPauseMs * LONGER, lastAt - firstAt < WHOLE_WEEK_MS ? DAY : LEAST_MS);
}

/** Whether it spoke before and is silent now, for longer than it has ever been. */
export function isQuiet(rhythm: Rhythm, now: number): boolean {
  const most = mayBeSilentMs(rhythm);
  return most !== undefined && now - rhythm.lastAt > most;
}

/** The quiet ones, the most surprising first: those whose silence is the longest of what was usual. */
export const quietOnes = <R extends Rhythm>(rhythms: readonly R[], now: number): R[] =>
  rhythms.filter((rhythm) => isQuiet(rhythm, now)).toSorted((a, b) => surprise(b, now) - surprise(a, now));

const surprise = (rhythm: Rhythm, now: number): number => (now - rhythm.lastAt) / (mayBeSilentMs(rhythm) ?? Number.POSITIVE_INFINITY);
