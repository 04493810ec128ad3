import { expect, it } from 'vitest';
import { untilDone } from './retry.ts';

it('tries until it is done, and tells of each failure', async () => {
  let tries = 0;
  const failures: number[] = [];
  const done = untilDone(
    async () => {
      if (++tries < 3) throw new Error('not yet');
      return 'done';
    },
    { signal: new AbortController().signal, onFailure: (_, attempt) => failures.push(attempt) },
  );
  expect(await done).toBe('done');
  expect(failures).toEqual([1, 2]);
});

it('ends when it is told to stop, also between two tries', async () => {
  const stop = new AbortController();
  const work = untilDone(() => Promise.reject(new Error('down')), { signal: stop.signal, onFailure: () => stop.abort() });
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  await expect(untilDone(() => Promise.reject(new Error('down')), { signal: stop.signal, onFailure: () => undefined })).rejects.toThrow(
    'down',
  );
});

it('ends when another try cannot help', async () => {
  let tries = 0;
  const work = untilDone(
    async () => {
      tries++;
      throw new Error('refused');
    },
    {
      signal: new AbortController().signal,
      onFailure: (error) => {
        throw error;
      },
    },
  );
  await expect(work).rejects.toThrow('refused');
  expect(tries).toBe(1);
});
