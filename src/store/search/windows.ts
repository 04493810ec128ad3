import { END_OF_TIME } from './bounds.ts';

/** A stretch of time: `from` inclusive, `to` exclusive, milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const REACHES = [HOUR, DAY, 7 * DAY, 30 * DAY] as const;

/**
 * Cuts a range into windows, the nearest first and each much longer than the one before. Most searches end in the first: a newest-first
 * search over everything at once would read all of it (measured: 8 s and 3.7 GB against 20 ms).
 */
export function expandingWindows({ from, to }: Window, direction: 'older' | 'newer', now: number): readonly Window[] {
  if (from >= to) return [];
  // A range may reach into the future (wrong clocks live there); that part is cheap and belongs to the first window.
  const anchor = direction === 'older' ? Math.max(from, Math.min(to, now)) : from;
  const cuts = REACHES.map((reach) => (direction === 'older' ? anchor - reach : anchor + reach)).filter((cut) => cut > from && cut < to);
  const edges = direction === 'older' ? [to, ...cuts, from] : [from, ...cuts, to];
  return edges.slice(1).map((edge, i) => {
    const last = edges[i] ?? edge;
    return direction === 'older' ? { from: edge, to: last } : { from: last, to: edge };
  });
}

/** A range as the engine can hold it. */
export const clampRange = ({ from, to }: Window): Window => ({ from: Math.max(0, from), to: Math.min(to, END_OF_TIME) });
