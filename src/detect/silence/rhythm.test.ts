import { describe, expect, it } from 'vitest';
import { UTC } from '../../formats/time-zone.ts';
import type { SilenceTerms } from '../sigma/silence-document.ts';
import { type Deaf, Listening } from './listening.ts';
import { allowances, begun, type Clocks, heardAgain, stepOf, tooLong, type Watched } from './rhythm.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 2);
const TERMS: SilenceTerms = { expectMs: undefined, times: 1, leastMs: 30 * MINUTE, grace: 2, learnMs: 3 * DAY, forgetMs: 60 * DAY };
const STEP = stepOf(TERMS);

const clocks = (deaf: readonly Deaf[] = []): Clocks => ({ listening: new Listening(deaf), zone: UTC });

/** Heard at these moments, none of whose silences was told of. */
function heard(moments: readonly number[], on: Clocks = clocks(), terms = TERMS): Watched {
  const [first = 0, ...others] = moments;
  let watched = begun(first, on);
  for (const at of others) watched = heardAgain(watched, at, false, terms, on);
  return watched;
}

/** Every ten minutes of the hours of these days. */
const every = (days: readonly number[], [from, to]: readonly [number, number], stepMs = 10 * MINUTE): number[] =>
  days.flatMap((day) => {
    const moments: number[] = [];
    for (let at = MONDAY + day * DAY + from * HOUR; at < MONDAY + day * DAY + to * HOUR; at += stepMs) moments.push(at);
    return moments;
  });

const found = (watched: Watched, on: Clocks = clocks(), terms = TERMS) => {
  const silence = tooLong(watched, terms, on, watched.lastAt + terms.forgetMs);
  return silence && { after: silence.at - watched.lastAt, allowed: silence.allowedMs };
};

describe('how long something may be silent', () => {
  it('is not known before three days, nor of what speaks in few hours', () => {
    expect(found(heard(every([0, 1, 2], [0, 23])))).toBeUndefined();
    expect(found(heard(every([0, 1, 2, 3], [0, 24])))).toEqual({ after: 30 * MINUTE + STEP, allowed: 30 * MINUTE });
    expect(found(heard(every([0, 1, 2, 3, 4, 7, 8, 9, 10], [12, 13])))).toBeUndefined();
  });

  it('is at least `least`, and `grace` times the longest silence that was heard', () => {
    const often = every([0, 1, 2, 3], [0, 24], MINUTE);
    expect(found(heard(often))?.allowed).toBe(30 * MINUTE);
    const seldom = every([0, 1, 2, 3], [0, 24], HOUR);
    expect(found(heard(seldom))?.allowed).toBe(2 * HOUR);
    expect(found(heard(seldom), clocks(), { ...TERMS, grace: 1.5 })?.allowed).toBe(1.5 * HOUR);
  });

  it('goes by working hours: an evening is no silence, and a morning without a word is', () => {
    const office = [...every([0, 1, 2, 3, 4, 7, 8], [8, 18])];
    const watched = heard(office);
    expect(allowances(watched, TERMS, clocks())).toMatchObject({ work: 2 * (HOUR + 10 * MINUTE) });
    // Tuesday, a little before 18: the morning of Wednesday from 7 on, for two times the hour and ten minutes before 19.
    expect(new Date((tooLong(watched, TERMS, clocks(), watched.lastAt + DAY)?.at ?? 0) - STEP).toISOString()).toBe(
      '2026-11-11T09:20:00.000Z',
    );
    // Dead on a working day at noon.
    const noon = office.filter((at) => at < MONDAY + 8 * DAY + 12 * HOUR);
    expect(found(heard(noon))).toEqual({ after: 2 * (HOUR + 10 * MINUTE) + STEP, allowed: 2 * (HOUR + 10 * MINUTE) });
  });

  it('goes over a weekend once a week was heard', () => {
    const office = every([0, 1, 2, 3, 4], [8, 18]);
    // Friday evening of the first week: nothing is told at the weekend, but on Monday morning.
    expect(new Date((tooLong(heard(office), TERMS, clocks(), MONDAY + 14 * DAY)?.at ?? 0) - STEP).toISOString()).toBe(
      '2026-11-09T09:20:00.000Z',
    );
    const daily = Array.from({ length: 14 }, (_, day) => MONDAY + day * DAY + 2 * HOUR);
    expect(found(heard(daily))).toEqual({ after: 2 * DAY + STEP, allowed: 2 * DAY });
  });

  it('grows by no more than was allowed when a silence was told of, so that one outage is not usual', () => {
    const regular = heard(every([0, 1, 2, 3], [0, 24], HOUR));
    const outage = heardAgain(regular, regular.lastAt + 20 * HOUR, true, TERMS, clocks());
    expect(allowances(outage, TERMS, clocks())).toMatchObject({ night: 4 * HOUR, work: 4 * HOUR });
    const usual = heardAgain(regular, regular.lastAt + 20 * HOUR, false, TERMS, clocks());
    expect(allowances(usual, TERMS, clocks()).work).toBeGreaterThan(20 * HOUR);
  });

  it('forgets what was usual two weeks ago', () => {
    const pause = [...every([0, 1], [0, 24]), ...every([3, 4, 5, 6], [0, 24])];
    expect(allowances(heard(pause), TERMS, clocks()).work).toBe(24 * HOUR);
    const later = [...pause, ...every([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17], [0, 24])];
    expect(allowances(heard(later), TERMS, clocks()).work).toBe(30 * MINUTE);
  });
});

describe('the time of the hub', () => {
  const CONFIGURED: SilenceTerms = { ...TERMS, expectMs: HOUR };
  const step = stepOf(CONFIGURED);
  const at = MONDAY + 10 * HOUR;

  it('does not count while it was down, nor right after', () => {
    const watched = begun(at, clocks());
    expect(found(watched, clocks(), CONFIGURED)?.after).toBe(HOUR + step);
    const down = clocks([{ since: at + 30 * MINUTE, until: at + 5 * HOUR }]);
    expect(found(watched, down, CONFIGURED)?.after).toBe(5.5 * HOUR + step);
    const late = clocks([{ since: at + 59 * MINUTE, until: at + 5 * HOUR }]);
    expect(found(watched, late, CONFIGURED)?.after).toBe(5 * HOUR + 2 * MINUTE);
  });

  it('is not learned as silence', () => {
    const moments = every([0, 1, 3, 4], [0, 24], HOUR);
    const down = clocks([{ since: MONDAY + 47 * HOUR + 1, until: MONDAY + 72 * HOUR - 1 }]);
    expect(allowances(heard(moments, down), TERMS, down)).toMatchObject({ work: 2 * HOUR, night: 2 * HOUR });
  });

  it('goes on from where a clock that was set back is', () => {
    const watched = heardAgain(begun(at, clocks()), at - HOUR, false, CONFIGURED, clocks());
    expect(watched).toMatchObject({ firstAt: at - HOUR, lastAt: at - HOUR });
  });
});
