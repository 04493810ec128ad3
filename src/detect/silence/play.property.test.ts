import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UTC, zoneOf } from '../../formats/time-zone.ts';
import { FieldSet } from '../../model/field-set.ts';
import { readRules } from '../sigma/load.ts';
import type { Silence } from '../sigma/silence-document.ts';
import { type Deaf, Listening } from './listening.ts';
import { playSilence } from './play.ts';

const MINUTE = 60_000;
const DAY = 1_440;
/** Four days before the clocks of Helsinki are set back. */
const BEGIN = Date.UTC(2026, 9, 21);
const ZONE = 'Europe/Helsinki';

function silenceOf(map: string): Silence {
  const [silence] = readRules('a.yml', `title: A\nid: 00000000-0000-4000-8000-000000000001\nsilence: ${map}`).silences;
  if (silence === undefined) throw new Error('no silence');
  return silence;
}

const event = (minute: number) => ({
  fields: FieldSet.of({ 'host.name': 'a' }),
  text: '',
  source: 's',
  timestamp: BEGIN + minute * MINUTE,
});

const format = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short', hour: 'numeric', hourCycle: 'h23' });

/** Of each minute: working hours, night or weekend, as a clock on the wall says it. */
const kinds = Array.from({ length: 12 * DAY }, (_, minute) => {
  const [weekday = '', hour = ''] = format.format(BEGIN + minute * MINUTE).split(', ');
  const clock = Number(hour);
  if (['Sat', 'Sun'].includes(weekday) || (weekday === 'Fri' && clock >= 19) || (weekday === 'Mon' && clock < 7)) return 'weekend';
  return clock >= 7 && clock < 19 ? 'work' : 'night';
});

interface Case {
  readonly minutes: readonly number[];
  readonly deaf: readonly { readonly since: number; readonly until: number }[];
}

/** Minute by minute, as one would reckon by hand. Gives the minutes after which it was silent for too long. */
function naive({ minutes, deaf }: Case, end: number, { grace, leastMs, expectMs }: Silence): number[] {
  const isDeaf = (minute: number) => deaf.some(({ since, until }) => minute >= since && minute < until);
  const heard = new Set(minutes);
  const hours = new Set<number>();
  const longest = { whole: 0, work: 0, night: 0, weekend: 0 };
  const told: number[] = [];
  const first = minutes[0] ?? 0;
  let last = first;
  let [run, whole, settle, listened, listenedAtLast] = [0, 0, 0, 0, 0];
  let parts = { whole: 0, work: 0, night: 0, weekend: 0 };
  let isTold = false;
  const allowed = (): Partial<typeof longest> => {
    if (expectMs !== undefined) return { whole: expectMs / MINUTE };
    if (listenedAtLast < 3 * DAY || hours.size < 12) return {};
    const known = (['work', 'night', ...(listenedAtLast < 7 * DAY ? [] : (['weekend', 'whole'] as const))] as const).filter(
      (scope) => longest[scope] > 0,
    );
    return Object.fromEntries(known.map((scope) => [scope, Math.max(longest[scope] * grace, leastMs / MINUTE)]));
  };
  hours.add(Math.floor((BEGIN / MINUTE + first) / 60));
  for (let minute = first; minute < end; minute++) {
    // What the minute that begins now adds, and what is so at its end.
    const kind = kinds[minute] ?? 'work';
    if (minute > last && kinds[minute - 1] !== kind) run = 0;
    if (isDeaf(minute)) settle = 2;
    else {
      run++;
      whole++;
      listened++;
      if (settle > 0) settle--;
    }
    parts = { ...parts, whole, [kind]: Math.max(parts[kind], run) };
    const now = minute + 1;
    if (heard.has(now)) {
      const bounds = isTold ? allowed() : {};
      for (const scope of ['whole', 'work', 'night', 'weekend'] as const)
        longest[scope] = Math.max(longest[scope], Math.min(parts[scope], bounds[scope] ?? Number.POSITIVE_INFINITY));
      hours.add(Math.floor((BEGIN / MINUTE + now) / 60));
      [last, run, whole, isTold, listenedAtLast] = [now, 0, 0, false, listened];
      settle = 0;
      parts = { whole: 0, work: 0, night: 0, weekend: 0 };
      continue;
    }
    const bounds = allowed();
    const over = whole > (bounds.whole ?? Number.POSITIVE_INFINITY) || run > (bounds[kind] ?? Number.POSITIVE_INFINITY);
    if (!isTold && over && settle === 0 && !isDeaf(minute)) {
      isTold = true;
      told.push(last);
    }
  }
  return told;
}

