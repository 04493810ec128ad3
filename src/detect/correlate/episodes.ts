import type { Correlation } from '../sigma/correlation.ts';
import type { Counted, Group, Span } from './counted.ts';

/** Windows that hold, no further apart than the timespan: what one alert tells. */
export interface Episode {
  readonly correlation: Correlation;
  /** Values of `groupNames`, as the first event spells them. */
  readonly group: readonly string[];
  /** Of the first and the last event; milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** The events of all its windows, ascending, each once; those of inner correlations instead of their moments. */
  readonly events: readonly number[];
}

export function episodesOf(correlation: Correlation, { values, hits, triggers }: Group): Episode[] {
  const spans: { from: number; to: number; at: number }[] = [];
  for (const { at, from, to } of triggers) {
    const span = spans.at(-1);
    if (span !== undefined && at - span.at <= correlation.timespanMs) Object.assign(span, { to, at });
    else spans.push({ from, to, at });
  }
  return spans.map(({ from, to }) => {
    const events = new Map<number, number>();
    collect({ hits, from, to }, events);
    const times = [...events.values()];
    return {
      correlation,
      group: values,
      first: times.reduce((a, b) => Math.min(a, b)),
      last: times.reduce((a, b) => Math.max(a, b)),
      events: [...events.keys()].sort((a, b) => a - b),
    };
  });
}

/** Adds the events of a span with their times. What inner windows share is followed once. */
function collect({ hits, from, to }: Span, events: Map<number, number>): void {
  const inner = new Map<readonly Counted[], { from: number; to: number }[]>();
  for (let i = from; i < to; i++) {
    const hit = hits[i];
    if (hit === undefined) continue;
    if (hit.behind === undefined) events.set(hit.event, hit.at);
    else extend(inner, hit.behind);
  }
  for (const [of, spans] of inner) for (const span of spans) collect({ hits: of, ...span }, events);
}

/** Windows come in order of time, so one begins and ends no earlier than the one before. */
function extend(spans: Map<readonly Counted[], { from: number; to: number }[]>, { hits, from, to }: Span): void {
  const known = spans.get(hits);
  const last = known?.at(-1);
  if (known === undefined) spans.set(hits, [{ from, to }]);
  else if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
  else known.push({ from, to });
}
