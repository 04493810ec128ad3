import { err, ok, type Result } from '../../lib/result.ts';

/** Milliseconds. `w`, `M` and `y` are pySigma's; its months and years are the mean ones of the calendar. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
};

/** `90m` in milliseconds. Letters mind their case: `m` is minutes, `M` months. */
export function parseTimespan(text: string): Result<number, string> {
  const [, count = '', unit = ''] = /^([0-9]{1,9})([A-Za-z])$/.exec(text) ?? [];
  const milliseconds = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (milliseconds === undefined) return err('`timespan` is a number and one of s, m, h, d, w, M (months), y: `90m`');
  const span = Number(count) * milliseconds;
  if (span === 0) return err('`timespan` is nothing: in no time nothing happens');
  return Number.isSafeInteger(span) ? ok(span) : err('`timespan` is longer than any history');
}
