import { setImmediate } from 'node:timers/promises';

/** Work that can be left and taken up again after each of its steps. */
export type Steps<T> = Generator<undefined, T, undefined>;

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Lets everything else on the thread have its turn each `sliceMs` milliseconds, as far as single steps are shorter than that. */
export async function inSlices<T>(steps: Steps<T>, sliceMs = 4): Promise<T> {
  for (;;) {
    const end = performance.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await setImmediate();
  }
}
