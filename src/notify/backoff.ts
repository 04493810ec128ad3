/** The wait before the first repeat, in milliseconds. It doubles with each attempt. */
const FIRST_MS = 1_000;

/**
 * Exponential backoff with jitter ("equal jitter": half fixed, half drawn), so that what failed together does not come back together.
 * `attempts` counts those made, from 1; `random` is in [0, 1).
 */
export function backoffMs(attempts: number, maxMs: number, random: () => number): number {
  const full = Math.min(maxMs, FIRST_MS * 2 ** Math.min(attempts - 1, 40));
  return Math.round(full / 2 + (full / 2) * random());
}
