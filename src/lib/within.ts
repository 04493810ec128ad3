import { setTimeout as sleep } from 'node:timers/promises';

/** What comes in so many milliseconds; undefined when it does not. */
export async function within<T>(coming: Promise<T>, ms: number): Promise<T | undefined> {
  const over = new AbortController();
  const late = sleep(Math.max(0, ms), undefined, { signal: over.signal }).catch(() => undefined);
  return await Promise.race([coming, late]).finally(() => over.abort());
}
