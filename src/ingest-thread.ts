import { dirname } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { PackedRules } from './hub/rules/rule-snapshot.ts';
import { IngestSources } from './ingest-sources.ts';
import type { JudgeInit } from './judge-thread.ts';
import { Rpc } from './lib/rpc.ts';
import type { ExpectedAct } from './model/act.ts';
import { AUDIT_SOURCE, type AuditEvent, auditMessage } from './model/audit.ts';
import type { EnrichmentTables } from './model/enrichment.ts';
import type { Intake, RawBatch } from './model/record.ts';
import type { HubMethods, IngestMethods, IngestStatus, ReloadWanted, StoreHead } from './pipeline/ingest-contract.ts';
import type { JudgeHostMethods, JudgeMethods } from './pipeline/judge-contract.ts';
import { packBlock } from './pipeline/packed-block.ts';
import { RawLog } from './raw-log/raw-log.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { TelemetryRelay } from './telemetry/relay.ts';

/** What the main thread gives this thread at its start. */
export interface IngestInit {
  /** The configuration's document, checked before: secrets cannot cross threads as a type. */
  readonly document: unknown;
  readonly rules: PackedRules;
  readonly rawLogDir: string;
  readonly engineSocket: string;
  /** The greatest seq that store and state know of this node: numbering starts behind it. */
  readonly afterSeq: number;
  /** False for one-shot commands: nothing listens. */
  readonly listens: boolean;
  readonly tables: EnrichmentTables;
  readonly acts: readonly ExpectedAct[];
  /** What somebody listens for. */
  readonly phrases: readonly string[];
}

const INTERNAL = { transport: 'internal', decoder: 'json' } as const;
/** What blocks on their way may take of memory here; the judge thread has them once more. */
const BLOCKS_BYTES = 32 * 1024 * 1024;
/** Bound of the judge thread's young generation, in MiB: V8's own takes 100 MiB more under load, and gains nothing here (measured). */
const YOUNG_MB = 24;
/** What a stop grants blocks that are on their way; the others are found again at the next start. */
const DRAIN_MS = 3_000;

/** The ingest thread: sources and the raw log. What its blocks come to is the judge thread's, so that a sender never waits for a rule. */
class IngestThread {
  readonly #init: IngestInit;
  readonly #hub: Rpc<HubMethods>;
  readonly #telemetry: TelemetryRelay;
  readonly #judge: Rpc<JudgeMethods>;
  readonly #sources: IngestSources;
  readonly #intake: Intake;
  #settings: Settings;
  #rawLog: RawLog | undefined;
  #diskTakesIn = true;
  #diskWaiters: (() => void)[] = [];
  #told: string | undefined;
  /** Since when nothing is taken in: senders may hold events that are older than they will seem. */
  #closedSince: number | undefined;
  #stopped = false;

