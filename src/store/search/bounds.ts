import { inSlices, type Steps } from '../../lib/steps.ts';
import { EngineError, type QueryBounds } from '../store.ts';

/** What one request of a person may take of the engine. */
export const REQUEST_TIMEOUT_MS = 15_000;
const REQUEST_MEMORY_BYTES = 250_000_000;

/** The last instant that the event table can hold (its sort key ends in 2106), exclusive. */
export const END_OF_TIME = 0xffff_ffff * 1000 + 1;

/** Bounds of a statement, within what is left of a request's time. */
export function boundsWithin(deadline: number, now: number, maxRows: number, signal: AbortSignal | undefined): QueryBounds {
  const timeoutMs = Math.max(deadline - now, 1);
  return { timeoutMs, maxMemoryBytes: REQUEST_MEMORY_BYTES, maxRows, ...(signal && { signal }) };
}

/** What is made of what was read, however much it is, leaves the thread's other work its turn. Throws EngineError when the caller gives up. */
export async function madeOfRows<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await inSlices(steps, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new EngineError({ code: 'cancelled', message: 'The caller gave up.' }, { cause: error });
  }
}
