import { setImmediate } from 'node:timers/promises';

/** Work that can be left and taken up again after each of its steps. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** How long steps may follow one another before the thread's other work gets its turn. */
const SLICE_MS = 4;
/** So many are sorted in some milliseconds. */
const SORTED_AT_ONCE = 2_000;

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Lets everything else on the thread have its turn each few milliseconds, as far as single steps are shorter than that. Throws the signal's reason once it is aborted. */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await setImmediate();
  }
}

export function* mapped<T, R>(items: Iterable<T>, make: (item: T) => R): Steps<R[]> {
  const made: R[] = [];
  for (const item of items) {
    made.push(make(item));
    yield;
  }
  return made;
}

/** As `Map.groupBy` does. */
export function* grouped<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
    yield;
  }
  return groups;
}

/** As `toSorted` does. Each half is sorted first: a native sort is quick with what is in order for long stretches, and merges the two in one step. */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  yield;
  if (items.length <= SORTED_AT_ONCE) return items.toSorted(compare);
  const middle = items.length >> 1;
  const first = yield* sorted(items.slice(0, middle), compare);
  const halves = first.concat(yield* sorted(items.slice(middle), compare));
  yield;
  return halves.sort(compare);
}