  constructor(init: IngestInit, port: NonNullable<typeof parentPort>) {
    this.#init = init;
    this.#hub = new Rpc<HubMethods>(port, this.#methods());
    this.#telemetry = new TelemetryRelay({
      batch: (batch) => this.#hub.tell('telemetry', batch),
      log: (line) => this.#hub.tell('log', line),
    });
    this.#settings = settingsSchema.parse(init.document);
    this.#judge = this.#startJudge();
    this.#intake = this.#guardedIntake();
    this.#sources = new IngestSources({
      intake: this.#intake,
      telemetry: this.#telemetry,
      loadCheckpoint: (source) => this.#hub.call('checkpoint', { source, waiting: this.#rawLog?.checkpoint(source) }),
      now: Date.now,
    });
  }

  async start(): Promise<void> {
    this.#rawLog = await RawLog.open({
      dir: this.#init.rawLogDir,
      node: this.#settings.node,
      maxBytes: this.#settings.raw_log.max_bytes,
      maxMemoryBytes: BLOCKS_BYTES,
      afterSeq: this.#init.afterSeq,
      now: Date.now,
      telemetry: this.#telemetry,
      onBlock: (block) => {
        const { packed, transfer } = packBlock(block);
        this.#judge.tell('take', packed, transfer);
      },
      isKeyKnown: (key) => this.#hub.call('lookupKey', key),
    });
    if (this.#init.listens) await this.#sources.apply(this.#settings.sources);
    setInterval(() => this.#tellState(), 250).unref();
    this.#tellState();
  }

  #methods(): IngestMethods {
    return {
      append: (batch: RawBatch) => this.#intake.append({ ...batch, messages: batch.messages.map(asBuffer) }),
      drain: () => this.#drain(),
      reload: (wanted: ReloadWanted) => this.#reload(wanted),
      enrichWith: (tables: EnrichmentTables) => this.#judge.call('enrichWith', tables),
      awaitActs: (expected: readonly ExpectedAct[]) => this.#judge.call('awaitActs', expected),
      listenFor: (phrases: readonly string[]) => this.#judge.call('listenFor', phrases),
      tail: (queries: Parameters<IngestMethods['tail']>[0]) => this.#judge.call('tail', queries),
      status: () => this.#status(),
      head: () => this.#head(),
      disk: ({ takesIn }: { takesIn: boolean }) => this.#setDisk(takesIn),
      stop: () => this.#stop(),
    };
  }

  /** The raw log, as long as the disk has room: below its watermark only Earshot's own events go in. */
  #guardedIntake(): Intake {
    const thread = this;
    return {
      get open() {
        return thread.#diskTakesIn && (thread.#rawLog?.open ?? false);
      },
      append: (batch) => {
        const log = this.#rawLog;
        if (log === undefined) return Promise.reject(new Error('the raw log is not open yet'));
        return log.append(batch).then((receipt) => {
          if (!receipt.duplicate) this.#countReceived(batch);
          return receipt;
        });
      },
      whenOpen: async () => {
        while (!this.#intake.open) {
          if (this.#diskTakesIn) await this.#rawLog?.whenOpen();
          else await new Promise<void>((resolve) => this.#diskWaiters.push(resolve));
        }
      },
    };
  }

  /** Once they are on disk: a batch that was refused comes again. */
  #countReceived({ source, messages }: RawBatch): void {
    let bytes = 0;
    for (const message of messages) bytes += message.length;
    this.#telemetry.count('earshot_received_events_total', { source }, messages.length);
    this.#telemetry.count('earshot_received_bytes_total', { source }, bytes);
  }

  /** When the judge thread ends by itself, this one does too: the main thread starts both anew, on what the raw log has. */
  #startJudge(): Rpc<JudgeMethods> {
    const { document, rules, engineSocket, tables, acts, phrases } = this.#init;
    const init: JudgeInit = { document, rules, engineSocket, runDir: dirname(engineSocket), tables, acts, phrases };
    const worker = new Worker(new URL('./judge-thread.ts', import.meta.url), {
      workerData: init,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('error', (error) => {
      throw error;
    });
    worker.on('exit', (code) => {
      if (!this.#stopped) throw new Error(`the judge thread ended with code ${code}`);
    });
    const host: JudgeHostMethods = {
      commit: (block: Parameters<JudgeHostMethods['commit']>[0]) => this.#hub.call('commit', block),
      begun: async ({ id }: Parameters<JudgeHostMethods['begun']>[0]) => this.#rawLog?.begun(id),
      released: async ({ id, by }: Parameters<JudgeHostMethods['released']>[0]) =>
        by === 'stored' ? this.#rawLog?.stored(id) : this.#rawLog?.alerted(id),
      counting: (from: Parameters<JudgeHostMethods['counting']>[0]) => this.#hub.tell('counting', from),
      audit: (event: AuditEvent) => this.#audit(event),
      tailed: (batch: Parameters<JudgeHostMethods['tailed']>[0]) => this.#hub.tell('tailed', batch, [batch.buffer]),
      telemetry: (batch: Parameters<JudgeHostMethods['telemetry']>[0]) => this.#hub.tell('telemetry', batch),
      log: (line: Parameters<JudgeHostMethods['log']>[0]) => this.#hub.tell('log', line),
    };
    return new Rpc<JudgeMethods>(worker, host);
  }

  #audit(event: AuditEvent): void {
    const now = Date.now();
    this.#intake
      .append({ source: AUDIT_SOURCE, origin: INTERNAL, receivedAt: now, messages: [auditMessage(event, now)] })
      .catch((error: unknown) =>
        this.#telemetry.log('error', 'an audit event could not be kept', { action: event.action, error: String(error) }),
      );
  }

  async #reload(wanted: ReloadWanted): Promise<readonly string[]> {
    this.#settings = settingsSchema.parse(wanted.document);
    await this.#judge.call('reload', wanted);
    return this.#init.listens ? await this.#sources.apply(this.#settings.sources) : [];
  }

  async #drain(): Promise<void> {
    await this.#rawLog?.drained();
    this.#telemetry.flush();
  }

  async #status(): Promise<IngestStatus> {
    const log = this.#rawLog?.status();
    return {
      rawLog: log ?? { open: false, reason: 'closed', bytes: 0, maxBytes: this.#settings.raw_log.max_bytes },
      sources: this.#sources.status(),
      rules: await this.#judge.call('status', undefined),
    };
  }

  #head(): StoreHead {
    const { node } = this.#settings;
    const log = this.#rawLog;
    if (log === undefined) return { node, seq: 0, receivedAt: 0, idle: false };
    const { seq, waitingSince } = log.head();
    const since = Math.min(waitingSince ?? Number.POSITIVE_INFINITY, this.#closedSince ?? Number.POSITIVE_INFINITY);
    return { node, seq, receivedAt: Math.min(since, Date.now()), idle: since === Number.POSITIVE_INFINITY };
  }

  #setDisk(takesIn: boolean): void {
    this.#diskTakesIn = takesIn;
    if (takesIn) for (const resolve of this.#diskWaiters.splice(0)) resolve();
    this.#tellState();
  }

  #tellState(): void {
    const why = this.#closedBecause();
    if (why !== this.#told) this.#hub.tell('intake', { open: why === '', ...(why !== '' && { why }) });
    this.#told = why;
    this.#closedSince = why === '' ? undefined : (this.#closedSince ?? Date.now());
    const oldest = this.#rawLog?.status().oldestReceivedAt;
    this.#telemetry.gauge('earshot_store_lag_seconds', {}, oldest === undefined ? 0 : Math.max(0, Date.now() - oldest) / 1000);
  }

  /** Why nothing is taken in; '' when something is. */
  #closedBecause(): string {
    if (!this.#diskTakesIn) return 'the disk under the data folder has less free than disk.min_free_bytes';
    const { reason = 'closed', fault = 'it cannot be written', open = false } = this.#rawLog?.status() ?? {};
    if (open) return '';
    if (reason === 'full') return 'the raw log has reached raw_log.max_bytes, because the engine or alerting does not take its blocks';
    return reason === 'fault' ? `the raw log: ${fault}` : 'the raw log is not open yet';
  }

  async #stop(): Promise<void> {
    await this.#sources.stopAll();
    await Promise.race([this.#rawLog?.drained(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    this.#stopped = true;
    await this.#judge.call('stop', undefined);
    await this.#rawLog?.close();
    this.#telemetry.close();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

if (parentPort !== null) await new IngestThread(workerData as IngestInit, parentPort).start();
