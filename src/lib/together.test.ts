import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Together } from './together.ts';

it('does together what was asked for while something was under way, in its order and no more than its bound', async () => {
  const done: (readonly number[])[] = [];
  const together = new Together<number>(3, async (items) => {
    await sleep(5);
    done.push(items);
  });
  await Promise.all([1, 2, 3, 4, 5, 6].map((item) => together.add(item)));
  expect(done).toEqual([[1], [2, 3, 4], [5, 6]]);
  await together.add(7);
  expect(done.at(-1)).toEqual([7]);
});

it('resolves only once it is done, and what failed fails for those that were in it alone', async () => {
  let finish = () => {};
  const together = new Together<string>(10, async (items) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    if (items.includes('bad')) throw new Error('no');
  });
  const outcomes: string[] = [];
  const add = (item: string) =>
    together.add(item).then(
      () => outcomes.push(item),
      () => outcomes.push(`${item} failed`),
    );
  const all = [add('first'), add('bad'), add('with it')];
  await sleep(1);
  expect(outcomes).toEqual([]);
  finish();
  await sleep(1);
  expect(outcomes).toEqual(['first']);
  finish();
  await Promise.all(all);
  expect(outcomes).toEqual(['first', 'bad failed', 'with it failed']);
  const later = add('later');
  finish();
  await later;
  expect(outcomes.at(-1)).toBe('later');
});
