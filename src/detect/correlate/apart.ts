import { EngineError } from '../../store/store.ts';

/**
 * Asks for many at once; where that takes too much of the engine's time or memory, for halves of them, down to the one at fault. It is
 * given to `tooMuch`, and nothing beside it waits. Throws what is no such fault.
 */
export async function askApart<Asked, Answer>(
  asked: readonly Asked[],
  ask: (some: readonly Asked[]) => Promise<readonly Answer[]>,
  tooMuch: (one: Asked) => void,
): Promise<readonly Answer[]> {
  if (asked.length === 0) return [];
  try {
    return await ask(asked);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    const [only] = asked;
    if (asked.length === 1 && only !== undefined) {
      tooMuch(only);
      return [];
    }
  }
  const middle = asked.length >> 1;
  const before = await askApart(asked.slice(0, middle), ask, tooMuch);
  return [...before, ...(await askApart(asked.slice(middle), ask, tooMuch))];
}

const isTooMuch = (error: unknown): boolean =>
  error instanceof EngineError && (error.fault.code === 'timeout' || error.fault.code === 'memory');
