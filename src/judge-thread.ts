import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { countersOf } from './detect/correlate/counters.ts';
import { HitPlan } from './detect/correlate/hit-plan.ts';
import type { LoadedRules } from './detect/sigma/load.ts';
import { SilenceTap } from './detect/silence/silence-tap.ts';
import { STREAM_BUDGET } from './detect/stream/budget.ts';
import type { Judged } from './detect/stream/judged.ts';
import { compileInSteps, compileRules, type RuleSet, type RuleSetOptions } from './detect/stream/rule-set.ts';
import { TimeShares } from './detect/stream/time-shares.ts';
import { type PackedRules, unpackInSteps, unpackRules } from './hub/rules/rule-snapshot.ts';
import { quietedBy } from './hub/rules/running-rules.ts';
import { untilDone } from './lib/retry.ts';
import { Rpc } from './lib/rpc.ts';
import { inSlices } from './lib/steps.ts';
import { WordTap } from './listen/word-tap.ts';
import type { ActProof, ExpectedAct } from './model/act.ts';
import type { DetectedBlock } from './model/detected.ts';
import type { EnrichmentTables } from './model/enrichment.ts';
import { eventId } from './model/event.ts';
import type { HitRow } from './model/hit-row.ts';
import type { LiveEvent } from './model/live-event.ts';
import type { Origin, RawRecord } from './model/record.ts';
import type { Stages } from './pipeline/evaluator.ts';
import type { ReloadWanted } from './pipeline/ingest-contract.ts';
import type { JudgeHostMethods, JudgeMethods } from './pipeline/judge-contract.ts';
import { LastEvent } from './pipeline/last-event.ts';
import { MismatchReports } from './pipeline/mismatch-reports.ts';
import { type PackedBlock, unpackBlock } from './pipeline/packed-block.ts';
import { type BlockWriter, Pump, type PumpDeps } from './pipeline/pump.ts';
import { RulesAside } from './pipeline/rules-aside.ts';
import { packTail } from './pipeline/tail/packed-tail.ts';
import type { FollowedQuery } from './pipeline/tail/tail-contract.ts';
import { TailTap } from './pipeline/tail/tail-tap.ts';
import type { Block } from './raw-log/block.ts';
import { ActMarks } from './respond/act-marks.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { buildEnrich, enrichingFor, stagesOver } from './stages.ts';
import { BlockBuffers } from './store/block-buffers.ts';
import { BlockEncoder, type EncodedBlock } from './store/encode.ts';
import { EngineClient } from './store/engine/client.ts';
import { insertBlock } from './store/insert-block.ts';
import { insertHits } from './store/insert-hits.ts';
import { MergePacer } from './store/merge-pacer.ts';
import { retentionClasses } from './store/retention-class.ts';
import { EngineError } from './store/store.ts';
import { TelemetryRelay } from './telemetry/relay.ts';

/** What the ingest thread gives this thread at its start. */
export interface JudgeInit {
  /** The configuration's document, checked before: secrets cannot cross threads as a type. */
  readonly document: unknown;
  readonly rules: PackedRules;
  readonly engineSocket: string;
  /** The folder of sockets, for what must outlive a crash and is no data. */
  readonly runDir: string;
  readonly tables: EnrichmentTables;
  /** Whose entries are looked for. */
  readonly acts: readonly ExpectedAct[];
  /** What somebody listens for. */
  readonly phrases: readonly string[];
}

/** Rules that are ready, and the stages they are part of. */
interface Ready {
  readonly stages: Stages;
  readonly ruleSet: RuleSet;
}

/** After this many failures in a row an outage is an error in the log, and said once. */
const TELL_AT_ATTEMPT = 5;
/** How long the time that rules take is summed up, to see which take too much of it. */
const SHARES_MS = 10_000;

