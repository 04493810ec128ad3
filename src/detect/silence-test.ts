import { UTC } from '../formats/time-zone.ts';
import type { Evaluate, TimelineCase } from './rule-test.ts';
import type { Silence } from './sigma/silence-document.ts';
import { Listening } from './silence/listening.ts';
import { playSilence } from './silence/play.ts';
import type { Judged } from './stream/judged.ts';
import { endOfTimeline, eventsOfTimeline } from './timeline.ts';

const HOUR_MS = 3_600_000;
/** In a test the hub has always listened, in UTC. */
const CLOCKS = { listening: new Listening([]), zone: UTC };

/** A silence document with one thing in it wrong, as an author could have written it. */
interface SilenceMutant {
  readonly what: string;
  readonly silence: Silence;
}

/** A silence document, played over the timelines of its tests. */
export class SilenceTest {
  readonly #silence: Silence;
  readonly #cases: readonly { readonly expect: TimelineCase['expect']; readonly events: readonly Judged[]; readonly end: number }[];

  constructor(silence: Silence, cases: readonly TimelineCase[], evaluate: Evaluate) {
    this.#silence = silence;
    this.#cases = cases.map((each) => {
      const events = eventsOfTimeline(each, evaluate);
      return { expect: each.expect, events, end: endOfTimeline(each, events) };
    });
  }

  /** What is wrong with each case, in their order; undefined where the document told of what the case says. */
  faults(): (string | undefined)[] {
    return this.#run(this.#silence);
  }

  /** Changes to the document, and those that no case notices. */
  changes(): { tried: number; missed: readonly string[] } {
    const all = mutants(this.#silence);
    const missed = all.filter(({ silence }) => this.#run(silence).every((fault) => fault === undefined));
    return { tried: all.length, missed: missed.map(({ what }) => what) };
  }

  #run(silence: Silence): (string | undefined)[] {
    return this.#cases.map(({ expect, events, end }) => {
      const told = playSilence(silence, events, end, CLOCKS).length > 0;
      if (told === (expect === 'alert')) return undefined;
      return told ? 'raised an alert' : 'raised no alert';
    });
  }
}

/** Four times the time and a quarter of it, sooner sure of it, and each part that says what is heard left out. */
function mutants(silence: Silence): SilenceMutant[] {
  const { expectMs, times: least, leastMs, grace, tree, route } = silence;
  const mutant = (what: string, change: Partial<Silence>): SilenceMutant => ({ what, silence: { ...silence, ...change } });
  const times = (by: number): Partial<Silence> =>
    expectMs === undefined ? { leastMs: leastMs * by, grace: grace * by } : { expectMs: expectMs * by };
  return [
    mutant('four times the time', times(4)),
    mutant('a quarter of the time', times(1 / 4)),
    ...(least === 1 ? [] : [mutant('left out: times', { times: 1 })]),
    ...(expectMs === undefined ? [mutant('learn: 1h', { learnMs: HOUR_MS })] : []),
    ...(tree === undefined ? [] : [mutant('left out: detection', { tree: undefined })]),
    ...(route.length === 0 ? [] : [mutant('left out: logsource', { route: [] })]),
  ];
}
