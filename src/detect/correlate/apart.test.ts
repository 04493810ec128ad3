import { expect, it } from 'vitest';
import { EngineError } from '../../store/store.ts';
import { askApart } from './apart.ts';

const fails = (code: 'timeout' | 'memory' | 'down') => new EngineError({ code, message: code });

it.each(['timeout', 'memory'] as const)('what takes too much is found, and the others are answered: %s', async (code) => {
  const aside: number[] = [];
  const asks: number[] = [];
  const answers = await askApart(
    [1, 2, 3, 4, 5, 6, 7],
    async (some) => {
      asks.push(some.length);
      if (some.includes(3) || some.includes(6)) throw fails(code);
      return some.map((each) => each * 10);
    },
    (one) => aside.push(one),
  );
  expect(answers).toEqual([10, 20, 40, 50, 70]);
  expect(aside).toEqual([3, 6]);
  expect(asks[0]).toBe(7);
});

it('an engine that is down is nobody’s fault', async () => {
  const asked = askApart(
    [1, 2],
    () => Promise.reject(fails('down')),
    () => undefined,
  );
  await expect(asked).rejects.toThrow('down');
});
