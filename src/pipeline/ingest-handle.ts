import { EarshotError } from '../lib/errors.ts';
import { KeptThread, type ThreadTimes } from '../lib/kept-thread.ts';
import type { ExpectedAct } from '../model/act.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import type { Intake, RawBatch, Receipt } from '../model/record.ts';
import { replayTelemetry } from '../telemetry/relay.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HubMethods, IngestMethods, IngestStatus, ReloadWanted, StoreHead } from './ingest-contract.ts';
import type { FollowedQuery, TailStart } from './tail/tail-contract.ts';

/** Bound of the thread's young generation, in MiB: V8's own is three times that, takes 100 MiB more under load, and gains nothing here (measured). */
const YOUNG_MB = 16;

export interface IngestHandleDeps {
  /** The thread's module; it receives `init` as `workerData`. */
  readonly entry: URL;
  init(): unknown;
  readonly answers: Pick<HubMethods, 'commit' | 'lookupKey' | 'checkpoint' | 'counting' | 'tailed'>;
  readonly telemetry: Telemetry;
  readonly times?: Partial<ThreadTimes>;
}

/**
 * The ingest thread as the main thread sees it. When it ends or hangs it is started anew on the same raw log:
 * what was acknowledged is replayed from there, and the block that may have ended it is handled with care.
 */
export class IngestHandle implements Intake {
  readonly #telemetry: Telemetry;
  readonly #thread: KeptThread<IngestMethods>;
  #open = false;
  #closedBecause = 'the ingest thread is being started';
  #takesIn = true;
  #followed: readonly FollowedQuery[] = [];
  #waiting: (() => void)[] = [];

  constructor({ entry, init, answers, telemetry, times }: IngestHandleDeps) {
    this.#telemetry = telemetry;
    this.#thread = new KeptThread<IngestMethods>({
      ...{ entry, init, times, youngMb: YOUNG_MB, answers: this.#hubMethods(answers) },
      onSpawned: (rpc) => {
        if (this.#followed.length > 0) rpc.tell('tail', this.#followed);
        // The disk is told of when it changes, which a thread that starts later would not hear.
        if (!this.#takesIn) rpc.tell('disk', { takesIn: false });
      },
      gone: (why) =>
        new EarshotError('EAR_RAW_LOG_IO', why === undefined ? 'the ingest thread is being restarted' : `the ingest thread ended: ${why}`),
      onEnded: (error, retryMs) => {
        this.#closedBecause = 'the ingest thread ended and is being started anew';
        this.#setOpen(false);
        telemetry.log('error', 'the ingest thread ended and is started anew', { error, retry_ms: retryMs });
      },
      onHung: (afterMs) => telemetry.log('error', 'the ingest thread hangs; it is ended', { seconds: afterMs / 1000 }),
    });
  }

  /** Starts the thread; resolves when it listens. Rejects when it cannot start at all. */
  start(): Promise<void> {
    return this.#thread.start();
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
    return this.#thread.call('append', batch);
  }

  status(): Promise<IngestStatus> {
    return this.#thread.call('status', undefined);
  }

  /** How far the store is. Rejects while the thread is being started anew. */
  head(): Promise<StoreHead> {
    return this.#thread.call('head', undefined);
  }

  drain(): Promise<void> {
    return this.#thread.call('drain', undefined);
  }

  reload(wanted: ReloadWanted): Promise<readonly string[]> {
    return this.#thread.call('reload', wanted);
  }

  enrichWith(tables: EnrichmentTables): Promise<void> {
    return this.#thread.call('enrichWith', tables);
  }

  awaitActs(expected: readonly ExpectedAct[]): Promise<void> {
    return this.#thread.call('awaitActs', expected);
  }

  listenFor(phrases: readonly string[]): Promise<void> {
    return this.#thread.call('listenFor', phrases);
  }

  disk({ takesIn }: { readonly takesIn: boolean }): void {
    this.#takesIn = takesIn;
    this.#thread.tell('disk', { takesIn });
  }

  /** Follows these queries, and no others. Rejects while the thread is being started anew; then they are followed from its start. */
  tail(queries: readonly FollowedQuery[]): Promise<TailStart> {
    this.#followed = queries;
    return this.#thread.call('tail', queries);
  }

  async stop(): Promise<void> {
    this.#setOpen(false);
    await this.#thread.stop();
  }

  #hubMethods(answers: IngestHandleDeps['answers']): HubMethods {
    const { commit, lookupKey, checkpoint, counting, tailed } = answers;
    return {
      ...{ commit, lookupKey, checkpoint, counting, tailed },
      telemetry: (batch) => replayTelemetry(batch, this.#telemetry),
      log: ({ level, message, about }) => this.#telemetry.log(level, message, about),
      intake: ({ open, why = '' }) => {
        this.#closedBecause = why;
        this.#setOpen(open);
        this.#thread.ready();
      },
    };
  }

  #setOpen(open: boolean): void {
    this.#open = open;
    if (open) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
