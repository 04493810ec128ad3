import { setImmediate as nextTurn } from 'node:timers/promises';

/** A clock for one sleeper: time passes while that one sleeps, and never beyond what the test allows. */
export class VirtualClock {
  /** Milliseconds since the epoch. */
  now: number;
  #until: number;
  #stir: () => void = () => undefined;
  #reached: () => void = () => undefined;

  constructor(now: number) {
    this.now = now;
    this.#until = now;
  }

  /** Lets time pass; resolves when it is over and the sleeper sleeps on. */
  async runTo(until: number): Promise<void> {
    this.#until = until;
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve;
    });
    this.#stir();
    await reached;
  }

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    const wakeAt = this.now + ms;
    while (this.now < wakeAt && !signal.aborted) {
      if (this.now < this.#until) {
        this.now = Math.min(wakeAt, this.#until);
        await nextTurn();
      } else {
        await new Promise<void>((resolve) => {
          this.#stir = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
          this.#reached();
        });
      }
    }
  };
}
