import { join } from 'node:path';
import { type Alerting, createAlerting } from './alert/alerting.ts';
import { type Alerts, createAlerts } from './alert/alerts.ts';
import type { EpisodeChanges } from './alert/episodes.ts';
import { createFoundAlerts, type FoundAlerts } from './alert/found-alerts.ts';
import type { Rule } from './detect/sigma/rule.ts';
import { Acting } from './hub/acts/acting.ts';
import { TrustWatch } from './hub/acts/trust-watch.ts';
import { TrustedNetworkLists } from './hub/acts/trusting.ts';
import { Muting } from './hub/clicks/muting.ts';
import type { LiveConfiguration } from './hub/configuration/live-configuration.ts';
import { Counting } from './hub/counting/counting.ts';
import { SilenceWatch } from './hub/counting/silence-watch.ts';
import { Listening } from './hub/listening/listening.ts';
import type { ListeningClock } from './hub/listening/listening-clock.ts';
import { ListHistory } from './hub/look-ups/list-history.ts';
import { LookUpTables } from './hub/look-ups/look-up-tables.ts';
import { RuleBook } from './hub/rules/rule-book.ts';
import { Asking } from './hub/telling/asking.ts';
import { Digesting } from './hub/telling/digesting.ts';
import { Telling } from './hub/telling/telling.ts';
import { auditTo } from './hub/upkeep/audit-trail.ts';
import { DiskWatch } from './hub/upkeep/disk-watch.ts';
import type { IngestInit } from './ingest-thread.ts';
import type { PacedFetch } from './lib/paced-fetch.ts';
import type { RuleInfo } from './model/detection.ts';
import { IngestHandle } from './pipeline/ingest-handle.ts';
import { unpackTail } from './pipeline/tail/packed-tail.ts';
import { TailHub } from './pipeline/tail/tail-hub.ts';
import { SideLane, type SideLaneDeps } from './side-lane.ts';
import type { EmbeddedEngine } from './store/engine/engine.ts';
import type { State, StateTransaction } from './store/state/state.ts';
import { silent, type Telemetry } from './telemetry/telemetry.ts';

/** What the parts stand on. */
export interface Ground {
  readonly dataDir: string;
  readonly telemetry: Telemetry;
  /** How the main thread calls others' APIs. */
  readonly fetch: PacedFetch;
  /** `hub`: listens, tells and cleans up. `command`: a one-shot command on a folder without a hub. */
  readonly mode: 'hub' | 'command';
  readonly configuration: LiveConfiguration;
  readonly state: State;
  readonly engine: EmbeddedEngine;
  readonly clock: ListeningClock;
  /** The last number of this node that the store or alerting has. */
  readonly afterSeq: number;
}

export interface Parts {
  /** The rules that run. */
  readonly ruleBook: RuleBook;
  /** The identity directory, lists and networks. */
  readonly lookUps: LookUpTables;
  /** Since when events say which lists they were on. */
  readonly listHistory: ListHistory;
  readonly alerts: Alerts;
  /** What is done in other systems when people ask for it. */
  readonly acting: Acting;
  /** People of whom alerts tell are asked whether it was them. */
  readonly asking: Asking;
  /** What makes alerts of what no single event tells. */
  readonly findings: FoundAlerts;
  readonly alerting: Alerting;
  readonly silence: SilenceWatch;
  /** Brings people what they listen for. */
  readonly listening: Listening;
  /** What is not told in some place for a while. */
  readonly muting: Muting;
  /** Sums up days and weeks. */
  readonly digesting: Digesting;
  /** The networks that other systems trust, beside the lists. */
  readonly trust: TrustedNetworkLists;
  readonly trustWatch: TrustWatch;
  readonly telling: Telling;
  readonly ingest: IngestHandle;
  /** Who watches events as they come. */
  readonly tail: TailHub;
  readonly disk: DiskWatch;
  /** What correlations count, and which of them are live. */
  readonly counting: Counting;
  /** Judges what cost the stream too much. */
  readonly sideLane: SideLane;
}

/** This hub's name in the cluster, the same after a restart. */
export const holderOf = ({ configuration }: Pick<Ground, 'configuration'>): string => `hub-${configuration.settings.node}`;

