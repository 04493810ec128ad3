import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Methods, Rpc } from './rpc.ts';
import { within } from './within.ts';

/** A thread that gives no sign of life for `hangMs` hangs. It is replaced. */
const TIMES = { hangMs: 30_000, watchMs: 5_000, firstRetryMs: 200, lastRetryMs: 10_000, stopMs: 20_000 } as const;
export type ThreadTimes = Record<keyof typeof TIMES, number>;

/** What each kept thread answers. */
export type KeptMethods = Methods & {
  /** That it answers at all is the sign of life. */
  readonly status: (argument: undefined) => unknown;
  readonly stop: (argument: undefined) => unknown;
};

export interface KeptThreadDeps<Theirs extends KeptMethods> {
  /** The thread's module; it receives `init` as `workerData`. */
  readonly entry: URL;
  init(): unknown;
  /** What it may ask of this side. */
  readonly answers: Methods;
  /** Bound of its young generation, in MiB. */
  readonly youngMb: number;
  readonly times?: Partial<ThreadTimes> | undefined;
  /** Hears of each life before it is ready. */
  onSpawned?(rpc: Rpc<Theirs>): void;
  /** The error of calls that it does not answer any more; without a reason: that cannot be made now. */
  gone(why?: string): Error;
  /** It has ended, and is started anew after so long. */
  onEnded(why: string, retryMs: number): void;
  /** It hung for so long, and is ended. */
  onHung(afterMs: number): void;
}

/** A worker thread as the main thread keeps it: started anew whenever it ends, and ended when it hangs. */
export class KeptThread<Theirs extends KeptMethods> {
  readonly #deps: KeptThreadDeps<Theirs>;
  readonly #times: ThreadTimes;
  #worker: Worker | undefined;
  #rpc: Rpc<Theirs> | undefined;
  #ready: () => void = () => undefined;
  #stopping = false;
  #retryMs: number;
  #watch: NodeJS.Timeout | undefined;

  constructor(deps: KeptThreadDeps<Theirs>) {
    this.#deps = deps;
    this.#times = { ...TIMES, ...deps.times };
    this.#retryMs = this.#times.firstRetryMs;
  }

  /** Starts the thread; resolves when it is `ready`. Rejects when it cannot start at all. */
  async start(): Promise<void> {
    await this.#spawn();
    this.#watch = setInterval(() => void this.#checkAlive(), this.#times.watchMs).unref();
  }

  /** The thread has said that it can work. */
  ready(): void {
    this.#ready();
  }

  /** Rejects while it is being started anew. */
  call: Rpc<Theirs>['call'] = (method, argument, transfer) =>
    this.#rpc?.call(method, argument, transfer) ?? Promise.reject(this.#deps.gone());

  /** Says something that a new life learns of otherwise. */
  tell: Rpc<Theirs>['tell'] = (method, argument, transfer) => this.#rpc?.tell(method, argument, transfer);

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    const stopped = this.#rpc?.call('stop', undefined as never).catch(() => undefined);
    // A thread that hangs does not stop; what it holds is on disk.
    if (stopped !== undefined) await within(stopped, this.#times.stopMs);
    await this.#worker?.terminate();
  }

  async #spawn(): Promise<void> {
    const { entry, init, answers, youngMb, onSpawned } = this.#deps;
    const ready = new Promise<void>((resolve) => {
      this.#ready = resolve;
    });
    const resourceLimits = { maxYoungGenerationSizeMb: youngMb };
    const worker = new Worker(entry, { workerData: init(), stdout: false, stderr: false, resourceLimits });
    this.#worker = worker;
    const rpc = new Rpc<Theirs>(worker, answers);
    this.#rpc = rpc;
    onSpawned?.(rpc);
    const ended = new Promise<never>((_, reject) => {
      let why: Error | undefined;
      worker.on('error', (error: Error) => {
        why ??= error;
      });
      // Not before its exit: until then it may hold files, and write to them.
      worker.once('exit', (code) => reject(why ?? new Error(`it ended with code ${code}`)));
    });
    ended.catch((error: Error) => this.#restart(worker, rpc, error));
    await Promise.race([ready, ended]);
    this.#retryMs = this.#times.firstRetryMs;
  }

  async #restart(worker: Worker, rpc: Rpc<Theirs>, error: Error): Promise<void> {
    rpc.close(this.#deps.gone(error.message));
    if (this.#stopping || this.#worker !== worker || this.#watch === undefined) return;
    this.#rpc = undefined;
    this.#deps.onEnded(error.message, this.#retryMs);
    await sleep(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, this.#times.lastRetryMs);
    if (!this.#stopping) await this.#spawn().catch(() => undefined);
  }

  /** A hung thread answers nothing; ending it makes `#restart` run. */
  async #checkAlive(): Promise<void> {
    const worker = this.#worker;
    const rpc = this.#rpc;
    if (rpc === undefined || worker === undefined) return;
    const alive = await Promise.race([
      rpc.call('status', undefined as never).then(
        () => true,
        () => true,
      ),
      sleep(this.#times.hangMs, false, { ref: false }),
    ]);
    if (alive || this.#worker !== worker || this.#stopping) return;
    this.#deps.onHung(this.#times.hangMs);
    await worker.terminate();
  }
}
