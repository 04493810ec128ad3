import { EarshotError } from '../../lib/errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { EngineProcess } from './engine-process.ts';

export interface SupervisorTimes {
  /** Between two questions whether the engine answers. */
  readonly checkEveryMs: number;
  readonly checkTimeoutMs: number;
  /** Unanswered checks in a row after which the engine is hung. */
  readonly checksUntilHung: number;
  /** How long a first start may wait for a process before it to let go of the data folder, from when it was first seen to have it. */
  readonly lockWaitMs: number;
  /** How long an engine may take to open its data. */
  readonly openWithinMs: number;
  readonly stopWithinMs: number;
  /** Waits before one start after another; the last one goes on. An engine that was up for a while begins anew. */
  readonly backoffMs: readonly number[];
}

const TIMES: SupervisorTimes = {
  checkEveryMs: 2_000,
  checkTimeoutMs: 8_000,
  checksUntilHung: 3,
  lockWaitMs: 10_000,
  openWithinMs: 180_000,
  stopWithinMs: 5_000,
  backoffMs: [0, 500, 1_000, 2_000, 5_000, 10_000],
};

const STEADY_MS = 60_000;
const LOCK_RETRY_MS = 300;

type Listeners = { readonly up: Set<() => void>; readonly down: Set<(why: string) => void> };

/** Keeps one engine process running: starts it, asks whether it answers, kills it when it hangs, starts it again. */
export class Supervisor {
  readonly #spawn: () => EngineProcess;
  readonly #ping: (timeoutMs: number) => Promise<boolean>;
  readonly #telemetry: Telemetry;
  readonly #times: SupervisorTimes;
  readonly #listeners: Listeners = { up: new Set(), down: new Set() };
  readonly #stopping = new AbortController();
  #process: EngineProcess | undefined;
  #watching: Promise<void> = Promise.resolve();
  #up = false;
  #silence = new AbortController();
  #restarts = 0;

  constructor(
    spawn: () => EngineProcess,
    ping: (timeoutMs: number) => Promise<boolean>,
    telemetry: Telemetry,
    times: Partial<SupervisorTimes> = {},
  ) {
    this.#spawn = spawn;
    this.#ping = ping;
    this.#telemetry = telemetry;
    this.#times = { ...TIMES, ...times };
    this.#silence.abort();
  }

  /** Aborted while the engine does not answer: it is down, or its last check went unanswered. Another one once it answers again. */
  get silence(): AbortSignal {
    return this.#silence.signal;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#up ? this.#process?.pid : undefined;
  }