/** The judge thread: blocks of the raw log through all stages, into the store and to alerting. Listeners never wait for it. */
class JudgeThread {
  readonly #host: Rpc<JudgeHostMethods>;
  readonly #telemetry: TelemetryRelay;
  readonly #engine: EngineClient;
  readonly #pump: Pump;
  readonly #lastEvent: LastEvent;
  readonly #merges: MergePacer;
  readonly #tail: TailTap;
  readonly #buffers = new BlockBuffers();
  readonly #stopping = new AbortController();
  readonly #originTexts = new WeakMap<Origin, string>();
  readonly #marks = new ActMarks();
  /** What the blocks prove that were judged and not committed yet, by block. */
  readonly #proofs = new Map<number, ActProof[]>();
  readonly #toldCosts = new Map<string, number>();
  readonly #shares = new TimeShares();
  readonly #aside: RulesAside;
  /** Rules that are to be put aside from the next block on. */
  #overShare: readonly string[];
  readonly #compiling: RuleSetOptions = {
    budget: STREAM_BUDGET,
    onError: (rule, error) =>
      this.#telemetry.log('error', 'a rule failed on an event', { rule: rule?.name ?? 'the index over all rules', error: String(error) }),
  };
  #settings: Settings;
  #stages: Ready;
  /** Of the same rules as the stages. */
  #plan: HitPlan;
  /** Ids of rules that are there to be counted, whatever is on trial: of the same rules as the stages. */
  #neverAlert: ReadonlyMap<string, unknown> = new Map();
  /** What has rows from the next block on, until that is told. */
  #untold: readonly string[] | undefined;
  #silences: SilenceTap;
  #words: WordTap;
  #enrich: ReturnType<typeof buildEnrich>;
  #retentionOf: ReturnType<typeof retentionClasses>;
  #rejectedRules = 0;
  /** Since the merges were looked at last. */
  #stored = { events: 0, behindMs: 0 };

  constructor(init: JudgeInit, port: NonNullable<typeof parentPort>) {
    this.#host = new Rpc<JudgeHostMethods>(port, this.#methods());
    this.#telemetry = new TelemetryRelay({
      batch: (batch) => this.#host.tell('telemetry', batch),
      log: (line) => this.#host.tell('log', line),
    });
    this.#settings = settingsSchema.parse(init.document);
    this.#retentionOf = retentionClasses(this.#settings.retention);
    this.#marks.expect(init.acts);
    this.#enrich = this.#buildEnrich(init.tables);
    this.#aside = RulesAside.open(join(init.runDir, 'rules-aside'), (what, error) => this.#tellUnkept(what, error));
    this.#overShare = this.#aside.latest;
    this.#shares.resume(this.#overShare);
    const loaded = unpackRules(init.rules);
    const ready = this.#build(loaded, compileRules(loaded.rules, this.#compiling));
    ({ stages: this.#stages, plan: this.#plan, silences: this.#silences } = ready);
    for (const id of this.#overShare) this.#tellAside(id, true);
    this.#words = this.#createWords(init.phrases);
    const insertTimeoutMs = this.#settings.engine.insert_timeout_secs * 1000;
    this.#engine = new EngineClient({ socketPath: init.engineSocket }, { insertTimeoutMs });
    this.#merges = new MergePacer(this.#engine, this.#telemetry);
    this.#lastEvent = LastEvent.open(join(init.runDir, 'last-event'));
    this.#tail = this.#createTail();
    this.#pump = this.#createPump();
    setInterval(() => this.#paceMerges(), 1_000).unref();
    setInterval(() => this.#tellCosts(), 1_000).unref();
    setInterval(() => this.#lookAtShares(), SHARES_MS).unref();
  }

  #methods(): JudgeMethods {
    return {
      take: (block: PackedBlock) => void this.#pump.take(unpackBlock(block)),
      reload: (wanted: ReloadWanted) => this.#reload(wanted),
      enrichWith: (tables: EnrichmentTables) => this.#enrichWith(tables),
      awaitActs: (expected: readonly ExpectedAct[]) => this.#marks.expect(expected),
      listenFor: (phrases: readonly string[]) => {
        this.#words = this.#createWords(phrases);
      },
      status: () => ({ loaded: this.#stages.ruleSet.rules.length, rejected: this.#rejectedRules }),
      tail: (queries: readonly FollowedQuery[]) => this.#tail.follow(queries),
      stop: () => this.#stop(),
    };
  }

  #createTail(): TailTap {
    return new TailTap({
      send: (batch) => {
        const packed = packTail(batch);
        this.#host.tell('tailed', packed, [packed.buffer]);
      },
      telemetry: this.#telemetry,
      now: Date.now,
    });
  }

  #createPump(): Pump {
    const mismatches = new MismatchReports((event) => this.#host.tell('audit', event));
    return new Pump({
      node: this.#settings.node,
      stages: () => this.#stages.stages,
      writer: (block) => this.#writer(block),
      commit: (detected) => this.#commit(detected),
      begun: ({ id }) => this.#host.call('begun', { id }),
      released: ({ id }, by) => this.#host.call('released', { id, by }),
      onMismatch: (record, mismatch) => mismatches.note(record, mismatch),
      lastEvent: this.#lastEvent,
      tail: this.#tail,
      ear: () => this.#ear(),
      words: () => this.#words,
      mayAlert: () => {
        const never = this.#neverAlert;
        return (rule) => !never.has(rule);
      },
      lateAfterMs: () => this.#settings.rules.late_after_hours * 3_600_000,
      telemetry: this.#telemetry,
      now: Date.now,
    });
  }

  #commit(detected: DetectedBlock): Promise<void> {
    const proofs = this.#proofs.get(detected.firstSeq);
    this.#proofs.delete(detected.firstSeq);
    const block = proofs === undefined ? detected : { ...detected, proofs };
    return this.#persist('alerting', () => this.#host.call('commit', block));
  }

  #createWords(phrases: readonly string[]): WordTap {
    return new WordTap(phrases, () => this.#settings.rules.late_after_hours * 3_600_000);
  }

  /** A file that is read in says nothing of whether its source speaks now. */
  #ear(): ReturnType<PumpDeps['ear']> {
    const silences = this.#silences;
    const { sources } = this.#settings;
    const isImport = ({ origin, source }: RawRecord) => origin.transport === 'file' && sources[source]?.type !== 'file';
    return {
      hear: (event, record) => {
        if (!isImport(record)) silences.hear(event);
      },
      take: (at) => silences.take(at),
    };
  }

  #writer(block: Block): BlockWriter {
    const plan = this.#plan;
    this.#stages.ruleSet.setAside(new Set(this.#aside.at(block, this.#overShare)));
    if (this.#untold !== undefined) this.#host.tell('counting', { node: block.node, seq: block.id, identities: this.#untold });
    this.#untold = undefined;
    const hits: HitRow[] = [];
    const addHits = (event: LiveEvent) => {
      if (plan.counts(event.hits)) for (const row of plan.rows(judgedOf(event), event.hits, event)) hits.push(row);
    };
    // Its events are stored, and so are the hits that they had then. Rules that came since count it too.
    if (block.alreadyStored) {
      const add = (event: LiveEvent) => {
        addHits(event);
        this.#noteProof(block, event);
      };
      return { add, store: () => this.#storeHits(hits, block) };
    }
    const encoder = new BlockEncoder({ retentionOf: this.#retentionOf }, this.#buffers.take());
    return {
      add: (event, record) => {
        addHits(event);
        this.#noteProof(block, event);
        this.#countDeferred(event);
        encoder.add(event, this.#originText(record.origin));
      },
      store: async () => {
        await this.#storeHits(hits, block);
        await this.#store(encoder.finish(), block);
      },
    };
  }

  #noteProof({ id }: Block, { node, seq, fields }: LiveEvent): void {
    const proof = this.#marks.proofOf(fields);
    if (proof === undefined) return;
    const proofs = this.#proofs.get(id) ?? [];
    proofs.push({ ...proof, eventId: eventId(node, seq) });
    this.#proofs.set(id, proofs);
  }

  #countDeferred({ deferred = [] }: LiveEvent): void {
    for (const id of deferred) {
      const rule = this.#stages.ruleSet.info(id)?.name ?? id;
      this.#telemetry.count('earshot_deferred_rules_total', { rule });
    }
  }

  /** Before the events: where those are stored, these are. */
  async #storeHits(rows: readonly HitRow[], { id, node, lastSeq, records, replayed }: Block): Promise<void> {
    if (rows.length === 0) return;
    const { correlations, rules } = this.#settings;
    const late = { lateMs: correlations.late_secs * 1000, tooLateMs: rules.late_after_hours * 3_600_000 };
    const block = { rows, name: `${node}-${id}-${lastSeq}`, receivedAt: records[0]?.receivedAt ?? 0, late };
    let resumed = replayed;
    const refused = await this.#persist('store', () => {
      const inserted = insertHits(this.#engine, block, { resumed });
      resumed = true;
      return inserted;
    });
    const [first] = refused;
    if (first === undefined) return;
    const { counter, seq } = first.row;
    const about = { hits: refused.length, counter, seq, reason: first.reason };
    this.#telemetry.log('error', 'hits could not be stored for what counts them', about);
  }

  async #store(encoded: EncodedBlock, block: Block): Promise<void> {
    let resumed = block.replayed;
    const inserted = await this.#persist('store', async () => {
      const result = await insertBlock(this.#engine, encoded, { resumed });
      resumed = true;
      if (result.ok) return result.value;
      throw new EngineError(result.error);
    });
    this.#buffers.give(encoded.body);
    const behindMs = Date.now() - (block.records[0]?.receivedAt ?? Date.now());
    this.#stored = { events: this.#stored.events + encoded.rows, behindMs: Math.max(this.#stored.behindMs, behindMs) };
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

  #build(loaded: LoadedRules, ruleSet: RuleSet): { readonly stages: Ready; readonly plan: HitPlan; readonly silences: SilenceTap } {
    this.#rejectedRules = loaded.rejected.length;
    const counters = countersOf(loaded);
    this.#neverAlert = quietedBy(loaded, () => true);
    this.#untold = counters.map(({ identity }) => identity);
    return {
      stages: { stages: this.#marking(stagesOver(this.#settings, ruleSet, this.#enrich)), ruleSet },
      silences: new SilenceTap(loaded.silences, (rule, events) => this.#telemetry.count('earshot_silence_refused_total', { rule }, events)),
      plan: new HitPlan(counters, (rule) => this.#telemetry.count('earshot_ungrouped_hits_total', { rule })),
    };
  }

  /** What acts of Earshot have left in other systems' logs is marked before any rule sees it. */
  #marking(stages: Stages): Stages {
    return {
      ...stages,
      normalize: (record, decoded) => {
        const normalized = stages.normalize(record, decoded);
        const { source, origin } = record;
        if (this.#marks.isAwaiting) this.#marks.mark({ ...normalized, source, transport: origin.transport });
        return normalized;
      },
    };
  }

  #buildEnrich(tables: EnrichmentTables): ReturnType<typeof buildEnrich> {
    return buildEnrich(tables, (file, error) =>
      this.#telemetry.log('error', 'a file of networks cannot be read; nothing is looked up in it', { file, error: String(error) }),
    );
  }

  /** A block takes its stages when its turn comes: it has the tables of before or these, never a mix. */
  #enrichWith(tables: EnrichmentTables): void {
    this.#enrich = this.#buildEnrich(tables);
    const { stages, ruleSet } = this.#stages;
    this.#stages = { stages: { ...stages, ...enrichingFor(ruleSet, this.#enrich) }, ruleSet };
  }

  /** Blocks are judged by the old rules while the new ones are made ready in slices between them; then all of it is new at once. */
  async #reload({ document, rules }: ReloadWanted): Promise<void> {
    const settings = settingsSchema.parse(document);
    const loaded = await inSlices(unpackInSteps(rules));
    const ruleSet = await inSlices(compileInSteps(loaded.rules, this.#compiling, this.#stages.ruleSet));
    this.#tellCosts();
    this.#settings = settings;
    this.#retentionOf = retentionClasses(settings.retention);
    ({ stages: this.#stages, plan: this.#plan, silences: this.#silences } = this.#build(loaded, ruleSet));
    this.#toldCosts.clear();
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

  #lookAtShares(): void {
    const { ruleSet } = this.#stages;
    const spent = ruleSet.rules.map(({ id }, i) => ({ id, ...ruleSet.costs.of(i) }));
    const over = this.#shares.look(spent, SHARES_MS, this.#settings.rules.budget_ms_per_sec);
    for (const id of over) if (!this.#overShare.includes(id)) this.#tellAside(id, true);
    for (const id of this.#overShare) if (!over.has(id)) this.#tellAside(id, false);
    this.#overShare = [...over];
  }

  #tellAside(id: string, aside: boolean): void {
    const rule = this.#stages.ruleSet.info(id)?.name ?? id;
    this.#telemetry.gauge('earshot_rule_aside', { rule }, aside ? 1 : 0);
    if (aside) this.#telemetry.log('warn', 'a rule takes too much time: its events are judged a little later, by the side lane', { rule });
    else this.#telemetry.log('info', 'a rule is judged as events come in again', { rule });
  }

  #tellUnkept(what: 'read' | 'written', error: unknown): void {
    const told = {
      read: 'which rules were put aside cannot be read: of blocks that are replayed, hits of these rules may be missed, or counted twice',
      written: 'which rules are put aside cannot be written down: they stay as they were, and the next block tries again',
    };
    this.#telemetry.log('error', told[what], { file: 'rules-aside', error: String(error) });
  }

  #paceMerges(): void {
    const { events: eventsPerSecond, behindMs } = this.#stored;
    this.#stored = { events: 0, behindMs: 0 };
    void this.#merges.look({ eventsPerSecond, behindMs, now: Date.now() });
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#lastEvent.close();
    this.#tail.close();
    this.#tellCosts();
    this.#telemetry.close();
    await this.#engine.close();
  }
}

/** An event as counters see it. */
const judgedOf = ({ fields, raw, timestamp, receivedAt, source }: LiveEvent): Judged => ({
  fields,
  text: raw.toString('utf8'),
  timestamp,
  receivedAt,
  source,
});

// The way of an event is many small functions: with V8's usual budget for inlining it takes 7 % longer (bench/way.bench.ts).
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');

if (parentPort !== null) new JudgeThread(workerData as JudgeInit, parentPort);
