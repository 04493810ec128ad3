import type { CorrelationHealth } from './detect/correlate/tick.ts';
import { LiveConfiguration } from './hub/configuration/live-configuration.ts';
import type { Reloaded, Versions } from './hub/configuration/reload.ts';
import { Reloading } from './hub/configuration/reloading.ts';
import { Baselining } from './hub/counting/baselining.ts';
import { Correlating } from './hub/counting/correlating.ts';
import { ListeningClock } from './hub/listening/listening-clock.ts';
import { storedLookUps } from './hub/look-ups/stored-look-ups.ts';
import { ApprovalWatch } from './hub/privileged/approval-watch.ts';
import { NeverEndedWatch } from './hub/privileged/never-ended-watch.ts';
import { auditTo } from './hub/upkeep/audit-trail.ts';
import { takeDataFolder } from './hub/upkeep/data-folder.ts';
import { lastStoredSeq, prepareEventStore, startEventStore } from './hub/upkeep/event-store.ts';
import { Upkeep } from './hub/upkeep/upkeep.ts';
import { SESSION_EVENTS } from './integrations/index.ts';
import { Closing } from './lib/closing.ts';
import type { AuditEvent } from './model/audit.ts';
import { outsideFetch } from './outside-fetch.ts';
import { type Ground, holderOf, joinParts, type Parts } from './parts.ts';
import type { Settings } from './settings.ts';
import { openState } from './store/state/open.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** `document`: what the settings were read from; the ingest thread reads it again. */
export interface AppOptions extends Versions, Pick<Ground, 'dataDir' | 'telemetry' | 'mode'> {}

interface Opened {
  readonly ground: Ground;
  readonly parts: Parts;
  readonly reloading: Reloading;
  /** Undefined in a command. */
  readonly correlating: Correlating | undefined;
}

/** Everything that runs on a data folder, but for the API: opened back to front, so that what receives is opened last and closed first. */
export class App {
  readonly dataDir: string;
  readonly telemetry: Telemetry;
  readonly state: Ground['state'];
  readonly engine: Ground['engine'];
  readonly fetch: Ground['fetch'];
  readonly ruleBook: Parts['ruleBook'];
  readonly lookUps: Parts['lookUps'];
  readonly listHistory: Parts['listHistory'];
  readonly alerts: Parts['alerts'];
  readonly acting: Parts['acting'];
  readonly asking: Parts['asking'];
  readonly listening: Parts['listening'];
  readonly muting: Parts['muting'];
  readonly digesting: Parts['digesting'];
  readonly trust: Parts['trust'];
  readonly telling: Parts['telling'];
  readonly ingest: Parts['ingest'];
  readonly tail: Parts['tail'];
  readonly disk: Parts['disk'];
  readonly #configuration: LiveConfiguration;
  readonly #reloading: Reloading;
  readonly #correlating: Correlating | undefined;
  readonly #closing: Closing;

  private constructor({ ground, parts, reloading, correlating }: Opened, closing: Closing) {
    this.dataDir = ground.dataDir;
    this.telemetry = ground.telemetry;
    this.state = ground.state;
    this.engine = ground.engine;
    this.fetch = ground.fetch;
    this.ruleBook = parts.ruleBook;
    this.lookUps = parts.lookUps;
    this.listHistory = parts.listHistory;
    this.alerts = parts.alerts;
    this.acting = parts.acting;
    this.asking = parts.asking;
    this.listening = parts.listening;
    this.muting = parts.muting;
    this.digesting = parts.digesting;
    this.trust = parts.trust;
    this.telling = parts.telling;
    this.ingest = parts.ingest;
    this.tail = parts.tail;
    this.disk = parts.disk;
    this.#configuration = ground.configuration;
    this.#reloading = reloading;
    this.#correlating = correlating;
    this.#closing = closing;
  }

  /** Throws an {@link EarshotError} when something cannot be had; what was opened before is closed again then. */
  static async start(options: AppOptions): Promise<App> {
    const closing = new Closing();
    try {
      return new App(await open(options, closing), closing);
    } catch (error) {
      await closeAll(closing, options.telemetry);
      throw error;
    }
  }

  get settings(): Settings {
    return this.#configuration.settings;
  }

  /** How correlations are doing; undefined in a command. */
  get correlations(): CorrelationHealth | undefined {
    return this.#correlating?.health;
  }

  /** Records what a user or Earshot itself did. Never throws: the act itself must not fail for its record, which is told instead. */
  audit(event: AuditEvent): void {
    auditTo(this.ingest, event, this.telemetry);
  }

  /** Applies a configuration that was checked before, one at a time. Connections, queues and blocks under way stay. */
  reload(settings: Settings, document: unknown): Promise<Reloaded> {
    return this.#reloading.apply({ settings, document });
  }

  /** Takes up what people have said of rules since. Resolves when every event that comes in from then on is judged by it. */
  refreshRuleCare(): Promise<void> {
    return this.#reloading.refreshRuleCare();
  }

