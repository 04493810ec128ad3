import { expect, it } from 'vitest';
import { Closing } from './closing.ts';

it('closes in reverse, one after another, also when one step fails, and each once', async () => {
  const closing = new Closing();
  const done: string[] = [];
  const step = (name: string) => async () => {
    await Promise.resolve();
    done.push(name);
  };
  expect(closing.add('first', 1, step('first'))).toBe(1);
  closing.add('second', 2, async () => {
    throw new Error('stuck');
  });
  closing.add('third', 3, () => {
    throw new Error('at once');
  });
  closing.add('fourth', 4, step('fourth'));
  const failures: string[] = [];
  const onError = (name: string, error: unknown) => void failures.push(`${name} ${error}`);
  await closing.closeAll(onError);
  await closing.closeAll(onError);
  expect(done).toEqual(['fourth', 'first']);
  expect(failures).toEqual(['third Error: at once', 'second Error: stuck']);
});
