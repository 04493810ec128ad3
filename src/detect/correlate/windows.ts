import type { Bound } from '../sigma/correlation.ts';
import type { Counted, Trigger } from './counted.ts';

/** What is known of the events between two moments, while these move on. */
export interface Window {
  add(hit: Counted): void;
  /** The oldest one leaves. */
  remove(hit: Counted): void;
  /** Whether the correlation holds in the window that ends at `at`, all events of this moment added. */
  holds(at: number): boolean;
  /** What was measured when it was last asked; 0 where nothing is. */
  readonly value: number;
}

/**
 * Moves a window `[t - timespan, t]` over the events, which are in order of time, and stops at each moment at which there is one. Each
 * event comes and leaves once.
 */
export function sweep(hits: readonly Counted[], timespanMs: number, window: Window): Trigger[] {
  const triggers: Trigger[] = [];
  let from = 0;
  let to = 0;
  for (let next = hits[0]; next !== undefined; ) {
    const { at } = next;
    for (; next?.at === at; next = hits[++to]) window.add(next);
    for (let oldest = hits[from]; oldest !== undefined && oldest.at < at - timespanMs; oldest = hits[++from]) window.remove(oldest);
    if (window.holds(at)) triggers.push({ at, from, to, value: window.value });
  }
  return triggers;
}

/** A window of which one number is known, and what the number must be. */
export abstract class Measured implements Window {
  readonly #bounds: readonly Bound[];
  #value = 0;

  constructor(bounds: readonly Bound[]) {
    this.#bounds = bounds;
  }

  get value(): number {
    return this.#value;
  }

  abstract add(hit: Counted): void;
  abstract remove(hit: Counted): void;
  protected abstract measure(at: number): number;

  holds(at: number): boolean {
    this.#value = this.measure(at);
    return this.#bounds.every((bound) => within(this.#value, bound));
  }
}

function within(measured: number, { op, number }: Bound): boolean {
  switch (op) {
    case 'gt':
      return measured > number;
    case 'gte':
      return measured >= number;
    case 'lt':
      return measured < number;
    case 'lte':
      return measured <= number;
    case 'eq':
      return measured === number;
    case 'neq':
      return measured !== number;
  }
}

export class EventCount extends Measured {
  #count = 0;

  add(): void {
    this.#count++;
  }

  remove(): void {
    this.#count--;
  }

  protected measure(): number {
    return this.#count;
  }
}

export class ValueCount extends Measured {
  readonly #counts = new Map<string, number>();

  add({ value = '' }: Counted): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  remove({ value = '' }: Counted): void {
    const left = (this.#counts.get(value) ?? 0) - 1;
    if (left > 0) this.#counts.set(value, left);
    else this.#counts.delete(value);
  }

  protected measure(): number {
    return this.#counts.size;
  }
}

/**
 * A sum from which nothing is ever subtracted, so that a huge number leaves no error behind: the events are in two halves, and the older
 * half knows the sums from each of its events to its end.
 */
class SlidingSum {
  readonly #sums: number[] = [];
  readonly #newer: number[] = [];
  #newerSum = 0;

  get sum(): number {
    return (this.#sums.at(-1) ?? 0) + this.#newerSum;
  }

  get size(): number {
    return this.#sums.length + this.#newer.length;
  }

  add(number: number): void {
    this.#newer.push(number);
    this.#newerSum += number;
  }

  remove(): void {
    if (this.#sums.length === 0) {
      let sum = 0;
      for (let number = this.#newer.pop(); number !== undefined; number = this.#newer.pop()) {
        sum += number;
        this.#sums.push(sum);
      }
      this.#newerSum = 0;
    }
    this.#sums.pop();
  }
}

export class ValueSum extends Measured {
  protected readonly sums = new SlidingSum();

  add({ number = 0 }: Counted): void {
    this.sums.add(number);
  }

  remove(): void {
    this.sums.remove();
  }

  protected measure(): number {
    return this.sums.sum;
  }
}

export class ValueAverage extends ValueSum {
  protected override measure(): number {
    return this.sums.sum / this.sums.size;
  }
}

/** How many there are of each number, by rank among all numbers of the group, in a tree of sums (Fenwick). */
class Ranks {
  readonly #numbers: readonly number[];
  readonly #ranks: ReadonlyMap<number, number>;
  readonly #tree: Int32Array;
  readonly #top: number;
  size = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = [...new Set(numbers)].sort((a, b) => a - b);
    this.#ranks = new Map(this.#numbers.map((number, rank) => [number, rank]));
    this.#tree = new Int32Array(this.#numbers.length + 1);
    this.#top = 2 ** Math.floor(Math.log2(Math.max(this.#numbers.length, 1)));
  }

  change(number: number, by: number): void {
    this.size += by;
    for (let i = (this.#ranks.get(number) ?? 0) + 1; i < this.#tree.length; i += i & -i) this.#tree[i] = (this.#tree[i] ?? 0) + by;
  }

  /** The number at this place in ascending order, from 0. */
  at(place: number): number {
    let rank = 0;
    let left = place;
    for (let step = this.#top; step > 0; step >>= 1) {
      const below = rank + step < this.#tree.length ? (this.#tree[rank + step] ?? 0) : Number.POSITIVE_INFINITY;
      if (below > left) continue;
      rank += step;
      left -= below;
    }
    return this.#numbers[rank] ?? Number.NaN;
  }
}

/** The value that so many percent of the values are not above; between two of them, on the straight line between them. */
export class ValuePercentile extends Measured {
  readonly #ranks: Ranks;
  readonly #share: number;

  /** `hits`: all that are ever added, by their numbers. */
  constructor(bounds: readonly Bound[], percentile: number, hits: readonly Pick<Counted, 'number'>[]) {
    super(bounds);
    this.#ranks = new Ranks(hits.map(({ number = 0 }) => number));
    this.#share = percentile / 100;
  }

  add({ number = 0 }: Counted): void {
    this.addMany(number, 1);
  }

  addMany(number: number, count: number): void {
    this.#ranks.change(number, count);
  }

  remove({ number = 0 }: Counted): void {
    this.#ranks.change(number, -1);
  }

  protected measure(): number {
    const place = this.#share * (this.#ranks.size - 1);
    const below = Math.floor(place);
    const lower = this.#ranks.at(below);
    return place === below ? lower : lower + (this.#ranks.at(below + 1) - lower) * (place - below);
  }
}