/** Joins the parts with one another. Nothing is started, and nothing read, here. */
export function joinParts(ground: Ground): Parts {
  const { dataDir, telemetry, configuration, state, engine, fetch } = ground;
  const settings = () => configuration.settings;
  const now = Date.now;
  const lookUps = new LookUpTables({ settings, publish: (tables) => ingest.enrichWith(tables), telemetry });
  const ruleBook = new RuleBook({ settings, lists: () => lookUps.tables.lists, cacheDir: join(dataDir, 'cache'), telemetry });
  const listHistory = new ListHistory({ state, node: () => settings().node, placeholders: () => ruleBook.placeholders, now });
  const alerts = createAlerts(state, now, telemetry);
  const telling = new Telling({ engine, state, alerts, names: () => lookUps.names, holder: holderOf(ground), settings, fetch, telemetry });
  const told = {
    state,
    ruleInfo: (id: string) => ruleBook.info(id),
    isQuiet: (rule: RuleInfo) => ruleBook.isQuiet(rule),
    router: () => muting.over(configuration.router),
    telemetry,
    now,
    onQueued: () => telling.wake(),
    keepOpened: (tx: StateTransaction, changes: EpisodeChanges) => listening.keepAlerts(tx, changes),
  };
  const muting = createMuting(ground, { telling, ingest: () => ingest });
  const listening = createListening(ground, { lookUps, muting, telling, ingest: () => ingest });
  const findings = createFoundAlerts(told);
  const acting = createActing(ground, { alerts, lookUps, ingest: () => ingest });
  const asking = createAsking(ground, { alerts, lookUps, telling, ingest: () => ingest });
  const alerting = createAlerting({
    ...told,
    settings: settings().alerts,
    keepHeard: (tx, heard) => silence.keep(tx, heard),
    keepProofs: (tx, proofs) => acting.prove(tx, proofs),
    keepOverheard: (tx, block) => listening.keep(tx, block),
  });
  const tail = new TailHub((queries) => ingest.tail(queries));
  const ingest: IngestHandle = createIngest(ground, {
    ruleBook,
    lookUps,
    alerting,
    acting,
    tail,
    counting: () => counting,
    phrases: () => listening.phrases,
  });
  const digesting = createDigesting(ground, { telling, ingest });
  const trust = new TrustedNetworkLists({ settings, lists: () => lookUps.tables.lists, fetch, now });
  const trustWatch = createTrustWatch(ground, { trust, ingest });
  const head = () => ingest.head();
  const silence = createSilence(ground, { ruleBook, findings, ingest });
  const disk = createDisk(ground, ingest);
  const forThePast = (rule: Rule) => listHistory.forThePast(rule);
  const counting = new Counting({ state, engine, settings, forThePast, head, telemetry, now });
  const sideLane = createSideLane(ground, { ruleBook, alerting, counting, head });
  return {
    ruleBook,
    lookUps,
    listHistory,
    alerts,
    acting,
    asking,
    findings,
    alerting,
    silence,
    listening,
    muting,
    digesting,
    trust,
    trustWatch,
    telling,
    ingest,
    tail,
    disk,
    counting,
    sideLane,
  };
}

function createMuting({ state, telemetry }: Ground, { telling, ingest }: Omit<OfListening, 'lookUps' | 'muting'>): Muting {
  return new Muting({
    state,
    onQueued: () => telling.wake(),
    audit: (event) => auditTo(ingest(), event, telemetry),
    telemetry,
    now: Date.now,
  });
}

interface OfListening extends Pick<Parts, 'lookUps' | 'muting' | 'telling'> {
  ingest(): IngestHandle;
}

function createListening(ground: Ground, { lookUps, muting, ingest, telling }: OfListening): Listening {
  const { state, configuration, telemetry } = ground;
  return new Listening({
    state,
    holder: holderOf(ground),
    settings: () => configuration.settings,
    names: () => lookUps.names,
    hushes: (ear, heard) => muting.hushes(ear, heard),
    publish: (phrases) => ingest().listenFor(phrases),
    onQueued: () => telling.wake(),
    audit: (event) => auditTo(ingest(), event, telemetry),
    telemetry,
    now: Date.now,
  });
}

function createDigesting(ground: Ground, { telling, ingest }: Pick<Parts, 'telling' | 'ingest'>): Digesting {
  const { state, engine, configuration, telemetry } = ground;
  return new Digesting({
    state,
    engine,
    holder: holderOf(ground),
    settings: () => configuration.settings,
    intake: () => ingest.status(),
    onQueued: () => telling.wake(),
    audit: (event) => auditTo(ingest, event, telemetry),
    telemetry,
    now: Date.now,
  });
}

