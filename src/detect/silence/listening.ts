/** A time in which nothing could be heard: the hub was down, took nothing in, or its clock jumped. Without its end. */
export interface Deaf {
  readonly since: number;
  readonly until: number;
}

/** Reckons with time in which the hub listened, and with no other. Milliseconds since the epoch. */
export class Listening {
  /** Ascending, apart from one another. */
  readonly #deaf: readonly Deaf[];

  constructor(deaf: readonly Deaf[]) {
    this.#deaf = joined(deaf);
  }

  /** For how long the hub listened between two moments. */
  between(from: number, to: number): number {
    let listened = Math.max(0, to - from);
    for (const { since, until } of this.#deaf) listened -= Math.max(0, Math.min(until, to) - Math.max(since, from));
    return listened;
  }

  /** The moment at which it has listened for so long since `from`. */
  after(from: number, listened: number): number {
    let at = from + listened;
    for (const { since, until } of this.#deaf) {
      if (since >= at) break;
      if (until > from) at += until - Math.max(since, from);
    }
    return at;
  }

  /** The first moment from `at` on that is no closer than `settleMs` to the end of a deaf time after `from`: who was cut off comes back first. */
  settled(from: number, at: number, settleMs: number): number {
    let settled = at;
    for (const { since, until } of this.#deaf) if (until > from && since <= settled) settled = Math.max(settled, until + settleMs);
    return settled;
  }
}

function joined(all: readonly Deaf[]): Deaf[] {
  const found: Deaf[] = [];
  for (const each of all.toSorted((a, b) => a.since - b.since)) {
    const last = found.at(-1);
    if (each.until <= each.since) continue;
    if (last !== undefined && each.since <= last.until)
      found[found.length - 1] = { since: last.since, until: Math.max(last.until, each.until) };
    else found.push(each);
  }
  return found;
}