/** Days with a rhythm of their own, with pauses, and times in which the hub was down and heard nothing. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    every: fc.integer({ min: 5, max: 50 }),
    hours: fc.constantFrom([0, 24], [7, 18], [20, 23]),
    pauses: fc.array(fc.record({ at: fc.integer({ min: 0, max: 12 * DAY }), length: fc.integer({ min: 1, max: 900 }) }), { maxLength: 5 }),
    deaf: fc.array(fc.record({ at: fc.integer({ min: 0, max: 12 * DAY }), length: fc.integer({ min: 1, max: 900 }) }), { maxLength: 4 }),
  })
  .map(({ every, hours: [from = 0, to = 24], pauses, deaf }) => {
    const within =
      (minute: number) =>
      ({ at, length }: { at: number; length: number }) =>
        minute >= at && minute <= at + length;
    const minutes: number[] = [];
    for (let minute = 1; minute < 11 * DAY; minute += every) {
      const hour = Math.floor(minute / 60) % 24;
      if (hour >= from && hour < to && ![...pauses, ...deaf].some(within(minute))) minutes.push(minute);
    }
    return { minutes, deaf: deaf.map(({ at, length }) => ({ since: at, until: at + length })) };
  })
  .filter(({ minutes }) => minutes.length > 0);

describe.each([['{ of: host }'], ['{ of: host, grace: 3, least: 1h }'], ['{ of: host, expect: 2h }']])('%s', (map) => {
  it('tells of what one finds who reckons minute by minute: with pauses, downtime and a change of clocks', () => {
    const silence = silenceOf(map);
    const zone = zoneOf(ZONE) ?? UTC;
    const end = 12 * DAY;
    fc.assert(
      fc.property(cases, (each) => {
        const deaf: Deaf[] = each.deaf.map(({ since, until }) => ({ since: BEGIN + since * MINUTE, until: BEGIN + until * MINUTE }));
        const clocks = { listening: new Listening(deaf), zone };
        const told = playSilence(silence, each.minutes.map(event), BEGIN + end * MINUTE, clocks);
        expect(told.map(({ lastAt }) => (lastAt - BEGIN) / MINUTE)).toEqual(naive(each, end, silence));
      }),
      { numRuns: 60 },
    );
  });
});

/** What is expected within an hour, counted anew for every minute. Gives the minutes at which there are too few. */
function tooFew(minutes: readonly number[], times: number, end: number): number[] {
  const first = minutes[0] ?? 0;
  let [spoke, isTold] = [first, false];
  const told: number[] = [];
  for (let minute = first; minute <= end; minute++) {
    if (!isTold && minute - spoke > 60) {
      isTold = true;
      told.push(minute);
    }
    if (!minutes.includes(minute)) continue;
    const last = minutes.filter((each) => each <= minute).slice(-times);
    const isFull = last.length === times && minute - (last[0] ?? 0) <= 60;
    // In the first hour nobody knows what came before.
    const now = minute - first < 60 ? minute : isFull ? (last[0] ?? 0) : spoke;
    if (now > spoke) [spoke, isTold] = [now, false];
  }
  return told;
}

it('of several events that are expected within a time, it tells when there are too few, as one finds who counts them for each minute', () => {
  const minutes = fc
    .array(fc.integer({ min: 0, max: 45 }), { minLength: 1, maxLength: 60 })
    .map((gaps) => gaps.map((_, i) => gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap)));
  fc.assert(
    fc.property(minutes, fc.integer({ min: 2, max: 6 }), (each, times) => {
      const end = (each.at(-1) ?? 0) + 200;
      const clocks = { listening: new Listening([]), zone: UTC };
      const told = playSilence(silenceOf(`{ of: all, expect: 1h, times: ${times} }`), each.map(event), BEGIN + end * MINUTE, clocks);
      expect(told.map(({ at }) => (at - BEGIN) / MINUTE)).toEqual(tooFew(each, times, end));
    }),
    { numRuns: 300 },
  );
});
