import type { Zone } from '../../formats/time-zone.ts';
import type { SilenceTerms } from '../sigma/silence-document.ts';
import type { Listening } from './listening.ts';
import { KINDS, localDay, stretchAt } from './stretches.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Two weekends, and the holiday between them. */
const KEPT_DAYS = 14;
/** Who has spoken in fewer different hours than this has no rhythm yet: what is seldom is silent most of the time. */
const LEAST_HOURS = 12;
/** Until nights and a weekend were heard, a day of silence may be usual. */
const WHOLE_WEEK_MS = 7 * DAY;
/** After the hub has come back, senders come back before anything is told. */
const SETTLE_MS = 120_000;
/** Moments closer together than this share of what is allowed are not told apart. */
const RESOLUTION = 60;
const LEAST_STEP_MS = 1_000;

/** The whole of a silence, and of it what lies in working hours, in one night, in one weekend. */
const SCOPES = ['whole', ...KINDS] as const;
type Scope = (typeof SCOPES)[number];

/** The longest silences that ended on one day, by the clocks of the zone. Milliseconds; 0 where there was none. */
export type Day = Readonly<Record<Scope, number>> & {
  readonly day: number;
  /** In how many different hours it spoke. */
  readonly hours: number;
};

/** How something has spoken. */
export interface Rhythm {
  /** The last days on which it spoke, in order. */
  readonly days: readonly Day[];
  /** The last hour in which it spoke, in hours since the epoch. */
  readonly hour: number;
}

/** Something that is watched. Milliseconds since the epoch, of receipt. */
export interface Watched {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly rhythm: Rhythm;
}

/** What a silence is reckoned with. */
export interface Clocks {
  readonly listening: Listening;
  readonly zone: Zone;
}

/** A silence that is longer than what is allowed, at the first moment at which it is. */
export interface TooLong {
  readonly at: number;
  readonly allowedMs: number;
}

/** What is heard is noted to within this time. */
export const stepOf = ({ expectMs, leastMs }: SilenceTerms): number =>
  Math.max(LEAST_STEP_MS, Math.floor((expectMs ?? leastMs) / RESOLUTION));

/** It was heard for the first time. */
export function begun(at: number, { zone }: Clocks): Watched {
  const days = [{ ...emptyDay(localDay(at, zone)), hours: 1 }];
  return { firstAt: at, lastAt: at, rhythm: { days, hour: Math.floor(at / HOUR) } };
}

const emptyDay = (day: number): Day => ({ day, hours: 0, whole: 0, work: 0, night: 0, weekend: 0 });

/**
 * It was heard again. `told`: the silence that ends here was told of. Then it is remembered as no longer than what was allowed: one
 * outage must not make the next one usual, and what has become usual is learned after a few.
 */
export function heardAgain(watched: Watched, at: number, told: boolean, terms: SilenceTerms, clocks: Clocks): Watched {
  const { firstAt, lastAt, rhythm } = watched;
  // A clock that was set back: the time in between is not known.
  if (at <= lastAt) return { firstAt: Math.min(firstAt, at), lastAt: at, rhythm };
  const parts = partsOf(lastAt, at, clocks);
  const bounds = told ? allowances(watched, terms, clocks) : NO_BOUNDS;
  const hour = Math.floor(at / HOUR);
  const day = localDay(at, clocks.zone);
  const known = rhythm.days.at(-1);
  const today = known?.day === day ? known : emptyDay(day);
  const longest = Object.fromEntries(
    SCOPES.map((scope) => [scope, Math.max(today[scope], Math.min(parts[scope], bounds[scope] ?? Number.POSITIVE_INFINITY))]),
  ) as Record<Scope, number>;
  const next: Day = { ...longest, day, hours: today.hours + (hour === rhythm.hour ? 0 : 1) };
  const before = rhythm.days.filter((each) => each.day < day && each.day > day - KEPT_DAYS);
  return { firstAt, lastAt: at, rhythm: { days: [...before, next], hour } };
}

type Allowances = Partial<Record<Scope, number>>;

const NO_BOUNDS: Allowances = {};

/** How long it may be silent; without an entry where that is not known yet. */
export function allowances({ firstAt, lastAt, rhythm: { days } }: Watched, terms: SilenceTerms, { listening }: Clocks): Allowances {
  if (terms.expectMs !== undefined) return { whole: terms.expectMs };
  const heardMs = listening.between(firstAt, lastAt);
  const hours = days.reduce((sum, day) => sum + day.hours, 0);
  if (heardMs < terms.learnMs || hours < LEAST_HOURS) return {};
  const allowed = (scope: Scope): Allowances => {
    const longest = days.reduce((most, day) => Math.max(most, day[scope]), 0);
    return longest === 0 ? {} : { [scope]: Math.max(longest * terms.grace, terms.leastMs) };
  };
  const inWeek = { ...allowed('work'), ...allowed('night') };
  return heardMs < WHOLE_WEEK_MS ? inWeek : { ...inWeek, ...allowed('weekend'), ...allowed('whole') };
}

/** The parts of a silence: the longest in working hours, in one night, in one weekend. */
function partsOf(from: number, to: number, { listening, zone }: Clocks): Record<Scope, number> {
  const parts = { whole: listening.between(from, to), work: 0, night: 0, weekend: 0 };
  for (let at = from; at < to; ) {
    const { kind, end } = stretchAt(at, zone);
    parts[kind] = Math.max(parts[kind], listening.between(at, Math.min(end, to)));
    at = end;
  }
  return parts;
}

/** When a silence that began with the last that was heard becomes too long, if nothing is heard before `upTo`. */
export function tooLong(watched: Watched, terms: SilenceTerms, clocks: Clocks, upTo: number): TooLong | undefined {
  const allowed = allowances(watched, terms, clocks);
  const { listening, zone } = clocks;
  const from = watched.lastAt;
  // What was heard less than a step later was not noted.
  const step = stepOf(terms);
  const reached = (start: number, allowedMs: number): TooLong => ({
    at: listening.settled(from, listening.after(start, allowedMs + step), Math.min(allowedMs, SETTLE_MS)),
    allowedMs,
  });
  const whole = allowed.whole === undefined ? undefined : reached(from, allowed.whole);
  const bound = Math.min(upTo, whole?.at ?? Number.POSITIVE_INFINITY);
  if (KINDS.some((kind) => allowed[kind] !== undefined))
    for (let at = from; at <= bound; ) {
      const { kind, end } = stretchAt(at, zone);
      const allowedMs = allowed[kind];
      const found = allowedMs === undefined ? undefined : reached(at, allowedMs);
      if (found !== undefined && found.at < end && found.at <= bound) return found;
      at = end;
    }
  return whole !== undefined && whole.at <= upTo ? whole : undefined;
}

/** When it is given up, if nothing is heard before. */
export const forgottenAt = ({ lastAt }: Watched, { forgetMs }: SilenceTerms, { listening }: Clocks): number =>
  listening.after(lastAt, forgetMs);
