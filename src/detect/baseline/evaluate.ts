import type { Counted } from '../correlate/counted.ts';
import type { Baseline } from '../sigma/baseline.ts';
import { fold } from '../sigma/fold.ts';
import { Calendar } from './calendar.ts';
import { exceeds, type Heard, historyDaysOf, normOf } from './norm.ts';

/** One stretch of time in which an entity did more than before, or something new. */
export interface Unusual {
  readonly baseline: Baseline;
  /** Values of `groupNames`, as the first event spells them. */
  readonly group: readonly string[];
  /** First moment of the stretch. */
  readonly start: number;
  /** Of `new`: how many values were never there before. */
  readonly value: number;
  /** Absent for `new`. */
  readonly norm?: number;
  readonly historyDays: number;
  /** What is new, in the order of its first events; empty unless the measure is `new`. */
  readonly news: readonly string[];
  /** Of the first and the last event; milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Ascending, each once. Of `new`, those with a new value. */
  readonly events: readonly number[];
}

/**
 * What baselines find in events that are all there, in the order of the baselines and then of time. `hits`: by id of the baseline, the hits
 * of the rules it counts, in any order.
 */
export const evaluateBaselines = (
  baselines: readonly Baseline[],
  hits: ReadonlyMap<string, readonly Counted[]>,
  heard: Heard = () => true,
): Unusual[] => baselines.flatMap((baseline) => new Evaluation(baseline, hits.get(baseline.id) ?? [], heard).found());

/** The hits of one entity. */
interface Entity {
  readonly hits: readonly Counted[];
  readonly stretches: ReadonlyMap<number, readonly Counted[]>;
  readonly values: ReadonlyMap<number, number>;
}

class Evaluation {
  readonly #baseline: Baseline;
  readonly #calendar: Calendar;
  readonly #heard: Heard;
  readonly #hits: readonly Counted[];

  constructor(baseline: Baseline, hits: readonly Counted[], heard: Heard) {
    this.#baseline = baseline;
    this.#calendar = new Calendar(baseline.every, baseline.timeZone);
    this.#heard = heard;
    this.#hits = hits.toSorted((a, b) => a.at - b.at || a.event - b.event || a.ref - b.ref);
  }

  found(): Unusual[] {
    const groups = Map.groupBy(this.#hits, ({ group }) => JSON.stringify(group.map(fold)));
    const found = [...groups.values()].flatMap((hits) => {
      const stretches = Map.groupBy(hits, ({ at }) => this.#calendar.startOf(at));
      const values = new Map([...stretches].map(([start, of]) => [start, this.#value(of)]));
      return [...stretches.keys()].flatMap((start) => this.#judge(start, { hits, stretches, values }) ?? []);
    });
    return found.sort((a, b) => a.start - b.start || a.first - b.first);
  }

  #judge(start: number, { hits, stretches, values }: Entity): Unusual | undefined {
    const from = this.#calendar.before(start, this.#baseline.historyDays);
    const since = this.#baseline.since === 'anybody' ? this.#hits : hits;
    const first = since.find(({ at }) => at >= from && at < start)?.at;
    const now = stretches.get(start) ?? [];
    if (this.#baseline.measure === 'new') return this.#judgeNew(start, from, first, now, hits);
    const norm = normOf(this.#baseline, this.#calendar, start, { values, first }, this.#heard);
    const value = values.get(start) ?? 0;
    if (norm === undefined || !exceeds(value, this.#baseline, norm)) return undefined;
    return { ...this.#unusual(start, now, hits), value, ...norm, news: [] };
  }

  #judgeNew(start: number, from: number, first: number | undefined, now: readonly Counted[], hits: readonly Counted[]) {
    const historyDays = historyDaysOf(this.#baseline, this.#calendar, start, first);
    if (historyDays === undefined) return undefined;
    const known = new Set(hits.flatMap(({ at, value }) => (at >= from && at < start && value !== undefined ? value : [])));
    const fresh = now.filter(({ value }) => value !== undefined && !known.has(value));
    const news = [...new Set(fresh.flatMap(({ value }) => value ?? []))];
    if (news.length === 0) return undefined;
    return { ...this.#unusual(start, fresh, hits), value: news.length, historyDays, news: news.map(valueText) };
  }

  #unusual(start: number, of: readonly Counted[], hits: readonly Counted[]) {
    const events = [...new Set(of.map(({ event }) => event))].sort((a, b) => a - b);
    const [first = start, last = start] = [of[0]?.at, of.at(-1)?.at];
    return { baseline: this.#baseline, group: hits[0]?.group ?? [], start, first, last, events };
  }

  #value(of: readonly Counted[]): number {
    const { measure } = this.#baseline;
    if (measure === 'distinct') return new Set(of.map(({ value }) => value)).size;
    const once = new Map(of.toReversed().map((hit) => [hit.event, hit]));
    return measure === 'sum' ? [...once.values()].reduce((sum, { number = 0 }) => sum + number, 0) : once.size;
  }
}

/** A counted value, which is a JSON array of texts, as people read it. */
export function valueText(value: string): string {
  const texts: unknown = value.startsWith('[') ? JSON.parse(value) : value;
  return Array.isArray(texts) ? texts.join(', ') : value;
}