function createTrustWatch(ground: Ground, { trust, ingest }: Pick<Parts, 'trust' | 'ingest'>): TrustWatch {
  const { state, configuration, telemetry } = ground;
  return new TrustWatch({
    state,
    holder: holderOf(ground),
    trust,
    settings: () => configuration.settings,
    audit: (event) => auditTo(ingest, event, telemetry),
    telemetry,
    now: Date.now,
  });
}

interface OfIngest extends Pick<Parts, 'ruleBook' | 'lookUps' | 'alerting' | 'acting' | 'tail'> {
  counting(): Counting;
  phrases(): readonly string[];
}

function createIngest({ dataDir, telemetry, mode, configuration, state, engine, afterSeq }: Ground, parts: OfIngest): IngestHandle {
  const { ruleBook, lookUps, alerting, acting, tail, counting, phrases } = parts;
  return new IngestHandle({
    entry: new URL('./ingest-thread.ts', import.meta.url),
    init: (): IngestInit => ({
      document: configuration.ingestDocument,
      rules: ruleBook.packed,
      rawLogDir: join(dataDir, 'raw-log'),
      engineSocket: engine.socketPath,
      afterSeq,
      tables: lookUps.tables,
      acts: acting.expected,
      phrases: phrases(),
      listens: mode === 'hub',
    }),
    answers: {
      commit: async (block) => void (await alerting.commitBlock(block)),
      lookupKey: (key) => state.ingestKeys.lookup(key),
      checkpoint: async ({ source, waiting }) => {
        const passed = await state.positions.watermark(configuration.settings.node);
        return waiting !== undefined && waiting.seq > passed ? waiting.checkpoint : await state.positions.checkpoint(source);
      },
      counting: (from) => counting().countFrom(from),
      tailed: (batch) => tail.deliver(unpackTail(batch)),
    },
    telemetry,
  });
}

function createActing(ground: Ground, { alerts, lookUps, ingest }: Pick<Parts, 'alerts' | 'lookUps'> & { ingest(): IngestHandle }): Acting {
  const { state, engine, configuration, fetch, telemetry } = ground;
  return new Acting({
    fetch,
    state,
    engine,
    alerts,
    settings: () => configuration.settings,
    names: () => lookUps.names,
    awaitActs: (expected) => ingest().awaitActs(expected),
    audit: (event) => auditTo(ingest(), event, telemetry),
    holder: holderOf(ground),
    telemetry,
    now: Date.now,
  });
}

function createAsking(
  ground: Ground,
  { alerts, lookUps, telling, ingest }: Pick<Parts, 'alerts' | 'lookUps' | 'telling'> & { ingest(): IngestHandle },
): Asking {
  const { state, configuration, fetch, telemetry } = ground;
  return new Asking({
    fetch,
    state,
    alerts,
    settings: () => configuration.settings,
    names: () => lookUps.names,
    onQueued: () => telling.wake(),
    audit: (event) => auditTo(ingest(), event, telemetry),
    holder: holderOf(ground),
    telemetry,
    now: Date.now,
  });
}

function createSilence(
  { configuration, state, clock, telemetry }: Ground,
  { ruleBook, findings, ingest }: Pick<Parts, 'ruleBook' | 'findings' | 'ingest'>,
): SilenceWatch {
  return new SilenceWatch({
    state,
    alerts: findings,
    clock,
    node: configuration.settings.node,
    settings: () => configuration.settings,
    silences: () => ruleBook.loaded.silences,
    intake: { isOpen: () => ingest.open, status: () => ingest.status() },
    telemetry,
  });
}

function createDisk({ dataDir, configuration, mode, telemetry }: Ground, ingest: IngestHandle): DiskWatch {
  return new DiskWatch({
    folder: dataDir,
    settings: () => configuration.settings.disk,
    onChange: (change) => ingest.disk(change),
    // A search on a disk that fills need not tell of it; an import tells of what holds it up by itself.
    telemetry: mode === 'hub' ? telemetry : silent,
  });
}

function createSideLane(
  { configuration, state, engine, telemetry }: Ground,
  { ruleBook, alerting, counting, head }: Pick<Parts, 'ruleBook' | 'alerting' | 'counting'> & Pick<SideLaneDeps, 'head'>,
): SideLane {
  return new SideLane({
    engine,
    state,
    alerting,
    node: configuration.settings.node,
    loaded: () => ruleBook.loaded,
    head,
    insert: (rows, name) => counting.insert(rows, name),
    lateAfterMs: () => configuration.settings.rules.late_after_hours * 3_600_000,
    telemetry,
    now: Date.now,
  });
}
