import { CountedHits } from './correlate/collect.ts';
import { evaluate as evaluateCorrelations } from './correlate/evaluate.ts';
import { correlationMutants } from './correlation-mutants.ts';
import { type Played, PlayedTimelines } from './played-timelines.ts';
import type { Evaluate, TimelineCase } from './rule-test.ts';
import type { Correlation } from './sigma/correlation.ts';
import type { LoadedRules } from './sigma/load.ts';

type Loaded = Pick<LoadedRules, 'rules' | 'correlations'>;

/** A correlation with all that it counts, played over the timelines of its tests. */
export class CorrelationTest {
  readonly #correlation: Correlation;
  /** The correlations that it counts, each after those it counts itself. */
  readonly #inner: readonly Correlation[];
  readonly #played: PlayedTimelines;

  constructor(correlation: Correlation, cases: readonly TimelineCase[], loaded: Loaded, evaluate: Evaluate) {
    const inner = innerOf(correlation, loaded.correlations);
    const ids = new Set([correlation, ...inner].flatMap(({ refs }) => refs.map(({ id }) => id)));
    this.#correlation = correlation;
    this.#inner = inner;
    this.#played = new PlayedTimelines(
      cases,
      loaded.rules.filter(({ id }) => ids.has(id)),
      evaluate,
    );
  }

  /** What is wrong with each case, in their order; undefined where the correlation did what the case says. */
  faults(): (string | undefined)[] {
    return this.#run(this.#correlation);
  }

  /** Changes to the correlation, and those that no case notices. */
  changes(): { tried: number; missed: readonly string[] } {
    const all = correlationMutants(this.#correlation);
    const missed = all.filter(({ correlation }) => this.#run(correlation).every((fault) => fault === undefined));
    return { tried: all.length, missed: missed.map(({ what }) => what) };
  }

  #run(correlation: Correlation): (string | undefined)[] {
    return this.#played.run((events) => this.#alerts(correlation, events));
  }

  #alerts(correlation: Correlation, events: readonly Played[]): boolean {
    const all = [...this.#inner, correlation];
    const counted = new CountedHits(all);
    for (const [number, { event, hits }] of events.entries()) counted.add(event, hits, number, event.timestamp);
    return evaluateCorrelations(all, counted.found).some((episode) => episode.correlation === correlation);
  }
}

function innerOf({ refs }: Correlation, all: readonly Correlation[]): Correlation[] {
  const wanted = new Set(refs.map(({ id }) => id));
  // From the last to the first: those that count come after those that are counted.
  for (const each of all.toReversed()) if (wanted.has(each.id)) for (const { id } of each.refs) wanted.add(id);
  return all.filter(({ id }) => wanted.has(id));
}
