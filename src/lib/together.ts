interface Waiting<T> {
  readonly item: T;
  resolve(): void;
  reject(error: unknown): void;
}

/** Does many small things as a few large ones: what is asked for while one is under way is done together in the next. */
export class Together<T> {
  readonly #most: number;
  readonly #work: (items: readonly T[]) => Promise<void>;
  #waiting: Waiting<T>[] = [];
  #running = false;

  /** `most`: items that are done at once. */
  constructor(most: number, work: (items: readonly T[]) => Promise<void>) {
    this.#most = most;
    this.#work = work;
  }

  /** Resolves when it was done, and rejects when it, and what was done with it, failed. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const now = this.#waiting.splice(0, this.#most);
      try {
        await this.#work(now.map(({ item }) => item));
        for (const { resolve } of now) resolve();
      } catch (error) {
        for (const { reject } of now) reject(error);
      }
    }
    this.#running = false;
  }
}
