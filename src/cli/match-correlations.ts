import { evaluateBaselines, type Unusual } from '../detect/baseline/evaluate.ts';
import { measureWords } from '../detect/baseline/words.ts';
import { CountedHits } from '../detect/correlate/collect.ts';
import type { Episode } from '../detect/correlate/episodes.ts';
import { evaluate } from '../detect/correlate/evaluate.ts';
import type { Baseline } from '../detect/sigma/baseline.ts';
import type { Correlation } from '../detect/sigma/correlation.ts';
import type { Seen } from './match-judge.ts';
import { visible } from './output.ts';

/** What correlations and baselines find in the events of one run. Only what they count is kept. */
export class MatchCorrelations {
  readonly #correlations: readonly Correlation[];
  readonly #baselines: readonly Baseline[];
  readonly #hits: CountedHits;
  #untimed = 0;

  constructor(correlations: readonly Correlation[], baselines: readonly Baseline[]) {
    this.#correlations = correlations;
    this.#baselines = baselines;
    this.#hits = new CountedHits(correlations, baselines);
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

  /** By their first event. */
  unusual(): readonly Unusual[] {
    return evaluateBaselines(this.#baselines, this.#hits.found).sort((a, b) => a.first - b.first);
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

const entityOf = ({ baseline, group }: Unusual): Record<string, string> =>
  Object.fromEntries(baseline.groupNames.map((name, i) => [name, group[i] ?? '']));

export function unusualAsJson(unusual: Unusual): string {
  const { baseline, start, first, last, events, value, norm, historyDays, news } = unusual;
  const shown = {
    baseline: baseline.id,
    group: entityOf(unusual),
    start: iso(start),
    first: iso(first),
    last: iso(last),
    value,
    ...(norm !== undefined && { norm }),
    history_days: historyDays,
    ...(news.length > 0 && { new: news }),
    count: events.length,
    lines: events,
  };
  return `${JSON.stringify(shown)}\n`;
}

export function unusualAsText(unusual: Unusual): string {
  const { baseline, start, value, norm, historyDays, news, events } = unusual;
  const entity = Object.entries(entityOf(unusual)).map(([name, each]) => `${name} ${each}`);
  const what = news.length > 0 ? `${news.join('; ')} for the first time` : `${value} ${measureWords(baseline)}, the norm is ${norm}`;
  const of = [...entity, `${what}, from ${iso(start)} on, after ${historyDays} days`].join(', ');
  return `${baseline.level}: ${visible(baseline.title)} (${baseline.id}): ${visible(of)}; lines ${events.join(', ')}\n`;
}
