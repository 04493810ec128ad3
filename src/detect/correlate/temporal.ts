import type { Correlation, Expression } from '../sigma/correlation.ts';
import type { Counted } from './counted.ts';
import { Measured, type Window } from './windows.ts';

/** What must have happened, and what must not, by index in `refs`. */
export interface Conjunct {
  /** Ascending. */
  readonly present: readonly number[];
  readonly absent: readonly number[];
}

/** The alternatives of a temporal correlation without a number: one is enough. Without a condition, everything must have happened. */
export function alternativesOf({ refs, expression }: Pick<Correlation, 'refs' | 'expression'>): readonly Conjunct[] {
  if (expression === undefined) return [{ present: refs.map((_, i) => i), absent: [] }];
  return leastOf(alternatives(expression, true));
}

function alternatives(expression: Expression, wanted: boolean): Conjunct[] {
  if (expression.kind === 'ref') return [wanted ? { present: [expression.ref], absent: [] } : { present: [], absent: [expression.ref] }];
  if (expression.kind === 'not') return alternatives(expression.child, !wanted);
  const children = expression.children.map((child) => alternatives(child, wanted));
  // A negated OR is the AND of the negated children, and the other way round.
  if ((expression.kind === 'or') === wanted) return children.flat();
  return children.reduce((all, child) => leastOf(all.flatMap((a) => child.map((b) => join(a, b)))), [{ present: [], absent: [] }]);
}

const union = (a: readonly number[], b: readonly number[]): number[] => [...new Set([...a, ...b])].sort((x, y) => x - y);

const join = (a: Conjunct, b: Conjunct): Conjunct => ({ present: union(a.present, b.present), absent: union(a.absent, b.absent) });

/** Without those that contradict themselves, and those that ask for more than another one does. */
function leastOf(all: readonly Conjunct[]): Conjunct[] {
  const distinct = [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
  const possible = distinct.filter(({ present, absent }) => !present.some((ref) => absent.includes(ref)));
  return possible.filter(
    (each) => !possible.some((other) => other !== each && isPart(other.present, each.present) && isPart(other.absent, each.absent)),
  );
}

const isPart = (part: readonly number[], whole: readonly number[]): boolean => part.every((ref) => whole.includes(ref));

/** In which group's events something must not have happened: the times of each ref, ascending. */
export type Times = (ref: number) => readonly number[];

const NEVER = Number.NEGATIVE_INFINITY;

/** One alternative is complete at an event that is part of it, within the timespan, and what must be absent is. */
export class Together implements Window {
  readonly value = 0;
  readonly #timespanMs: number;
  readonly #alternatives: readonly { readonly legs: Legs; readonly isAbsent: IsAbsent }[];

  constructor(correlation: Correlation, alternatives: readonly Conjunct[], times: Times) {
    const { timespanMs, type } = correlation;
    this.#timespanMs = timespanMs;
    this.#alternatives = alternatives.map(({ present, absent }) => ({
      legs: type === 'temporal_ordered' ? new InOrder(present) : new InAnyOrder(present),
      isAbsent: absence(type === 'temporal_ordered', timespanMs, absent.map(times)),
    }));
  }

  add(hit: Counted): void {
    for (const { legs } of this.#alternatives) legs.add(hit);
  }

  /** What is too old is known by its time. */
  remove(): void {}

  holds(at: number): boolean {
    return this.#alternatives.some(({ legs, isAbsent }) => {
      const start = legs.startOf(at);
      return start >= at - this.#timespanMs && isAbsent(start, at);
    });
  }
}

/** The parts that an alternative needs. */
interface Legs {
  add(hit: Counted): void;
  /** The latest start of a complete set of parts that ends with an event at `at`; minus infinity where none does. */
  startOf(at: number): number;
}

class InAnyOrder implements Legs {
  readonly #seen: Map<number, number>;

  constructor(present: readonly number[]) {
    this.#seen = new Map(present.map((ref) => [ref, NEVER]));
  }

  add({ ref, at }: Counted): void {
    if (this.#seen.has(ref)) this.#seen.set(ref, at);
  }

  startOf(at: number): number {
    const times = [...this.#seen.values()];
    return times.includes(at) ? Math.min(...times) : NEVER;
  }
}

/** Events of one moment come in the order of the refs, so that each is before the others. */
class InOrder implements Legs {
  readonly #places: ReadonlyMap<number, number>;
  /** For each leg, the latest start of the legs up to it. */
  readonly #starts: number[];
  #endedAt = NEVER;

  constructor(present: readonly number[]) {
    this.#places = new Map(present.map((ref, place) => [ref, place]));
    this.#starts = present.map(() => NEVER);
  }

  add({ ref, at }: Counted): void {
    const place = this.#places.get(ref);
    if (place === undefined) return;
    this.#starts[place] = place === 0 ? at : (this.#starts[place - 1] ?? NEVER);
    if (place === this.#starts.length - 1) this.#endedAt = at;
  }

  startOf(at: number): number {
    return this.#endedAt === at ? (this.#starts.at(-1) ?? NEVER) : NEVER;
  }
}

type IsAbsent = (start: number, end: number) => boolean;

/**
 * Without an order, an absent event may be in no window that holds the parts: `[end - timespan, start + timespan]`. With one, in none
 * after the first part: `(start, start + timespan]`.
 */
function absence(ordered: boolean, timespanMs: number, times: readonly (readonly number[])[]): IsAbsent {
  return (start, end) => {
    const until = start + timespanMs;
    return times.every((each) => {
      const first = each[ordered ? firstAfter(each, start) : firstFrom(each, end - timespanMs)];
      return first === undefined || first > until;
    });
  };
}

const firstFrom = (times: readonly number[], from: number): number => search(times, (time) => time >= from);
const firstAfter = (times: readonly number[], from: number): number => search(times, (time) => time > from);

/** The first index of which it is true, where it is true of all that follow. */
function search(times: readonly number[], isTrue: (time: number) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(times[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many of the refs were seen. */
export class SeenCount extends Measured {
  readonly #counts = new Map<number, number>();

  add({ ref }: Counted): void {
    this.#counts.set(ref, (this.#counts.get(ref) ?? 0) + 1);
  }

  remove({ ref }: Counted): void {
    const left = (this.#counts.get(ref) ?? 0) - 1;
    if (left > 0) this.#counts.set(ref, left);
    else this.#counts.delete(ref);
  }

  protected measure(): number {
    return this.#counts.size;
  }
}

/** How many refs follow one another in the order of `refs`, some perhaps left out, up to an event of the moment asked for. */
export class ChainLength extends Measured {
  readonly #timespanMs: number;
  /** By ref, by length: the latest start of a chain of this length that ends with this ref. */
  readonly #starts: number[][];
  /** Of the event that came last: no other of its moment ends a longer chain, or one that begins later. */
  #ended: readonly number[] = [];

  constructor({ bounds, refs, timespanMs }: Correlation) {
    super(bounds);
    this.#timespanMs = timespanMs;
    this.#starts = refs.map((_, ref) => Array.from({ length: ref + 1 }, () => NEVER));
  }

  add({ ref, at }: Counted): void {
    const own = this.#starts[ref] ?? [];
    own[0] = at;
    for (let length = 1; length < own.length; length++) {
      for (let before = length - 1; before < ref; before++)
        own[length] = Math.max(own[length] ?? NEVER, this.#starts[before]?.[length - 1] ?? NEVER);
    }
    this.#ended = own;
  }

  /** What is too old is known by its start. */
  remove(): void {}

  protected measure(at: number): number {
    return this.#ended.findLastIndex((start) => start >= at - this.#timespanMs) + 1;
  }
}
