import type { Counted } from '../../src/detect/correlate/counted.ts';
import type { Baseline } from '../../src/detect/sigma/baseline.ts';

/** What a baseline tells of a stretch, by the definition in docs/guides/baselines.md; times are milliseconds since the epoch. */
export interface OracleUnusual {
  readonly group: string;
  readonly start: number;
  readonly value: number;
  readonly norm: number | undefined;
  readonly historyDays: number;
  readonly events: readonly number[];
}

const HOUR = 3_600_000;
const LENGTH = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const;
const NUMBERS = /^(\d+)-(\d+)-(\d+) (\d+):(\d+)$/;

/**
 * Hour by hour through the calendar as the platform's formatter shows it, and each stretch from all hits anew. It takes no care of time
 * and shares no code with what it is the measure of.
 */
export function baselineOracle(baseline: Baseline, hits: readonly Counted[], [from, to]: readonly [number, number]): OracleUnusual[] {
  const names = hoursNamed(baseline, from, to);
  const starts = [...names.values()].filter((start, i, all) => all.indexOf(start) === i);
  const unit = unitOf(baseline);
  const stretchOf = (at: number) => names.get(Math.floor(at / unit) * unit) ?? Number.NaN;
  const keyOf = ({ group }: Counted) => JSON.stringify(group.map((value) => value.toLowerCase()));
  return [...new Set(hits.map(keyOf))].flatMap((group) => {
    const own = hits.filter((hit) => keyOf(hit) === group);
    return starts.flatMap((start): OracleUnusual[] => {
      const now = own.filter(({ at }) => stretchOf(at) === start);
      if (now.length === 0) return [];
      // `history` is in days: of weeks so many sevenths, of hours so many times 24.
      const length = typeof baseline.every === 'number' ? baseline.every : LENGTH[baseline.every];
      const back = Math.round((baseline.historyDays * LENGTH.day) / length);
      const at = starts.indexOf(start);
      if (at < back) throw new Error('the oracle was given too little time before the first hit');
      const before = starts.slice(at - back, at);
      const whose = baseline.since === 'anybody' ? hits : own;
      const spoken = new Set(whose.map((hit) => stretchOf(hit.at)));
      const begin = before.findIndex((each) => spoken.has(each));
      if (begin < 0) return [];
      const known = before.slice(begin);
      const historyDays = Math.floor((known.length * length) / LENGTH.day);
      if (known.length * length < baseline.leastDays * LENGTH.day) return [];
      const found = (value: number, norm: number | undefined, of: readonly Counted[]): OracleUnusual[] => [
        { group, start, value, norm, historyDays, events: [...new Set(of.map(({ event }) => event))].sort((a, b) => a - b) },
      ];
      if (baseline.measure === 'new') {
        const fresh = now.filter((hit) => !own.some((old) => old.value === hit.value && before.includes(stretchOf(old.at))));
        return fresh.length === 0 ? [] : found(new Set(fresh.map(({ value }) => value)).size, undefined, fresh);
      }
      const values = known
        .filter((each) => (baseline.against.kind === 'previous' ? each === known.at(-1) : isComparable(baseline, each, start)))
        .map((each) =>
          measured(
            baseline,
            own.filter((hit) => stretchOf(hit.at) === each),
          ),
        );
      if (values.length === 0) return [];
      const [value, norm] = [measured(baseline, now), normOf(baseline, values)];
      if (value < baseline.least || norm < baseline.leastNorm) return [];
      const above = value - norm * baseline.factor - baseline.margin;
      return above > 0 || (baseline.orEqual && above === 0) ? found(value, norm, now) : [];
    });
  });
}

/** What no stretch divides: an hour, or a shorter stretch. */
const unitOf = ({ every }: Baseline): number => (typeof every === 'number' ? Math.min(every, HOUR) : HOUR);

/** For each hour, or shorter stretch, the first of its stretch. */
function hoursNamed(baseline: Baseline, from: number, to: number): Map<number, number> {
  const named = new Map<number, number>();
  let [name, start] = ['', from];
  const { every, timeZone } = baseline;
  const unit = unitOf(baseline);
  for (let hour = Math.floor(from / unit) * unit; hour < to; hour += unit) {
    const day = typeof every === 'number' ? '' : wallClock(hour, timeZone).slice(0, 10);
    const now =
      typeof every === 'number' ? `${Math.floor(hour / every)}` : every === 'hour' ? `${hour}` : every === 'day' ? day : mondayOf(day);
    if (now !== name) [name, start] = [now, hour];
    named.set(hour, start);
  }
  return named;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-03-29 14:00`, as a clock on the wall shows it. */
function wallClock(at: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short', calendar: 'iso8601' });
  formats.set(timeZone, format);
  const text = format.format(at);
  if (!NUMBERS.test(text)) throw new Error(`not a date: ${text}`);
  return text;
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString();
}

function isComparable({ weekdays, timeZone }: Baseline, one: number, other: number): boolean {
  const weekday = (at: number) => new Date(`${wallClock(at, timeZone).slice(0, 10)}T00:00:00Z`).getUTCDay();
  const isWeekend = (at: number) => [0, 6].includes(weekday(at));
  if (weekdays === 'any') return true;
  return weekdays === 'same' ? weekday(one) === weekday(other) : isWeekend(one) === isWeekend(other);
}

function measured({ measure }: Baseline, hits: readonly Counted[]): number {
  const events = [...new Set(hits.map(({ event }) => event))];
  if (measure === 'events') return events.length;
  if (measure === 'distinct') return new Set(hits.map(({ value }) => value)).size;
  // An event that several rules hit counts with the number of the first.
  return events
    .map((event) => hits.filter((hit) => hit.event === event).sort((a, b) => a.ref - b.ref)[0]?.number ?? 0)
    .reduce((a, b) => a + b, 0);
}

function normOf({ against }: Baseline, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (against.kind === 'previous') return values.at(-1) ?? 0;
  if (against.kind === 'max') return sorted.at(-1) ?? 0;
  if (against.kind === 'quantile') {
    // The share of numbers below, by which the two around it are mixed.
    const place = against.q * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
    return low + (high - low) * (place - Math.floor(place));
  }
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = values.map((value) => (value - mean) ** 2).reduce((a, b) => a + b, 0) / values.length;
  return mean + against.sigmas * Math.sqrt(spread);
}
