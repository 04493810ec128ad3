import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { IngestSources } from './ingest-sources.ts';
import { untilDone } from './lib/retry.ts';
import { Rpc } from './lib/rpc.ts';
import { AUDIT_SOURCE, type AuditEvent, auditMessage } from './model/audit.ts';
import type { Intake, Origin, RawBatch } from './model/record.ts';
import type { HubMethods, IngestMethods, IngestStatus } from './pipeline/ingest-contract.ts';
import { LastEvent } from './pipeline/last-event.ts';
import { MismatchReports } from './pipeline/mismatch-reports.ts';
import { type BlockWriter, Pump } from './pipeline/pump.ts';
import type { Block } from './raw-log/block.ts';
import { RawLog } from './raw-log/raw-log.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { buildStages, readRuleFolders } from './stages.ts';
import { BlockEncoder, type EncodedBlock } from './store/encode.ts';
import { EngineClient } from './store/engine/client.ts';
import { insertBlock } from './store/insert-block.ts';
import { MergePacer } from './store/merge-pacer.ts';
import { retentionClasses } from './store/retention-class.ts';
import { EngineError } from './store/store.ts';
import { TelemetryRelay } from './telemetry/relay.ts';

/** What the main thread gives this thread at its start. */
export interface IngestInit {
  /** The configuration's document, checked before: secrets cannot cross threads as a type. */
  readonly document: unknown;
  readonly rawLogDir: string;
  readonly engineSocket: string;
  /** The greatest seq that store and state know of this node: numbering starts behind it. */
  readonly afterSeq: number;
  /** False for one-shot commands: nothing listens. */
  readonly listens: boolean;
}

const INTERNAL = { transport: 'internal', decoder: 'json' } as const;
/** An idle hub's blocks are small; a busy one's teach the next how much room they need. */
const FIRST_BLOCK_BYTES = 64 * 1024;
/** After this many failures in a row an outage is an error in the log, and said once. */
const TELL_AT_ATTEMPT = 5;
/** What a stop grants blocks that are on their way; the others are found again at the next start. */
const DRAIN_MS = 3_000;

/** The ingest thread: raw log, sources, and the pump between them and the engine. The only place that knows all of them. */
class IngestThread {
  readonly #init: IngestInit;
  readonly #hub: Rpc<HubMethods>;
  readonly #telemetry: TelemetryRelay;
  readonly #engine: EngineClient;
  readonly #sources: IngestSources;
  readonly #pump: Pump;
  readonly #lastEvent: LastEvent;
  readonly #stopping = new AbortController();
  readonly #intake: Intake;
  #settings: Settings;
  #stages: ReturnType<typeof buildStages>;
  #retentionOf: ReturnType<typeof retentionClasses>;
  #rejectedRules = 0;
  #expectedBytes = FIRST_BLOCK_BYTES;
  readonly #originTexts = new WeakMap<Origin, string>();
  #rawLog: RawLog | undefined;
  #diskTakesIn = true;
  #stored = 0;
  readonly #merges: MergePacer;
  #diskWaiters: (() => void)[] = [];
  #told: string | undefined;
  readonly #toldCosts = new Map<string, number>();

