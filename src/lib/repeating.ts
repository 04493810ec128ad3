/** Work by the clock: at once, and then in each interval, never twice at a time: a slow disk, or an engine with much to do, takes longer. */
export class Repeating {
  readonly #everyMs: number;
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#everyMs = everyMs;
    this.#work = work;
    this.#onError = onError;
  }

  /** Resolves when the work was done for the first time, or failed. */
  start(): Promise<void> {
    this.#timer = setInterval(() => void this.#run(), this.#everyMs).unref();
    return this.#run();
  }

  /** Does it now, unless it is under way. */
  wake(): void {
    void this.#run();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #run(): Promise<void> {
    this.#running ??= this.#work()
      .catch(this.#onError)
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
