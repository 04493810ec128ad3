import fc from 'fast-check';
import { expect, it } from 'vitest';
import { atOnce, grouped, inSlices, mapped, type Steps, sorted } from './steps.ts';

function* count(to: number, stepMs = 0): Steps<number> {
  for (let i = 0; i < to; i++) {
    for (const end = performance.now() + stepMs; performance.now() < end; );
    yield;
  }
  return to;
}

it('is done at once, or with turns for others in between', async () => {
  expect(atOnce(count(3))).toBe(3);
  let turns = 0;
  const other = setInterval(() => {
    turns++;
  }, 1);
  expect(await inSlices(count(30, 2))).toBe(30);
  clearInterval(other);
  expect(turns).toBeGreaterThan(5);
});

it('ends with the error of a step', async () => {
  function* fails(): Steps<void> {
    yield;
    throw new Error('no');
  }
  await expect(inSlices(fails())).rejects.toThrow('no');
});

it('is left when nobody wants it any more', async () => {
  const caller = new AbortController();
  let steps = 0;
  function* endless(): Steps<never> {
    for (;;) {
      steps++;
      yield;
    }
  }
  const work = inSlices(endless(), caller.signal);
  caller.abort(new Error('gone'));
  await expect(work).rejects.toThrow('gone');
  const until = steps;
  await new Promise(setImmediate);
  expect(steps).toBe(until);
  await expect(inSlices(endless(), caller.signal)).rejects.toThrow('gone');
  expect(steps).toBe(until);
});

it('maps, groups and sorts as is done at once', () => {
  const item = fc.record({ by: fc.integer({ min: 0, max: 50 }), name: fc.nat() });
  const by = (a: { by: number }, b: { by: number }) => a.by - b.by;
  fc.assert(
    fc.property(fc.array(item, { maxLength: 10 }), (some) => {
      // Repeated, so that there are more than are sorted at once.
      const items = Array.from({ length: 900 }, (_, i) => some.map((each) => ({ ...each, name: each.name + i }))).flat();
      expect(atOnce(sorted(items, by))).toEqual(items.toSorted(by));
      expect(atOnce(grouped(some, (each) => each.by))).toEqual(Map.groupBy(some, (each) => each.by));
      expect(atOnce(mapped(some, (each) => each.name))).toEqual(some.map((each) => each.name));
    }),
    { numRuns: 20 },
  );
});
