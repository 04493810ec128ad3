import type { Correlation } from '../sigma/correlation.ts';
import { isMonotone } from './sql/triggers.ts';

/** A correlation whose rows are all in the table of hits. */
export interface LiveCounter {
  readonly identity: string;
  readonly correlation: Correlation;
  /** When it was loaded first, in milliseconds since the epoch: what held before is told to nobody. */
  readonly beganAt: number;
  /** Since when its rows are all there. */
  readonly liveAt: number;
}

/** A live correlation, and how it hangs together with the others. */
export interface Watched extends LiveCounter {
  /** How many correlations deep it counts others; 0 where it counts rules alone. */
  readonly depth: number;
  /** So long after a moment nothing in time can change any more whether it holds then, in milliseconds. */
  readonly settleMs: number;
  /** Whether what holds is told at once. */
  readonly atOnce: boolean;
  /** Whether it is looked at again when it has settled. A sum may have fallen. */
  readonly atLast: boolean;
  /** The correlations that count its moments, each with the index of its ref. */
  readonly outer: readonly { readonly watched: Watched; readonly ref: number }[];
}

/** Every live correlation by its identity, each after those it counts. */
export function watchedOf(live: readonly LiveCounter[], lateMs: number): ReadonlyMap<string, Watched> {
  const byId = new Map<string, Watched & { outer: { watched: Watched; ref: number }[] }>();
  for (const counter of live) {
    const { correlation } = counter;
    const inner = correlation.refs.flatMap(({ id, kind }, ref) => {
      const watched = kind === 'correlation' ? byId.get(id) : undefined;
      return watched === undefined ? [] : [{ watched, ref }];
    });
    const watched = {
      ...counter,
      depth: inner.reduce((most, each) => Math.max(most, each.watched.depth + 1), 0),
      settleMs: correlation.timespanMs + inner.reduce((most, each) => Math.max(most, each.watched.settleMs), lateMs),
      atOnce: isMonotone(correlation),
      atLast: !isMonotone(correlation) || correlation.type === 'value_sum',
      outer: [],
    };
    byId.set(correlation.id, watched);
    for (const { watched: counted, ref } of inner) byId.get(counted.correlation.id)?.outer.push({ watched, ref });
  }
  return new Map([...byId.values()].map((watched) => [watched.identity, watched]));
}
