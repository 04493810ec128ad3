import type { RuleCost } from './rule-cost.ts';

/** What a rule has cost, all in all. */
export interface Spent extends Pick<RuleCost, 'estimatedMs' | 'samples'> {
  readonly id: string;
}

/** Less is chance: a pause of the process falls into one sample as well as into another. */
const LEAST_SAMPLES = 8;
/** So many looks in a row it must take less than half of its share, to come back. */
const CHEAP_LOOKS = 3;

/** Which rules take more than their share of the time: from the look at which they did, until they are cheap again. */
export class TimeShares {
  readonly #over = new Map<string, { cheapLooks: number }>();
  #before: ReadonlyMap<string, Spent> = new Map();

  /** To be called every some seconds, with the time since the call before, and what each rule may take of a second; milliseconds. */
  look(spent: readonly Spent[], elapsedMs: number, msPerSecond: number): ReadonlySet<string> {
    const share = (elapsedMs / 1000) * msPerSecond;
    for (const { id, estimatedMs, samples } of spent) {
      const before = this.#before.get(id);
      // Another set of rules counts from nothing.
      const since = before !== undefined && before.samples <= samples ? before : { estimatedMs: 0, samples: 0 };
      this.#judge(id, estimatedMs - since.estimatedMs, samples - since.samples, share);
    }
    this.#before = new Map(spent.map((each) => [each.id, each]));
    for (const id of this.#over.keys()) if (!this.#before.has(id)) this.#over.delete(id);
    return new Set(this.#over.keys());
  }

  /** These were over their share in an earlier life. */
  resume(ids: readonly string[]): void {
    for (const id of ids) this.#over.set(id, { cheapLooks: 0 });
  }

  #judge(id: string, ms: number, samples: number, share: number): void {
    const over = this.#over.get(id);
    if (over === undefined) {
      if (ms > share && samples >= LEAST_SAMPLES) this.#over.set(id, { cheapLooks: 0 });
      return;
    }
    over.cheapLooks = ms < share / 2 ? over.cheapLooks + 1 : 0;
    if (over.cheapLooks >= CHEAP_LOOKS) this.#over.delete(id);
  }
}
