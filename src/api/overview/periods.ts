import type { Period } from '../contract/overview.ts';
import type { TimeRange } from '../time-range.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long a period is, and the width of its bars. */
const PERIOD: Readonly<Record<Period, { readonly ms: number; readonly barMs: number }>> = {
  day: { ms: DAY, barMs: HOUR },
  week: { ms: 7 * DAY, barMs: 6 * HOUR },
  month: { ms: 30 * DAY, barMs: DAY },
};

export interface ComparedPeriod {
  readonly now: TimeRange;
  /** As long, and just before. */
  readonly before: TimeRange;
  readonly barMs: number;
}

/** The period up to now: the last 24 hours, 7 days or 30 days. It ends with a full minute, so that pages opened together ask for the same. */
export function comparedPeriod(period: Period, now: number): ComparedPeriod {
  const { ms, barMs } = PERIOD[period];
  const to = Math.floor(now / MINUTE) * MINUTE;
  return { now: { from: to - ms, to }, before: { from: to - 2 * ms, to: to - ms }, barMs };
}
