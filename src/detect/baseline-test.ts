import { evaluateBaselines } from './baseline/evaluate.ts';
import { baselineMutants } from './baseline-mutants.ts';
import { CountedHits } from './correlate/collect.ts';
import { PlayedTimelines } from './played-timelines.ts';
import type { Evaluate, TimelineCase } from './rule-test.ts';
import type { Baseline } from './sigma/baseline.ts';
import type { LoadedRules } from './sigma/load.ts';

/** A baseline with the rules it counts, played over the timelines of its tests. */
export class BaselineTest {
  readonly #baseline: Baseline;
  readonly #played: PlayedTimelines;

  constructor(baseline: Baseline, cases: readonly TimelineCase[], { rules }: Pick<LoadedRules, 'rules'>, evaluate: Evaluate) {
    const ids = new Set(baseline.refs.map(({ id }) => id));
    this.#baseline = baseline;
    this.#played = new PlayedTimelines(
      cases,
      rules.filter(({ id }) => ids.has(id)),
      evaluate,
    );
  }

  /** What is wrong with each case, in their order; undefined where the baseline did what the case says. */
  faults(): (string | undefined)[] {
    return this.#run(this.#baseline);
  }

  /** Changes to the baseline, and those that no case notices. */
  changes(): { tried: number; missed: readonly string[] } {
    const all = baselineMutants(this.#baseline);
    const missed = all.filter(({ baseline }) => this.#run(baseline).every((fault) => fault === undefined));
    return { tried: all.length, missed: missed.map(({ what }) => what) };
  }

  #run(baseline: Baseline): (string | undefined)[] {
    return this.#played.run((events) => {
      const counted = new CountedHits([], [baseline]);
      for (const [number, { event, hits }] of events.entries()) counted.add(event, hits, number, event.timestamp);
      return evaluateBaselines([baseline], counted.found).length > 0;
    });
  }
}
