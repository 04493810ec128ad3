import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Alerting, createAlerting } from './alert/alerting.ts';
import { type Alerts, createAlerts } from './alert/alerts.ts';
import type { Router } from './alert/routing.ts';
import type { IngestInit } from './ingest-thread.ts';
import { NOTIFIERS } from './integrations/index.ts';
import { Closing } from './lib/closing.ts';
import { EarshotError } from './lib/errors.ts';
import { AUDIT_SOURCE, type AuditEvent, auditMessage } from './model/audit.ts';
import type { RuleInfo } from './model/detection.ts';
import { Outbox } from './notify/outbox.ts';
import { configuredNotifiers } from './notify/settings.ts';
import { IngestHandle } from './pipeline/ingest-handle.ts';
import { lockFolder } from './raw-log/lock.ts';
import { compileRoutes } from './routes-compiler.ts';
import type { Settings } from './settings.ts';
import { readRuleFolders } from './stages.ts';
import { type EmbeddedEngine, startEngine } from './store/engine/engine.ts';
import { detachedParts } from './store/health.ts';
import { migrate } from './store/migrations.ts';
import { sql, u64 } from './store/sql.ts';
import { openState } from './store/state/open.ts';
import type { State } from './store/state/state.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { Upkeep } from './upkeep.ts';

export interface AppOptions {
  readonly settings: Settings;
  /** The document the settings were read from; the ingest thread reads it again. */
  readonly document: unknown;
  readonly dataDir: string;
  readonly telemetry: Telemetry;
  /** `hub`: listens, tells and cleans up. `command`: a one-shot command on a folder without a hub. */
  readonly mode: 'hub' | 'command';
}

/** Everything that runs on a data folder, but for the API: opened back to front, so that what receives is opened last and closed first. */
export class App {
  readonly dataDir: string;
  readonly telemetry: Telemetry;
  readonly #mode: AppOptions['mode'];
  readonly #closing = new Closing();
  #settings: Settings;
  #document: unknown;
  #router: Router;
  #rules: ReturnType<typeof readRuleFolders>;
  #ruleInfo: ReadonlyMap<string, RuleInfo>;
  #parts: Parts | undefined;
  #outbox: Outbox | undefined;

  private constructor({ settings, document, dataDir, telemetry, mode }: AppOptions) {
    this.dataDir = dataDir;
    this.telemetry = telemetry;
    this.#mode = mode;
    this.#settings = settings;
    this.#document = document;
    this.#router = routerOf(settings);
    this.#rules = readRuleFolders(settings);
    this.#ruleInfo = new Map(this.#rules.rules.map((rule) => [rule.id, rule]));
  }

