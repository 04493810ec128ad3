import { seededRandom } from '../../support/seeded-random.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Midnight in UTC, of the day that holds `at`. */
export const midnight = (at: number): number => at - (at % DAY);

/** Throws of dice that come out the same for the same words: who, which day, what for. */
export class Chance {
  readonly #next: () => number;

  constructor(...words: readonly (string | number)[]) {
    this.#next = seededRandom(hashOf(words.join('/')));
  }

  /** From `least`, below `most`. */
  between(least: number, most: number): number {
    return least + this.#next() * (most - least);
  }

  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** True in `share` of the cases, 0 to 1. */
  once(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(of: readonly [T, ...T[]]): T {
    return of[Math.floor(this.#next() * of.length)] ?? of[0];
  }

  /** `count` times within the stretch, in order. */
  times(count: number, from: number, to: number): number[] {
    return Array.from({ length: count }, () => Math.floor(this.between(from, to))).sort((a, b) => a - b);
  }

  /** A whole number near `mean`: its part behind the point is the chance of one more. */
  near(mean: number): number {
    const floor = Math.floor(mean);
    return floor + (this.once(mean - floor) ? 1 : 0);
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
