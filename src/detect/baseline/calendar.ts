import { UTC, utcOf, type Zone, zoneOf } from '../../formats/time-zone.ts';
import type { Every } from '../sigma/baseline.ts';

const HOUR = 3_600_000;
const HALF_DAY = 12 * HOUR;
const DAY = 24 * HOUR;
/** The epoch was a Thursday; Monday is 0. */
const EPOCH_WEEKDAY = 3;

/**
 * Time cut into stretches: the hours, or other parts of the day, of UTC, or the days or weeks (from Monday) of a zone. A stretch is named by its first moment, in
 * milliseconds since the epoch. A day has 23 to 25 hours where the clocks change.
 */
export class Calendar {
  readonly #every: Every;
  /** Of a part of a day, its milliseconds. */
  readonly #part: number | undefined;
  readonly #zone: Zone;

  /** Of a zone that nobody knows, UTC. */
  constructor(every: Every, timeZone: string) {
    this.#every = every;
    this.#part = every === 'hour' ? HOUR : typeof every === 'number' ? every : undefined;
    this.#zone = zoneOf(timeZone) ?? UTC;
  }

  /** The stretch that a moment is in. */
  startOf(at: number): number {
    if (this.#part !== undefined) return Math.floor(at / this.#part) * this.#part;
    const day = Math.floor((at + this.#zone(at)) / DAY);
    const first = this.#every === 'week' ? day - weekdayOf(day) : day;
    return utcOf(first * DAY, this.#zone);
  }

  /** The one after. */
  next(start: number): number {
    if (this.#part !== undefined) return start + this.#part;
    return this.startOf(start + HALF_DAY + (this.#every === 'week' ? 7 * DAY : DAY));
  }

  /** The one right before. */
  previous(start: number): number {
    return this.startOf(start - 1);
  }

  /** The one so many days before. */
  before(start: number, days: number): number {
    return this.#part !== undefined ? start - days * DAY : this.startOf(start + HALF_DAY - days * DAY);
  }

  /** All from one to another, which is not among them. */
  between(from: number, to: number): number[] {
    const starts: number[] = [];
    for (let start = from; start < to; start = this.next(start)) starts.push(start);
    return starts;
  }

  /** Whole days from one to another. */
  days(from: number, to: number): number {
    const days = (to - from) / DAY;
    return this.#part !== undefined ? Math.floor(days) : Math.round(days);
  }

  /** Of its first moment: 0 is Monday, 6 is Sunday. */
  weekday(start: number): number {
    return weekdayOf(Math.floor((start + this.#zone(start)) / DAY));
  }
}

/** Days before 1970 have negative remainders. */
const weekdayOf = (day: number): number => (((day + EPOCH_WEEKDAY) % 7) + 7) % 7;
