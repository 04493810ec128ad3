import type { Against, Baseline } from '../sigma/baseline.ts';
import type { Calendar } from './calendar.ts';

/** What is known of an entity before the stretch of time that is judged. */
export interface History {
  /** Values of the stretches that have one. */
  readonly values: ReadonlyMap<number, number>;
  /** The first moment of it, in milliseconds since the epoch; undefined where there is none. */
  readonly first: number | undefined;
}

/** What a value is measured against. */
export interface Norm {
  readonly norm: number;
  readonly historyDays: number;
}

/** Whether a stretch can have been quiet: where nothing at all was heard, nobody knows. */
export type Heard = (start: number, end: number) => boolean;

const DAY = 86_400_000;

type Shape = Pick<Baseline, 'against' | 'weekdays' | 'historyDays' | 'leastDays'>;

/** Days of history before the stretch; undefined while there are too few of them. */
export function historyDaysOf({ leastDays }: Pick<Shape, 'leastDays'>, calendar: Calendar, start: number, first: number | undefined) {
  if (first === undefined || first >= start) return undefined;
  const begin = calendar.startOf(first);
  const days = calendar.days(begin, start);
  const isEnough = leastDays < 1 ? start - begin >= Math.round(leastDays * DAY) : days >= leastDays;
  return isEnough ? days : undefined;
}

/** The norm for a stretch. From the first day on, a stretch without a value counts as 0. Undefined: there is too little to compare with. */
export function normOf(baseline: Shape, calendar: Calendar, start: number, { values, first }: History, heard: Heard): Norm | undefined {
  const historyDays = historyDaysOf(baseline, calendar, start, first);
  if (historyDays === undefined || first === undefined) return undefined;
  const from =
    baseline.against.kind === 'previous'
      ? calendar.previous(start)
      : Math.max(calendar.before(start, baseline.historyDays), calendar.startOf(first));
  const numbers: number[] = [];
  for (const each of calendar.between(from, start)) {
    if (!isComparable(baseline.weekdays, calendar.weekday(each), calendar.weekday(start))) continue;
    const value = values.get(each) ?? (heard(each, calendar.next(each)) ? 0 : undefined);
    if (value !== undefined) numbers.push(value);
  }
  return numbers.length === 0 ? undefined : { norm: numberOf(baseline.against, numbers), historyDays };
}

type Bounds = Pick<Baseline, 'factor' | 'margin' | 'orEqual' | 'least' | 'leastNorm'>;

export function exceeds(value: number, { factor, margin, orEqual, least, leastNorm }: Bounds, { norm }: Norm): boolean {
  if (value < least || norm < leastNorm) return false;
  const bound = norm * factor + margin;
  return value > bound || (orEqual && value === bound);
}

const SATURDAY = 5;

function isComparable(weekdays: Baseline['weekdays'], one: number, other: number): boolean {
  if (weekdays === 'same') return one === other;
  return weekdays === 'any' || one < SATURDAY === other < SATURDAY;
}

/** Of at least one number. The deviation is that of all of them, not of a sample. */
function numberOf(against: Against, numbers: readonly number[]): number {
  if (against.kind === 'previous') return numbers.at(-1) ?? 0;
  if (against.kind === 'max') return numbers.reduce((a, b) => Math.max(a, b));
  if (against.kind === 'quantile') return quantile(numbers, against.q);
  const mean = numbers.reduce((a, b) => a + b) / numbers.length;
  const variance = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / numbers.length;
  return mean + against.sigmas * Math.sqrt(variance);
}

/** On the straight line between the two values around it. */
function quantile(numbers: readonly number[], q: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