  /** Throws an {@link EarshotError} when something cannot be had; what was opened before is closed again then. */
  static async start(options: AppOptions): Promise<App> {
    const app = new App(options);
    try {
      await app.#open();
      return app;
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  get settings(): Settings {
    return this.#settings;
  }

  get rules(): ReturnType<typeof readRuleFolders> {
    return this.#rules;
  }

  get engine(): EmbeddedEngine {
    return this.#opened.engine;
  }

  get state(): State {
    return this.#opened.state;
  }

  get alerts(): Alerts {
    return this.#opened.alerts;
  }

  get ingest(): IngestHandle {
    return this.#opened.ingest;
  }

  /** Something waits in the outbox. */
  wakeOutbox(): void {
    this.#outbox?.wake();
  }

  /** Records what a user or Earshot itself did. Never throws: the act itself must not fail for its record, which is told instead. */
  audit(event: AuditEvent): void {
    const now = Date.now();
    this.#parts?.ingest
      .append({
        source: AUDIT_SOURCE,
        origin: { transport: 'internal', decoder: 'json' },
        receivedAt: now,
        messages: [auditMessage(event, now)],
      })
      .catch((error: unknown) =>
        this.telemetry.log('error', 'an audit event could not be kept', { action: event.action, error: String(error) }),
      );
  }

  /**
   * Applies a configuration that was checked before. Connections, queues and blocks under way stay.
   * Answers what needs a restart, or could not be applied.
   */
  async reload(settings: Settings, document: unknown): Promise<readonly string[]> {
    const fixed = FIXED.filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(this.#settings[key]));
    this.#router = routerOf(settings);
    this.#rules = readRuleFolders(settings);
    this.#ruleInfo = new Map(this.#rules.rules.map((rule) => [rule.id, rule]));
    this.#settings = settings;
    this.#document = document;
    await this.#outbox?.stop();
    this.#startOutbox();
    const sources = await this.ingest.reload(document);
    return [...fixed.map((key) => `${key}: takes effect at the next start`), ...sources];
  }

  /** Closes what was opened, the last first. What is under way stays in the raw log. */
  async close(): Promise<void> {
    await this.#outbox?.stop();
    await this.#closing.closeAll((name, error) => this.telemetry.log('error', 'could not be closed', { what: name, error: String(error) }));
  }

  get #opened(): Parts {
    if (this.#parts === undefined) throw new Error('the hub is not open yet');
    return this.#parts;
  }

  async #open(): Promise<void> {
    const { dataDir, telemetry } = this;
    const runDir = join(dataDir, 'run');
    await makePrivate(dataDir);
    await makePrivate(runDir);
    this.#closing.add('lock', takeFolder(runDir, dataDir), (unlock) => unlock());
    const onError = (error: Error) => telemetry.log('warn', 'a connection to the state database broke', { error: error.message });
    const state = this.#closing.add('state', await openState(this.#settings.state, { folder: dataDir, onError }), (opened) =>
      opened.close(),
    );
    const { max_memory_bytes: maxMemoryBytes, insert_timeout_secs: insertTimeoutSecs } = this.#settings.engine;
    const engine = this.#closing.add(
      'engine',
      await startEngine({ dataDir: join(dataDir, 'events'), runDir, telemetry, maxMemoryBytes, insertTimeoutMs: insertTimeoutSecs * 1000 }),
      (started) => started.stop(),
    );
    telemetry.gauge('earshot_engine_up', {}, 1);
    engine.onUp(() => telemetry.gauge('earshot_engine_up', {}, 1));
    engine.onDown(() => telemetry.gauge('earshot_engine_up', {}, 0));
    await migrate(engine);
    await this.#tellDetachedParts(engine);

    const alerting = createAlerting({
      state,
      settings: this.#settings.alerts,
      ruleInfo: (id) => this.#ruleInfo.get(id),
      router: () => this.#router,
      telemetry,
      now: Date.now,
      onQueued: () => this.wakeOutbox(),
    });
    const ingest = this.#ingestHandle(engine, state, alerting, await this.#lastSeq(engine, state));
    this.#parts = { engine, state, alerts: createAlerts(state, Date.now), ingest };
    await this.#closing.add('ingest', ingest, (handle) => handle.stop()).start();
    if (this.#mode === 'command') return;
    this.#closing.add('upkeep', new Upkeep(this), (upkeep) => upkeep.stop()).start();
    this.#startOutbox();
  }

  #ingestHandle(engine: EmbeddedEngine, state: State, alerting: Alerting, afterSeq: number): IngestHandle {
    return new IngestHandle({
      entry: new URL('./ingest-thread.ts', import.meta.url),
      init: (): IngestInit => ({
        document: this.#document,
        rawLogDir: join(this.dataDir, 'raw-log'),
        engineSocket: engine.socketPath,
        afterSeq,
        listens: this.#mode === 'hub',
      }),
      answers: {
        commit: async (block) => void (await alerting.commitBlock(block)),
        lookupKey: (key) => state.ingestKeys.lookup(key),
        checkpoint: (source) => state.positions.checkpoint(source),
      },
      telemetry: this.telemetry,
    });
  }

  #startOutbox(): void {
    if (this.#mode === 'command') return;
    this.#outbox = new Outbox({
      notifiers: configuredNotifiers(this.#settings.notifiers, NOTIFIERS),
      holder: `hub-${this.#settings.node}`,
      state: this.state,
      settings: this.#settings.outbox,
      loadAlerts: (ids) => this.alerts.byIds(ids),
      telemetry: this.telemetry,
      now: Date.now,
    });
    this.#outbox.start();
  }

  /** The engine puts damaged parts aside at its start without a word. */
  async #tellDetachedParts(engine: EmbeddedEngine): Promise<void> {
    for (const { name, partitionId, reason, bytes } of await detachedParts(engine)) {
      this.telemetry.log('error', 'the engine has put a part of the events aside: they are not found any more', {
        name,
        partition: partitionId,
        reason,
        bytes,
      });
    }
  }

  async #lastSeq(engine: EmbeddedEngine, state: State): Promise<number> {
    const { node } = this.#settings;
    const [row] = await engine.query<{ seq: string }>(
      sql`SELECT max(seq) AS seq FROM earshot.events WHERE node = ${u64(node)}`,
      SEQ_BOUNDS,
    );
    return Math.max(Number(row?.seq ?? 0), await state.positions.watermark(node));
  }
}

interface Parts {
  readonly engine: EmbeddedEngine;
  readonly state: State;
  readonly alerts: Alerts;
  readonly ingest: IngestHandle;
}

const SEQ_BOUNDS = { timeoutMs: 60_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1, lane: 'system' } as const;

/** Settings that a running hub cannot change. */
const FIXED = ['data_dir', 'node', 'api', 'raw_log', 'engine', 'state', 'log', 'alerts'] as const;

function routerOf(settings: Settings): Router {
  const router = compileRoutes(settings);
  if (router.ok) return router.value;
  throw new EarshotError('EAR_CONFIG_INVALID', router.error.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

/** A folder that only this user can enter: who can enter it is trusted as an administrator. */
async function makePrivate(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}

function takeFolder(runDir: string, dataDir: string): () => void {
  try {
    return lockFolder(runDir);
  } catch (cause) {
    throw new EarshotError('EAR_DATA_DIR_BUSY', `another hub runs on ${dataDir}`, { cause });
  }
}