  on<E extends keyof Listeners>(event: E, listener: Parameters<Listeners[E]['add']>[0]): () => void {
    const listeners: Set<unknown> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Throws when the first start fails: a hub that never had its engine should say so, and not wait. */
  async start(): Promise<void> {
    let giveUpAt: number | undefined;
    for (;;) {
      const started = await this.#open();
      if (started.ok) break;
      if (!started.locked) throw new EarshotError('EAR_ENGINE_DOWN', `The event engine could not be started. ${started.why}`);
      // On a busy machine an attempt alone may take as long as that.
      giveUpAt ??= Date.now() + this.#times.lockWaitMs;
      if (Date.now() > giveUpAt) throw new EarshotError('EAR_DATA_DIR_BUSY', `Another process has the event store open. ${started.why}`);
      await this.#pause(LOCK_RETRY_MS);
    }
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const current = this.#process;
    if (current) {
      current.terminate();
      const timer = setTimeout(() => current.kill(), this.#times.stopWithinMs);
      await current.ended;
      clearTimeout(timer);
    }
    await this.#watching;
    this.#setDown('The engine was stopped');
  }

  /** Starts a process and waits for it to listen; what does not listen in time is killed. */
  async #open(): Promise<Awaited<EngineProcess['started']>> {
    const opening = this.#spawn();
    this.#process = opening;
    const timer = setTimeout(() => opening.kill(), this.#times.openWithinMs);
    const started = await opening.started;
    clearTimeout(timer);
    if (started.ok) {
      this.#setUp();
    } else {
      opening.kill();
      await opening.ended;
    }
    return started;
  }

  /** Runs until it is told to stop. */
  async #watch(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const since = Date.now();
      await this.#untilEnd();
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - since > STEADY_MS) failures = 0;
      failures = await this.#reopen(failures);
    }
  }

  async #reopen(failures: number): Promise<number> {
    const { backoffMs } = this.#times;
    while (!this.#stopping.signal.aborted) {
      await this.#pause(backoffMs[Math.min(failures, backoffMs.length - 1)] ?? 0);
      if (this.#stopping.signal.aborted) break;
      failures++;
      this.#restarts++;
      this.#telemetry.count('earshot_engine_restarts_total', {});
      const started = await this.#open();
      if (started.ok) break;
      this.#telemetry.log('error', 'The event engine could not be restarted; it is tried again.', { why: started.why, failures });
    }
    return failures;
  }

  /** Resolves when the process is gone: by itself, or because it did not answer. */
  async #untilEnd(): Promise<void> {
    const current = this.#process;
    if (current === undefined) return;
    const gone = new AbortController();
    const ended = current.ended.then((why) => {
      gone.abort();
      this.#setDown(why);
    });
    if (await this.#untilHung(gone.signal)) {
      this.#setDown('The engine does not answer; it is killed and started again');
      current.kill();
    }
    await ended;
  }

  async #untilHung(gone: AbortSignal): Promise<boolean> {
    const { checkEveryMs, checkTimeoutMs, checksUntilHung } = this.#times;
    let unanswered = 0;
    while (!gone.aborted) {
      await this.#pause(checkEveryMs, gone);
      if (gone.aborted || this.#stopping.signal.aborted) return false;
      const answered = await this.#ping(checkTimeoutMs);
      if (gone.aborted || this.#stopping.signal.aborted) return false;
      unanswered = answered ? 0 : unanswered + 1;
      this.#tellCheck(answered);
      if (unanswered >= checksUntilHung) return true;
    }
    return false;
  }

  /** One unanswered check is enough to let nobody wait for the engine, but not to kill it. */
  #tellCheck(answered: boolean): void {
    if (!this.#setAnswers(answered)) return;
    if (answered) this.#telemetry.log('info', 'The event engine answers again.');
    else
      this.#telemetry.log('warn', 'The event engine does not answer. Searches fail until it does; if it goes on so, it is started again.');
  }

  /** Whether that is news. */
  #setAnswers(answers: boolean): boolean {
    if (answers === !this.#silence.signal.aborted) return false;
    if (answers) this.#silence = new AbortController();
    else this.#silence.abort();
    this.#telemetry.gauge('earshot_engine_up', {}, answers ? 1 : 0);
    return true;
  }

  #setUp(): void {
    this.#up = true;
    this.#setAnswers(true);
    this.#telemetry.log('info', 'The event engine is up.', { pid: this.#process?.pid });
    for (const listener of this.#listeners.up) listener();
  }

  #setDown(why: string): void {
    if (!this.#up) return;
    this.#up = false;
    this.#setAnswers(false);
    if (this.#stopping.signal.aborted) this.#telemetry.log('info', 'The event engine was stopped.');
    else this.#telemetry.log('error', 'The event engine is down.', { why });
    for (const listener of this.#listeners.down) listener(why);
  }

  /** Ends early when the supervisor stops, or when `signal` says so. */
  async #pause(ms: number, signal?: AbortSignal): Promise<void> {
    const until = signal ? AbortSignal.any([signal, this.#stopping.signal]) : this.#stopping.signal;
    if (until.aborted || ms === 0) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        until.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      until.addEventListener('abort', done, { once: true });
    });
  }
}
