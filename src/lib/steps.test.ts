import { expect, it } from 'vitest';
import { atOnce, inSlices, type Steps } from './steps.ts';

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
  expect(await inSlices(count(30, 2), 4)).toBe(30);
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
