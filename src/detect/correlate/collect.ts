import type { RuleHit } from '../../model/detection.ts';
import { baselineCounter } from '../baseline/counter.ts';
import type { Baseline } from '../sigma/baseline.ts';
import type { Correlation } from '../sigma/correlation.ts';
import type { Judged } from '../stream/judged.ts';
import type { Counted } from './counted.ts';
import type { HitCounter } from './counter.ts';
import { counterOf } from './hit-plan.ts';
import { Legs, readLeg } from './legs.ts';

/** A counter that keeps what it counts. */
interface Collecting extends HitCounter {
  readonly into: Counted[];
}

/** Collects of the events that rules hit what correlations and baselines count. */
export class CountedHits {
  /** By id of the correlation or baseline. */
  readonly found: ReadonlyMap<string, readonly Counted[]>;
  readonly #legs: Legs<Collecting>;

  constructor(correlations: readonly Correlation[], baselines: readonly Baseline[] = []) {
    const counters = [
      ...correlations.map((correlation) => ({ ...counterOf(correlation, correlation.id), into: [] })),
      ...baselines.map((baseline) => ({ ...baselineCounter(baseline, baseline.id), into: [] })),
    ];
    this.#legs = new Legs(counters);
    this.found = new Map(counters.map(({ identity, into }) => [identity, into]));
  }

  /** Whether one of them counts one of these hits. */
  counts(hits: readonly RuleHit[]): boolean {
    return this.#legs.count(hits);
  }

  /** `number` tells the event from all others; `at` is its time, in milliseconds since the epoch. */
  add(event: Judged, hits: readonly Pick<RuleHit, 'id'>[], number: number, at: number): void {
    for (const { id } of hits) {
      for (const leg of this.#legs.of(id)) {
        const reading = readLeg(leg, event);
        if (reading !== undefined) leg.counter.into.push({ at, ref: leg.ref, event: number, ...reading });
      }
    }
  }
}
