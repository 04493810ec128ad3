import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EarshotError } from '../lib/errors.ts';
import { Rpc } from '../lib/rpc.ts';
import type { ExpectedAct } from '../model/act.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import type { Intake, RawBatch, Receipt } from '../model/record.ts';
import { replayTelemetry } from '../telemetry/relay.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HubMethods, IngestMethods, IngestStatus, ReloadWanted, StoreHead } from './ingest-contract.ts';
import type { FollowedQuery, TailStart } from './tail/tail-contract.ts';

/** A thread that gives no sign of life for this long hangs: an event, a rule or a disk holds it. It is replaced. */
const TIMES = { hangMs: 30_000, watchMs: 5_000, firstRetryMs: 200, lastRetryMs: 10_000, stopMs: 20_000 } as const;
/** Bound of the thread's young generation, in MiB: V8's own is three times that, takes 100 MiB more under load, and gains nothing here (measured). */
const YOUNG_MB = 16;

export interface IngestHandleDeps {
  /** The thread's module; it receives `init` as `workerData`. */
  readonly entry: URL;
  init(): unknown;
  readonly answers: Pick<HubMethods, 'commit' | 'lookupKey' | 'checkpoint' | 'counting' | 'tailed'>;
  readonly telemetry: Telemetry;
  readonly times?: Partial<Record<keyof typeof TIMES, number>>;
}

/**
 * The ingest thread as the main thread sees it. When it ends or hangs it is started anew on the same raw log:
 * what was acknowledged is replayed from there, and the block that may have ended it is handled with care.
 */
export class IngestHandle implements Intake {
  readonly #deps: IngestHandleDeps;
  readonly #times: Record<keyof typeof TIMES, number>;
  #worker: Worker | undefined;
  #rpc: Rpc<IngestMethods> | undefined;
  #open = false;
  #closedBecause = 'the ingest thread is being started';
  #takesIn = true;
  #followed: readonly FollowedQuery[] = [];
  #waiting: (() => void)[] = [];
  #stopping = false;
  #retryMs: number;
  #watch: NodeJS.Timeout | undefined;

  constructor(deps: IngestHandleDeps) {
    this.#deps = deps;
    this.#times = { ...TIMES, ...deps.times };
    this.#retryMs = this.#times.firstRetryMs;
  }

  /** Starts the thread; resolves when it listens. Rejects when it cannot start at all. */
  async start(): Promise<void> {
    await this.#spawn();
    this.#watch = setInterval(() => void this.#checkAlive(), this.#times.watchMs).unref();
  }

  get open(): boolean {
    return this.#open;
  }

  /** Why nothing is taken in, in words; undefined while it is. */
  get closedBecause(): string | undefined {
    return this.#open ? undefined : this.#closedBecause;
  }

