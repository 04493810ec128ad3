import { CountedHits } from '../detect/correlate/collect.ts';
import type { Episode } from '../detect/correlate/episodes.ts';
import { evaluate } from '../detect/correlate/evaluate.ts';
import type { Correlation } from '../detect/sigma/correlation.ts';
import type { Seen } from './match-judge.ts';
import { visible } from './output.ts';

/** What correlations find in the events of one run. Only what they count is kept. */
export class MatchCorrelations {
  readonly #correlations: readonly Correlation[];
  readonly #hits: CountedHits;
  #untimed = 0;

  constructor(correlations: readonly Correlation[]) {
    this.#correlations = correlations;
    this.#hits = new CountedHits(correlations);
  }

  /** Events that a correlation would count, had they a time. */
  get untimed(): number {
    return this.#untimed;
  }

  add(line: number, { event, hits, time }: Seen): void {
    if (hits.length === 0 || !this.#hits.counts(hits)) return;
    if (time === undefined) this.#untimed++;
    else this.#hits.add(event, hits, line, time);
  }

  /** By their first event. */
  episodes(): readonly Episode[] {
    return evaluate(this.#correlations, this.#hits.found).sort((a, b) => a.first - b.first);
  }
}

const iso = (time: number): string => new Date(time).toISOString();

const groupOf = ({ correlation, group }: Episode): Record<string, string> =>
  Object.fromEntries(correlation.groupNames.map((name, i) => [name, group[i] ?? '']));

export function episodeAsJson(episode: Episode): string {
  const { correlation, first, last, events } = episode;
  const shown = {
    correlation: correlation.id,
    group: groupOf(episode),
    first: iso(first),
    last: iso(last),
    count: events.length,
    lines: events,
  };
  return `${JSON.stringify(shown)}\n`;
}

export function episodeAsText(episode: Episode): string {
  const { level, title, id } = episode.correlation;
  const group = Object.entries(groupOf(episode)).map(([name, value]) => `${name} ${value}`);
  const of = [...group, `${episode.events.length} events from ${iso(episode.first)} to ${iso(episode.last)}`].join(', ');
  return `${level}: ${visible(title)} (${id}): ${visible(of)}; lines ${episode.events.join(', ')}\n`;
}
