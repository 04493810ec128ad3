/** Why a request could not have a session. */
export class LaneBusy extends Error {
  override readonly name = 'LaneBusy';
}

export interface LaneBounds {
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

interface Waiter<T> {
  readonly give: (item: T) => void;
  readonly timer: NodeJS.Timeout;
}

/** A few sessions and a bounded queue before them. A session serves one request at a time. */
export class Lane<T> {
  readonly name: string;
  readonly #free: T[];
  readonly #waiting = new Set<Waiter<T>>();
  readonly #bounds: LaneBounds;

  constructor(name: string, items: readonly T[], bounds: LaneBounds) {
    this.name = name;
    this.#free = [...items];
    this.#bounds = bounds;
  }

  /** Throws {@link LaneBusy} when too many wait already, when the wait gets too long, or when the caller gave up. */
  async take(signal: AbortSignal): Promise<T> {
    const item = this.#free.pop();
    if (item !== undefined) return item;
    if (this.#waiting.size >= this.#bounds.maxWaiting)
      throw new LaneBusy(`${this.#waiting.size} requests wait in the lane ${this.name} already`);
    return await new Promise<T>((resolve, reject) => {
      const leave = (why: string) => {
        this.#waiting.delete(waiter);
        clearTimeout(waiter.timer);
        signal.removeEventListener('abort', gaveUp);
        reject(new LaneBusy(why));
      };
      const gaveUp = () => leave('The caller gave up waiting');
      const waiter: Waiter<T> = {
        give: (given) => {
          clearTimeout(waiter.timer);
          signal.removeEventListener('abort', gaveUp);
          resolve(given);
        },
        timer: setTimeout(
          () => leave(`No session of the lane ${this.name} came free in ${this.#bounds.maxWaitMs} ms`),
          this.#bounds.maxWaitMs,
        ),
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', gaveUp, { once: true });
    });
  }

  giveBack(item: T): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free.push(item);
      return;
    }
    this.#waiting.delete(next);
    next.give(item);
  }
}