  /** Closes what was opened, the last first. What is under way stays in the raw log. */
  close(): Promise<void> {
    return closeAll(this.#closing, this.telemetry);
  }
}

/** What is started, in its order. */
async function open(options: AppOptions, closing: Closing): Promise<Opened> {
  const { dataDir, telemetry, mode } = options;
  const configuration = new LiveConfiguration(options);
  const { node, state: stateSettings, engine: engineSettings } = configuration.settings;

  closing.add('lock', await takeDataFolder(dataDir), (unlock) => unlock());
  const onError = (error: Error) => telemetry.log('warn', 'a connection to the state database broke', { error: error.message });
  const state = closing.add('state', await openState(stateSettings, { folder: dataDir, onError }), (opened) => opened.close());
  const engine = closing.add('engine', await startEventStore(dataDir, engineSettings, telemetry), (started) => started.stop());
  await prepareEventStore(engine, telemetry);

  const clock = await ListeningClock.open({ state, node, now: Date.now, monotonic: () => performance.now() });
  const afterSeq = Math.max(await lastStoredSeq(engine, node), await state.positions.watermark(node));
  const ground = { dataDir, telemetry, fetch: outsideFetch(telemetry), mode, configuration, state, engine, clock, afterSeq };
  const parts = joinParts(ground);
  const { lookUps, ruleBook, listHistory, counting, acting, listening, muting, ingest, disk } = parts;

  await lookUps.load(storedLookUps(state));
  await ruleBook.open(state.ruleCare);
  await listHistory.begin(ruleBook.loaded.rules);
  await counting.load(ruleBook.loaded);
  await acting.load();
  await listening.load();
  await muting.load();
  await closing.add('ingest', ingest, (handle) => handle.stop()).start();
  await listHistory.begun(ruleBook.loaded.rules);
  await closing.add('disk', disk, (watch) => watch.stop()).start();

  const reloading = new Reloading({ ...parts, configuration });
  const correlating = mode === 'hub' ? startRounds(ground, parts, reloading, closing) : undefined;
  closing.add('reload', reloading, (under) => under.stop());
  return { ground, parts, reloading, correlating };
}

/** What a hub does by the clock, and a command does not. */
function startRounds(ground: Ground, parts: Parts, reloading: Reloading, closing: Closing): Correlating {
  const { engine, state, telemetry, configuration } = ground;
  const {
    lookUps,
    counting,
    sideLane,
    findings,
    alerts,
    acting,
    asking,
    ruleBook,
    silence,
    listening,
    muting,
    digesting,
    trustWatch,
    telling,
  } = parts;
  const settings = () => configuration.settings;
  const holder = holderOf(ground);
  const head = () => sideLane.head();
  const loaded = () => ruleBook.loaded;
  const refreshRuleCare = () => reloading.refreshRuleCare();
  const correlating = new Correlating({ engine, state, findings, counting, holder, settings, head, ruleBook, telemetry });
  const baselining = new Baselining({ engine, state, found: findings, counting, holder, loaded, head, telemetry });
  const router = () => muting.over(configuration.router);
  const upkeep = new Upkeep({ engine, state, alerts, counting, holder, settings, router, refreshRuleCare, telemetry });

  const sessionWatchDeps = {
    engine,
    products: SESSION_EVENTS,
    settings: () => settings().privileged_sessions,
    intake: parts.ingest,
    telemetry,
    now: Date.now,
  };
  const approvals = new ApprovalWatch(sessionWatchDeps);
  const neverEnded = new NeverEndedWatch(sessionWatchDeps);

  closing.add('people and lists', lookUps, (opened) => opened.stop()).start();
  closing.add('counting', counting, (opened) => opened.stop()).start();
  void closing.add('side lane', sideLane, (lane) => lane.stop()).start();
  closing.add('correlations', correlating, (opened) => opened.stop()).start();
  closing.add('baselines', baselining, (opened) => opened.stop()).start();
  closing.add('upkeep', upkeep, (opened) => opened.stop()).start();
  closing.add('silence', silence, (watch) => watch.stop()).start();
  closing.add('approvals', approvals, (watch) => watch.stop()).start();
  closing.add('sessions that never ended', neverEnded, (watch) => watch.stop()).start();
  closing.add('acts', acting, (opened) => opened.stop()).start();
  closing.add('asks', asking, (opened) => opened.stop()).start();
  closing.add('mutes', muting, (opened) => opened.stop()).start();
  closing.add('listening', listening, (opened) => opened.stop()).start();
  closing.add('digests', digesting, (opened) => opened.stop()).start();
  closing.add('trusted networks', trustWatch, (opened) => opened.stop()).start();
  closing.add('outbox', telling, (opened) => opened.stop()).start();
  return correlating;
}

const closeAll = (closing: Closing, telemetry: Telemetry): Promise<void> =>
  closing.closeAll((name, error) => telemetry.log('error', 'could not be closed', { what: name, error: String(error) }));
