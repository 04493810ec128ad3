import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 100;
const LAST_MS = 5_000;

/**
 * Does the work until it succeeds, with growing pauses: for outages that end, such as an engine that is being restarted.
 * Rejects when the signal is aborted, or when `onFailure` throws because another try cannot help.
 */
export async function untilDone<T>(
  work: () => Promise<T>,
  { signal, onFailure }: { signal: AbortSignal; onFailure(error: unknown, attempt: number): void },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      onFailure(error, attempt);
      await sleep(Math.min(FIRST_MS * 2 ** (attempt - 1), LAST_MS), undefined, { signal });
    }
  }
}
