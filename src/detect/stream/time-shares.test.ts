import { describe, expect, it } from 'vitest';
import { TimeShares } from './time-shares.ts';

const SHARE = 100;
const LOOK_MS = 10_000;

describe('shares of the time', () => {
  /** Looks, each with what the rule took since the one before. */
  const looks = (took: readonly (readonly [ms: number, samples: number])[]) => {
    const shares = new TimeShares();
    let [estimatedMs, samples] = [0, 0];
    return took.map(([ms, more]) => {
      estimatedMs += ms;
      samples += more;
      return [...shares.look([{ id: 'r', estimatedMs, samples }], LOOK_MS, SHARE)].length;
    });
  };

  it('a rule that takes more than its share is over it until it took less than half of it three times in a row', () => {
    expect(
      looks([
        [900, 100],
        [1_100, 100],
        [600, 100],
        [400, 100],
        [400, 100],
        [600, 100],
        [400, 100],
        [400, 100],
        [400, 100],
      ]),
    ).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 0]);
  });

  it('one long pause in one sample says nothing', () => {
    expect(looks([[5_000, 3]])).toEqual([0]);
  });

  it('another set of rules counts from nothing', () => {
    const shares = new TimeShares();
    shares.look([{ id: 'r', estimatedMs: 900, samples: 100 }], LOOK_MS, SHARE);
    expect(shares.look([{ id: 'r', estimatedMs: 1_100, samples: 50 }], LOOK_MS, SHARE)).toEqual(new Set(['r']));
    expect(shares.look([], LOOK_MS, SHARE)).toEqual(new Set());
  });
});