  async whenOpen(): Promise<void> {
    while (!this.#open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  append(batch: RawBatch): Promise<Receipt> {
    return this.#ask('append', batch);
  }

  status(): Promise<IngestStatus> {
    return this.#ask('status', undefined);
  }

  /** How far the store is. Rejects while the thread is being started anew. */
  head(): Promise<StoreHead> {
    return this.#ask('head', undefined);
  }

  drain(): Promise<void> {
    return this.#ask('drain', undefined);
  }

  reload(wanted: ReloadWanted): Promise<readonly string[]> {
    return this.#ask('reload', wanted);
  }

  enrichWith(tables: EnrichmentTables): Promise<void> {
    return this.#ask('enrichWith', tables);
  }

  awaitActs(expected: readonly ExpectedAct[]): Promise<void> {
    return this.#ask('awaitActs', expected);
  }

  listenFor(phrases: readonly string[]): Promise<void> {
    return this.#ask('listenFor', phrases);
  }

  disk({ takesIn }: { readonly takesIn: boolean }): void {
    this.#takesIn = takesIn;
    this.#rpc?.tell('disk', { takesIn });
  }

  /** Follows these queries, and no others. Rejects while the thread is being started anew; then they are followed from its start. */
  tail(queries: readonly FollowedQuery[]): Promise<TailStart> {
    this.#followed = queries;
    return this.#ask('tail', queries);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    this.#setOpen(false);
    const late = new AbortController();
    const stopped = this.#rpc?.call('stop', undefined).catch(() => undefined);
    // A thread that hangs does not stop; what it holds is in the raw log.
    await Promise.race([stopped, sleep(this.#times.stopMs, undefined, { signal: late.signal })]);
    late.abort();
    await this.#worker?.terminate();
  }

  #ask<N extends 'append' | 'status' | 'head' | 'drain' | 'reload' | 'enrichWith' | 'awaitActs' | 'listenFor' | 'tail'>(
    method: N,
    argument: Parameters<IngestMethods[N]>[0],
  ) {
    const rpc = this.#rpc;
    if (rpc === undefined) return Promise.reject(new EarshotError('EAR_RAW_LOG_IO', 'the ingest thread is being restarted'));
    return rpc.call(method, argument);
  }

  async #spawn(): Promise<void> {
    const worker = new Worker(this.#deps.entry, {
      workerData: this.#deps.init(),
      stdout: false,
      stderr: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    const { commit, lookupKey, checkpoint, counting, tailed } = this.#deps.answers;
    const { telemetry } = this.#deps;
    let started: () => void = () => undefined;
    const listening = new Promise<void>((resolve) => {
      started = resolve;
    });
    const hub: HubMethods = {
      commit,
      lookupKey,
      checkpoint,
      counting,
      tailed,
      telemetry: (batch: Parameters<HubMethods['telemetry']>[0]) => replayTelemetry(batch, telemetry),
      log: ({ level, message, about }: Parameters<HubMethods['log']>[0]) => telemetry.log(level, message, about),
      intake: ({ open, why = '' }: Parameters<HubMethods['intake']>[0]) => {
        this.#closedBecause = why;
        this.#setOpen(open);
        started();
      },
    };
    const rpc = new Rpc<IngestMethods>(worker, hub);
    this.#rpc = rpc;
    if (this.#followed.length > 0) rpc.tell('tail', this.#followed);
    // The disk is told of when it changes, which a thread that starts later would not hear.
    if (!this.#takesIn) rpc.tell('disk', { takesIn: false });
    const ended = new Promise<never>((_, reject) => {
      let why: Error | undefined;
      worker.on('error', (error: Error) => {
        why ??= error;
      });
      // Not before its exit: until then it may hold the lock on the raw log, and write to it.
      worker.once('exit', (code) => reject(why ?? new Error(`it ended with code ${code}`)));
    });
    ended.catch((error: Error) => this.#restart(worker, rpc, error));
    await Promise.race([listening, ended]);
    this.#retryMs = this.#times.firstRetryMs;
  }

  async #restart(worker: Worker, rpc: Rpc<IngestMethods>, error: Error): Promise<void> {
    rpc.close(new EarshotError('EAR_RAW_LOG_IO', `the ingest thread ended: ${error.message}`));
    if (this.#stopping || this.#worker !== worker || this.#watch === undefined) return;
    this.#rpc = undefined;
    this.#closedBecause = 'the ingest thread ended and is being started anew';
    this.#setOpen(false);
    this.#deps.telemetry.log('error', 'the ingest thread ended and is started anew', { error: error.message, retry_ms: this.#retryMs });
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
      rpc.call('status', undefined).then(
        () => true,
        () => true,
      ),
      sleep(this.#times.hangMs, false, { ref: false }),
    ]);
    if (alive || this.#worker !== worker || this.#stopping) return;
    this.#deps.telemetry.log('error', 'the ingest thread hangs; it is ended', { seconds: this.#times.hangMs / 1000 });
    await worker.terminate();
  }

  #setOpen(open: boolean): void {
    this.#open = open;
    if (open) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
