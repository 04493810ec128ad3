import type { HitCounter } from '../correlate/counter.ts';
import type { Baseline } from '../sigma/baseline.ts';

const READ_AS = { events: 'none', distinct: 'text', new: 'text', sum: 'number' } as const;

/** What of a baseline has rows. */
export const baselineCounter = (
  { refs, groupPaths, fieldPaths, measure }: Pick<Baseline, 'refs' | 'groupPaths' | 'fieldPaths' | 'measure'>,
  identity: string,
): HitCounter => ({ identity, refs: refs.map(({ id }) => id), groupPaths, fieldPaths, values: READ_AS[measure] });

const DAY_MS = 86_400_000;

/** The history of the oldest stretch that is still judged: one that has just ended, as events come late. */
export const historyMs = ({ historyDays, every }: Pick<Baseline, 'historyDays' | 'every'>): number =>
  (historyDays + 2 * (every === 'week' ? 7 : 1)) * DAY_MS;
