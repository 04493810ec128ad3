import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Alerting, createAlerting } from './alert/alerting.ts';
import { type Alerts, createAlerts } from './alert/alerts.ts';
import { createFoundAlerts, type FoundAlerts } from './alert/found-alerts.ts';
import type { Router } from './alert/routing.ts';
import { Baselining } from './baselining.ts';
import { sameSettings } from './config/same-settings.ts';
import { Correlating } from './correlating.ts';
import { Counting } from './counting.ts';
import type { CorrelationHealth } from './detect/correlate/tick.ts';
import { type Excepted, withExceptions } from './detect/sigma/exception.ts';
import { membersOf } from './detect/sigma/load.ts';
import type { ReadOptions } from './detect/sigma/rule.ts';
import type { Placeholders } from './detect/sigma/text-values.ts';
import { DiskWatch } from './disk-watch.ts';
import type { IngestInit } from './ingest-thread.ts';
import { NOTIFIERS } from './integrations/index.ts';
import { Closing } from './lib/closing.ts';
import { EarshotError } from './lib/errors.ts';
import { ListHistory } from './list-history.ts';
import { ListeningClock } from './listening-clock.ts';
import { placeholdersOf } from './lists/placeholders.ts';
import { logSourcesOf } from './log-source-settings.ts';
import { LookUpTables } from './look-up-tables.ts';
import { AUDIT_SOURCE, type AuditEvent, auditMessage } from './model/audit.ts';
import { isOnTrial, type RuleInfo } from './model/detection.ts';
import { Outbox } from './notify/outbox.ts';
import { configuredNotifiers } from './notify/settings.ts';
import { IngestHandle } from './pipeline/ingest-handle.ts';
import { unpackTail } from './pipeline/tail/packed-tail.ts';
import { TailHub } from './pipeline/tail/tail-hub.ts';
import { lockFolder } from './raw-log/lock.ts';
import { ingestDocument, keepFixed, lostRules, type Reloaded, rejectedNotes, stagedNotes, type Versions } from './reload.ts';
import { compileRoutes } from './routes-compiler.ts';
import { RuleCache } from './rule-cache.ts';
import { RuleCare } from './rule-care.ts';
import { loadRulesAside } from './rule-loader.ts';
import { type PackedRules, packRules, unpackRules } from './rule-snapshot.ts';
import { quietedBy } from './running-rules.ts';
import type { Settings } from './settings.ts';
import { SideLane } from './side-lane.ts';
import { SilenceWatch } from './silence-watch.ts';
import { readRuleFolders } from './stages.ts';
import { type EmbeddedEngine, startEngine } from './store/engine/engine.ts';
import { endLeftOver } from './store/engine/left-over.ts';
import { detachedParts } from './store/health.ts';
import { migrate } from './store/migrations.ts';
import { sql, u64 } from './store/sql.ts';
import { openState } from './store/state/open.ts';
import type { State } from './store/state/state.ts';
import { storedLookUps } from './stored-look-ups.ts';
import { silent, type Telemetry } from './telemetry/telemetry.ts';
import { withUsual } from './told-usual.ts';
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
  /** Who watches events as they come. */
  readonly tail = new TailHub((queries) => this.ingest.tail(queries));
  readonly #mode: AppOptions['mode'];
  readonly #closing = new Closing();
  readonly #started: Versions;
  #correlating: Correlating | undefined;
  #settings: Settings;
  #document: unknown;
  #router: Router;
  readonly #cacheDir: string;
  /** Read when the lists are known, which rules may name. */
  #fileRules: ReturnType<typeof readRuleFolders> = {
    rules: [],
    rejected: [],
    silent: [],
    correlations: [],
    baselines: [],
    silences: [],
    lints: [],
  };
  /** The rules of the files with the hub's own exceptions in them. */
  #excepted: Excepted = { loaded: this.#fileRules, held: [] };
  #packedRules: PackedRules = packRules(this.#fileRules);
  #ruleInfo: ReadonlyMap<string, RuleInfo> = new Map();
  #quieted: ReturnType<typeof quietedBy> = new Map();
  #parts: Parts | undefined;
  #outbox: Outbox | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  readonly #lookUps: LookUpTables;
  readonly #ruleCare = new RuleCare();

  private constructor({ settings, document, dataDir, telemetry, mode }: AppOptions) {
    this.#lookUps = new LookUpTables({
      settings: () => this.#settings,
      publish: (tables) => this.ingest.enrichWith(tables),
      telemetry,
    });
    this.dataDir = dataDir;
    this.telemetry = telemetry;
    this.#mode = mode;
    this.#started = { settings, document };
    this.#settings = settings;
    this.#document = document;
    this.#router = routerOf(settings);
    this.#cacheDir = join(dataDir, 'cache');
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
    return this.#excepted.loaded;
  }

  /** What people have said of rules. */
  get ruleCare(): RuleCare {
    return this.#ruleCare;
  }

  /** The hub's own exceptions, and what they come to. */
  get exceptions(): Excepted['held'] {
    return this.#excepted.held;
  }

  /** What `%name%` stands for in rules, as the lists are now. */
  get placeholders(): Placeholders {
    return placeholdersOf(this.#lookUps.tables.lists, Date.now());
  }

  /** What rules and exceptions are read with here. */
  get ruleReading(): Pick<ReadOptions, 'placeholders' | 'lists' | 'logSources'> {
    return { placeholders: this.placeholders, lists: 'asked', logSources: logSourcesOf(this.#settings) };
  }

  /** On trial: what it finds is recorded, and nobody is told. */
  isOnTrial(rule: Pick<RuleInfo, 'id' | 'name' | 'staged'>): boolean {
    return isOnTrial(rule, this.#settings.rules.staged, this.#ruleCare.said(rule.id)?.maturity);
  }

  /** What counts a rule, so that it does not alert alone. */
  quietedBy(id: string): readonly RuleInfo[] {
    return this.#quieted.get(id) ?? [];
  }

  get engine(): EmbeddedEngine {
    return this.#opened.engine;
  }

  get state(): State {
    return this.#opened.state;
  }

  /** The identity directory, lists and networks. */
  get lookUps(): LookUpTables {
    return this.#lookUps;
  }

  get alerts(): Alerts {
    return this.#opened.alerts;
  }

  /** What makes alerts of what no single event tells. */
  get findings(): FoundAlerts {
    return this.#opened.findings;
  }

  /** How correlations are doing; undefined in a command. */
  get correlations(): CorrelationHealth | undefined {
    return this.#correlating?.health;
  }

  /** What people need to know of a rule or correlation, as it is loaded. */
  ruleInfo(id: string): RuleInfo | undefined {
    return this.#ruleInfo.get(id);
  }

  /** Since when events say which lists they were on. */
  get listHistory(): ListHistory {
    return this.#opened.listHistory;
  }

  /** What correlations count, and which of them are live. */
  get counting(): Counting {
    return this.#opened.counting;
  }

  /** Judges what cost the stream too much. */
  get sideLane(): SideLane {
    return this.#opened.sideLane;
  }

  get ingest(): IngestHandle {
    return this.#opened.ingest;
  }

  get disk(): DiskWatch {
    return this.#opened.disk;
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

  /** Applies a configuration that was checked before, one at a time. Connections, queues and blocks under way stay. */
  reload(settings: Settings, document: unknown): Promise<Reloaded> {
    const reloaded = this.#reloading.then(() => this.#reload({ settings, document }));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  /** Takes up what people have said of rules since. Resolves when every event that comes in from then on is judged by it. */
  refreshRuleCare(): Promise<void> {
    const done = this.#reloading.then(async () => {
      const changed = await this.#ruleCare.refresh();
      if (changed === 'maturity') this.#quieted = quietedBy(this.rules, (rule) => this.isOnTrial(rule));
      if (changed !== 'exceptions') return;
      this.#useRules(this.#fileRules);
      await this.#reloadIngest();
    });
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  async #reload(wanted: Versions): Promise<Reloaded> {
    const { settings, document, notes } = keepFixed(this.#started, wanted);
    const router = routerOf(settings);
    const placeholders = placeholdersOf(await this.#lookUps.listsUnder(settings), Date.now());
    const { rules: rulesSettings, correlations, retention, enrich } = settings;
    const { packed, cacheFaults } = await loadRulesAside({
      settings: { rules: rulesSettings, correlations, retention, enrich },
      placeholders,
      cacheDir: this.#cacheDir,
    });
    for (const fault of cacheFaults) this.#tellUncached(fault);
    const rules = unpackRules(packed);
    const faults = lostRules(this.#fileRules, rules);
    if (faults.length > 0) return { applied: false, faults, notes: [] };
    const before = this.#settings;
    this.#router = router;
    this.#settings = settings;
    this.#useRules(rules, packed);
    this.#document = document;
    const [sources] = await Promise.all([this.#reloadIngest(), this.#reloadOutbox(before), this.#lookUps.refresh()]);
    return { applied: true, faults: sources, notes: [...notes, ...rejectedNotes(rules), ...stagedNotes(settings, rules)] };
  }

  /** A thread that is being started anew takes the new configuration from there. */
  async #reloadIngest(): Promise<readonly string[]> {
    await this.counting.load(this.rules);
    await this.listHistory.begin(this.rules.rules);
    const wanted = { document: ingestDocument(this.#document), rules: this.#packedRules };
    const faults = await this.ingest.reload(wanted).catch((error: unknown) => {
      if (error instanceof EarshotError) return [error.message];
      throw error;
    });
    await this.listHistory.begun(this.rules.rules);
    return faults;
  }

  /** Messages on their way get the time that they may take: one that is cut off would have to be told again. */
  async #reloadOutbox(before: Settings): Promise<void> {
    const { notifiers, outbox } = this.#settings;
    if (sameSettings([notifiers, outbox], [before.notifiers, before.outbox])) return;
    await this.#outbox?.stop(before.outbox.send_timeout_secs * 1000);
    this.#startOutbox();
  }

  #readRules(): void {
    const cache = new RuleCache(this.#cacheDir, (error) => this.#tellUncached(error));
    this.#useRules(readRuleFolders(this.#settings, this.placeholders, { cache, lists: 'asked' }));
  }

  #tellUncached(error: unknown): void {
    this.telemetry.log('warn', 'rules could not be kept as they were read; the next start reads them anew', { error: String(error) });
  }

  /** `packed`: the rules of the files, where they are packed already. */
  #useRules(rules: ReturnType<typeof readRuleFolders>, packed?: PackedRules): void {
    const excepted = withExceptions(rules, this.#ruleCare.exceptions, this.ruleReading);
    const { loaded } = excepted;
    this.#packedRules = packed !== undefined && loaded === rules ? packed : packRules(loaded);
    this.#fileRules = rules;
    this.#excepted = excepted;
    this.#ruleInfo = new Map(membersOf(loaded).map((rule) => [rule.id, rule]));
    this.#quieted = quietedBy(loaded, (rule) => this.isOnTrial(rule));
  }

  /** Closes what was opened, the last first. What is under way stays in the raw log. */
  async close(): Promise<void> {
    await this.#reloading;
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
    const engine = this.#closing.add('engine', await this.#startEngine(runDir), (started) => started.stop());
    await migrate(engine);
    await this.#tellDetachedParts(engine);

    const told = {
      state,
      ruleInfo: (id: string) => this.#ruleInfo.get(id),
      isQuiet: (rule: RuleInfo) => this.isOnTrial(rule) || this.#quieted.has(rule.id),
      router: () => this.#router,
      telemetry,
      now: Date.now,
      onQueued: () => this.wakeOutbox(),
    };
    const findings = createFoundAlerts(told);
    const silence = await this.#silenceWatch(state, findings);
    const alerting = createAlerting({
      ...told,
      settings: this.#settings.alerts,
      keepHeard: (tx, heard) => silence.keep(tx, heard),
    });
    await this.#lookUps.load(storedLookUps(state));
    await this.#ruleCare.load(state.ruleCare);
    this.#readRules();
    const ingest = this.#ingestHandle(engine, state, alerting, await this.#lastSeq(engine, state));
    const disk = this.#diskWatch(ingest);
    const listHistory = new ListHistory({
      state,
      node: () => this.#settings.node,
      placeholders: () => this.placeholders,
      now: Date.now,
    });
    await listHistory.begin(this.rules.rules);
    const counting = this.#createCounting(engine, state, listHistory);
    await counting.load(this.rules);
    const sideLane = this.#createSideLane(engine, state, alerting, counting);
    this.#parts = {
      engine,
      state,
      alerts: createAlerts(state, Date.now, telemetry),
      findings,
      ingest,
      disk,
      counting,
      listHistory,
      sideLane,
    };
    await this.#closing.add('ingest', ingest, (handle) => handle.stop()).start();
    await listHistory.begun(this.rules.rules);
    await this.#closing.add('disk', disk, (watch) => watch.stop()).start();
    if (this.#mode === 'command') return;
    this.#closing.add('people and lists', this.#lookUps, (lookUps) => lookUps.stop()).start();
    this.#closing.add('counting', counting, (opened) => opened.stop()).start();
    void this.#closing.add('side lane', sideLane, (lane) => lane.stop()).start();
    const correlating = this.#closing.add('correlations', new Correlating(this), (opened) => opened.stop());
    correlating.start();
    this.#correlating = correlating;
    const baselining = new Baselining({
      engine,
      state,
      found: findings,
      counting,
      holder: `hub-${this.#settings.node}`,
      loaded: () => this.rules,
      head: () => sideLane.head(),
      telemetry,
    });
    this.#closing.add('baselines', baselining, (opened) => opened.stop()).start();
    this.#closing.add('upkeep', new Upkeep(this), (upkeep) => upkeep.stop()).start();
    this.#closing.add('silence', silence, (watch) => watch.stop()).start();
    this.#startOutbox();
  }

  /** Who holds the lock on the folder, as we do here, may end an engine that a hub before us left in it. */
  async #startEngine(runDir: string): Promise<EmbeddedEngine> {
    const { telemetry } = this;
    const { max_memory_bytes: maxMemoryBytes, insert_timeout_secs: insertTimeoutSecs } = this.#settings.engine;
    const dataDir = join(this.dataDir, 'events');
    await endLeftOver(dataDir, telemetry);
    return await startEngine({ dataDir, runDir, telemetry, maxMemoryBytes, insertTimeoutMs: insertTimeoutSecs * 1000 });
  }

  async #silenceWatch(state: State, alerts: FoundAlerts): Promise<SilenceWatch> {
    const { node } = this.#settings;
    const clock = await ListeningClock.open({ state, node, now: Date.now, monotonic: () => performance.now() });
    return new SilenceWatch({
      state,
      alerts,
      clock,
      node,
      settings: () => this.#settings,
      silences: () => this.rules.silences,
      intake: { isOpen: () => this.ingest.open, status: () => this.ingest.status() },
      telemetry: this.telemetry,
    });
  }

  #ingestHandle(engine: EmbeddedEngine, state: State, alerting: Alerting, afterSeq: number): IngestHandle {
    return new IngestHandle({
      entry: new URL('./ingest-thread.ts', import.meta.url),
      init: (): IngestInit => ({
        document: ingestDocument(this.#document),
        rules: this.#packedRules,
        rawLogDir: join(this.dataDir, 'raw-log'),
        engineSocket: engine.socketPath,
        afterSeq,
        tables: this.#lookUps.tables,
        listens: this.#mode === 'hub',
      }),
      answers: {
        commit: async (block) => void (await alerting.commitBlock(block)),
        lookupKey: (key) => state.ingestKeys.lookup(key),
        checkpoint: (source) => state.positions.checkpoint(source),
        counting: (from) => this.counting.countFrom(from),
        tailed: (batch) => this.tail.deliver(unpackTail(batch)),
      },
      telemetry: this.telemetry,
    });
  }

  #createCounting(engine: EmbeddedEngine, state: State, listHistory: ListHistory): Counting {
    return new Counting({
      state,
      engine,
      settings: () => this.#settings,
      forThePast: (rule) => listHistory.forThePast(rule),
      head: () => this.ingest.head(),
      telemetry: this.telemetry,
      now: Date.now,
    });
  }

  #createSideLane(engine: EmbeddedEngine, state: State, alerting: Alerting, counting: Counting): SideLane {
    return new SideLane({
      engine,
      state,
      alerting,
      node: this.#settings.node,
      loaded: () => this.rules,
      head: () => this.ingest.head(),
      insert: (rows, name) => counting.insert(rows, name),
      lateAfterMs: () => this.#settings.rules.late_after_hours * 3_600_000,
      telemetry: this.telemetry,
      now: Date.now,
    });
  }

  #diskWatch(ingest: IngestHandle): DiskWatch {
    return new DiskWatch({
      folder: this.dataDir,
      settings: () => this.#settings.disk,
      onChange: (change) => ingest.disk(change),
      // A search on a disk that fills need not tell of it; an import tells of what holds it up by itself.
      telemetry: this.#mode === 'hub' ? this.telemetry : silent,
    });
  }

  #startOutbox(): void {
    if (this.#mode === 'command') return;
    this.#outbox = new Outbox({
      notifiers: configuredNotifiers(this.#settings.notifiers, NOTIFIERS),
      holder: `hub-${this.#settings.node}`,
      state: this.state,
      settings: this.#settings.outbox,
      loadAlerts: async (ids) => withUsual(this.engine, await this.alerts.told(ids), this.telemetry),
      pageUrl: this.#settings.api.public_url,
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
  readonly disk: DiskWatch;
  readonly counting: Counting;
  readonly listHistory: ListHistory;
  readonly sideLane: SideLane;
  readonly findings: FoundAlerts;
}

const SEQ_BOUNDS = { timeoutMs: 60_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 1, lane: 'system' } as const;

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
