interface Shared<T> {
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
  /** Milliseconds since the epoch; undefined while it is being worked out. */
  doneAt: number | undefined;
}

/** Most keys that are kept: the one asked for longest ago goes first. */
const MOST = 200;

/**
 * Answers that many ask for and that may be some seconds old: whoever asks while one is being worked out, or just was, gets that one. The
 * work is stopped when the last of those who wait has gone. A failure is told to all who wait and kept for nobody.
 */
export class SharedAnswers<T> {
  readonly #keepMs: number;
  readonly #now: () => number;
  readonly #isWorthKeeping: (answer: T) => boolean;
  readonly #kept = new Map<string, Shared<T>>();

  /** `isWorthKeeping`: false for an answer that is for those who wait alone, such as one that lacks a part for now. */
  constructor(keepMs: number, now: () => number, isWorthKeeping: (answer: T) => boolean = () => true) {
    this.#keepMs = keepMs;
    this.#now = now;
    this.#isWorthKeeping = isWorthKeeping;
  }

  /** Throws the signal's reason when who asks has gone. */
  async get(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const shared = this.#fresh(key) ?? this.#start(key, work);
    shared.waiting += 1;
    let leave: (() => void) | undefined;
    const gone = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([shared.answer, gone]);
    } finally {
      if (leave) signal.removeEventListener('abort', leave);
      shared.waiting -= 1;
      if (shared.waiting === 0 && shared.doneAt === undefined) this.#drop(key, shared);
    }
  }

  #fresh(key: string): Shared<T> | undefined {
    const shared = this.#kept.get(key);
    if (shared === undefined) return undefined;
    return shared.doneAt === undefined || this.#now() - shared.doneAt < this.#keepMs ? shared : undefined;
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const stop = new AbortController();
    const shared: Shared<T> = { answer: work(stop.signal), stop, waiting: 0, doneAt: undefined };
    const forget = () => {
      if (this.#kept.get(key) === shared) this.#kept.delete(key);
    };
    shared.answer.then((answer) => {
      shared.doneAt = this.#now();
      if (!this.#isWorthKeeping(answer)) forget();
    }, forget);
    this.#kept.delete(key);
    this.#kept.set(key, shared);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return shared;
  }

  /** Nobody waits for it any more. */
  #drop(key: string, shared: Shared<T>): void {
    if (this.#kept.get(key) === shared) this.#kept.delete(key);
    shared.stop.abort();
  }
}