  constructor(init: IngestInit, port: NonNullable<typeof parentPort>) {
    this.#init = init;
    this.#hub = new Rpc<HubMethods>(port, this.#methods());
    this.#telemetry = new TelemetryRelay({
      batch: (batch) => this.#hub.tell('telemetry', batch),
      log: (line) => this.#hub.tell('log', line),
    });
    this.#settings = settingsSchema.parse(init.document);
    this.#retentionOf = retentionClasses(this.#settings.retention);
    this.#stages = this.#build();
    this.#engine = new EngineClient(
      { socketPath: init.engineSocket },
      { insertTimeoutMs: this.#settings.engine.insert_timeout_secs * 1000 },
    );
    this.#merges = new MergePacer(this.#engine, this.#telemetry);
    this.#intake = this.#guardedIntake();
    this.#sources = new IngestSources({
      intake: this.#intake,
      telemetry: this.#telemetry,
      loadCheckpoint: (source) => this.#hub.call('checkpoint', source),
      now: Date.now,
    });
    this.#lastEvent = LastEvent.open(join(dirname(init.engineSocket), 'last-event'));
    this.#pump = this.#createPump();
  }

  async start(): Promise<void> {
    this.#rawLog = await RawLog.open({
      dir: this.#init.rawLogDir,
      node: this.#settings.node,
      maxBytes: this.#settings.raw_log.max_bytes,
      afterSeq: this.#init.afterSeq,
      now: Date.now,
      telemetry: this.#telemetry,
      onBlock: (block) => void this.#pump.take(block),
      isKeyKnown: (key) => this.#hub.call('lookupKey', key),
    });
    if (this.#init.listens) await this.#sources.apply(this.#settings.sources);
    setInterval(() => this.#tellState(), 250).unref();
    setInterval(() => this.#paceMerges(), 1_000).unref();
    this.#tellState();
  }

  #methods(): IngestMethods {
    return {
      append: (batch: RawBatch) => this.#intake.append({ ...batch, messages: batch.messages.map(asBuffer) }),
      drain: () => this.#drain(),
      reload: (document: unknown) => this.#reload(document),
      status: () => this.#status(),
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

  #createPump(): Pump {
    const mismatches = new MismatchReports((event) => this.#audit(event));
    return new Pump({
      node: this.#settings.node,
      stages: () => this.#stages.stages,
      writer: (block) => this.#writer(block),
      commit: (detected) => this.#persist('alerting', () => this.#hub.call('commit', detected)),
      released: async (block, by) => (by === 'stored' ? this.#rawLog?.stored(block.id) : this.#rawLog?.alerted(block.id)),
      onMismatch: (record, mismatch) => mismatches.note(record, mismatch),
      lastEvent: this.#lastEvent,
      lateAfterMs: () => this.#settings.rules.late_after_hours * 3_600_000,
      telemetry: this.#telemetry,
      now: Date.now,
    });
  }

  #writer(block: Block): BlockWriter {
    const encoder = new BlockEncoder({ retentionOf: this.#retentionOf }, this.#expectedBytes);
    return {
      add: (event, record) => encoder.add(event, this.#originText(record.origin)),
      store: () => this.#store(encoder.finish(), block),
    };
  }

  async #store(encoded: EncodedBlock, block: Block): Promise<void> {
    this.#expectedBytes = Math.max(encoded.body.length, Math.floor(this.#expectedBytes * 0.9));
    let resumed = block.replayed;
    const inserted = await this.#persist('store', async () => {
      const result = await insertBlock(this.#engine, encoded, { resumed });
      resumed = true;
      if (result.ok) return result.value;
      throw new EngineError(result.error);
    });
    this.#stored += encoded.rows;
    for (const { seq, reason } of inserted.setAside) {
      this.#telemetry.count('earshot_undecoded_events_total', { reason: 'set_aside' });
      this.#telemetry.log('error', 'an event could not be stored with its fields; it is kept bare', { seq, reason });
    }
  }

  /** The origin as JSON, worked out once for a connection. */
  #originText(origin: Origin): string {
    let text = this.#originTexts.get(origin);
    if (text === undefined) {
      text = JSON.stringify(origin);
      this.#originTexts.set(origin, text);
    }
    return text;
  }

  /** Tries until it is done. What is not done when the thread stops stays in the raw log, and nobody waits for it any more. */
  #persist<T>(what: 'store' | 'alerting', work: () => Promise<T>): Promise<T> {
    const { signal } = this.#stopping;
    const done = untilDone(work, {
      signal,
      onFailure: (error, attempt) => {
        const level = attempt % TELL_AT_ATTEMPT === 0 ? 'error' : 'debug';
        this.#telemetry.log(level, `${what} does not take a block; it waits in the raw log`, { attempt, error: String(error) });
      },
    });
    return done.catch((error: unknown) => (signal.aborted ? new Promise<never>(() => undefined) : Promise.reject(error)));
  }

  #audit(event: AuditEvent): void {
    const now = Date.now();
    this.#intake
      .append({ source: AUDIT_SOURCE, origin: INTERNAL, receivedAt: now, messages: [auditMessage(event, now)] })
      .catch((error: unknown) =>
        this.#telemetry.log('error', 'an audit event could not be kept', { action: event.action, error: String(error) }),
      );
  }

  #build(): ReturnType<typeof buildStages> {
    const { rules, rejected } = readRuleFolders(this.#settings);
    this.#rejectedRules = rejected.length;
    return buildStages(this.#settings, rules, (rule, error) =>
      this.#telemetry.log('error', 'a rule failed on an event', { rule: rule?.name ?? 'the index over all rules', error: String(error) }),
    );
  }

  async #reload(document: unknown): Promise<readonly string[]> {
    this.#settings = settingsSchema.parse(document);
    this.#retentionOf = retentionClasses(this.#settings.retention);
    this.#tellCosts();
    this.#stages = this.#build();
    this.#toldCosts.clear();
    return this.#init.listens ? await this.#sources.apply(this.#settings.sources) : [];
  }

  async #drain(): Promise<void> {
    await this.#rawLog?.drained();
    this.#telemetry.flush();
  }

  #status(): IngestStatus {
    const log = this.#rawLog?.status();
    return {
      rawLog: log ?? { open: false, reason: 'closed', bytes: 0, maxBytes: this.#settings.raw_log.max_bytes },
      sources: this.#sources.status(),
      rules: { loaded: this.#stages.ruleSet.rules.length, rejected: this.#rejectedRules },
    };
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
    const oldest = this.#rawLog?.status().oldestReceivedAt;
    this.#telemetry.gauge('earshot_store_lag_seconds', {}, oldest === undefined ? 0 : Math.max(0, Date.now() - oldest) / 1000);
    this.#tellCosts();
  }

  /** What rules have cost since this was told last. */
  #tellCosts(): void {
    const { ruleSet } = this.#stages;
    ruleSet.rules.forEach(({ name, id }, i) => {
      const { estimatedMs } = ruleSet.costs.of(i);
      const more = estimatedMs - (this.#toldCosts.get(id) ?? 0);
      if (more <= 0) return;
      this.#toldCosts.set(id, estimatedMs);
      this.#telemetry.count('earshot_rule_seconds_total', { rule: name }, more / 1000);
    });
  }

  /** Why nothing is taken in; '' when something is. */
  #closedBecause(): string {
    if (!this.#diskTakesIn) return 'the disk under the data folder has less free than disk.min_free_bytes';
    const { reason = 'closed', fault = 'it cannot be written', open = false } = this.#rawLog?.status() ?? {};
    if (open) return '';
    if (reason === 'full') return 'the raw log has reached raw_log.max_bytes, because the engine or alerting does not take its blocks';
    return reason === 'fault' ? `the raw log: ${fault}` : 'the raw log is not open yet';
  }

  #paceMerges(): void {
    const eventsPerSecond = this.#stored;
    this.#stored = 0;
    const now = Date.now();
    void this.#merges.look({ eventsPerSecond, behindMs: now - (this.#rawLog?.status().oldestReceivedAt ?? now), now });
  }

  async #stop(): Promise<void> {
    await this.#sources.stopAll();
    await Promise.race([this.#rawLog?.drained(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    this.#stopping.abort();
    await this.#rawLog?.close();
    await this.#engine.close();
    this.#lastEvent.close();
    this.#telemetry.close();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

if (parentPort !== null) await new IngestThread(workerData as IngestInit, parentPort).start();
