import { setImmediate as breathe } from 'node:timers/promises';
import type { DetectedBlock, DetectedHit } from '../model/detected.ts';
import { eventId } from '../model/event.ts';
import type { Heard } from '../model/heard.ts';
import type { LiveEvent } from '../model/live-event.ts';
import type { Overheard } from '../model/overheard.ts';
import type { RawRecord } from '../model/record.ts';
import type { Block } from '../raw-log/block.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { bareEvent, evaluate, type Mismatch, type Stages } from './evaluator.ts';

/** Events judged before other work of the thread (sockets, acknowledgements) gets its turn. */
const SLICE = 500;
/** Blocks on their way to the engine at once. */
const IN_FLIGHT = 3;
const LATENCY_SAMPLES = 16;
/** A block that was replayed this often without an end may hold an event that kills: each is written down before it is judged. */
const SUSPECT_ATTEMPTS = 1;
/** An event that so many lives in a row ended at is stored bare. One may be chance: the process was killed just then. */
const POISON_ENDS = 2;
/** Then it is not a single event that kills, and the block is stored bare as a whole. */
const HOPELESS_ATTEMPTS = 8;

/** Takes a block's events one by one, and knows how to store them when all are in, or what is missing of them: a block may be stored already. */
export interface BlockWriter {
  add(event: LiveEvent, record: RawRecord): void;
  /** Resolves when the events are searchable; retries outages itself. */
  store(): Promise<void>;
}

export interface PumpDeps {
  readonly node: number;
  /** Read at each block, so that a reload takes effect at a block's boundary: old or new rules for an event, never a mix. */
  stages(): Stages;
  writer(block: Block): BlockWriter;
  /** Resolves when alerting has the block's hits, in one transaction; retries outages itself. */
  commit(detected: DetectedBlock): Promise<void>;
  /** Resolves when it is noted that this replayed block is about to be judged. */
  begun(block: Block): Promise<void>;
  released(block: Block, by: 'stored' | 'alerted'): Promise<void>;
  /** A sender spoke for a dataset that it is not bound to. */
  onMismatch(record: RawRecord, mismatch: Mismatch): void;
  /** Finds the event that ends the process. */
  readonly lastEvent: { enter(seq: number): number; leave(): void };
  /** Sees each event as it is judged. */
  readonly tail: { see(event: LiveEvent): void };
  /** Hears each event as it is judged; `take` gives what is to be noted of the block that ends at this time of receipt. Read at each block. */
  ear(): { hear(event: LiveEvent, record: RawRecord): void; take(at: number): readonly Heard[] };
  /** Hears each event as it is judged, for words that somebody listens for; `take` gives what has them. Read at each block. */
  words(): { hear(event: LiveEvent): void; take(): readonly Overheard[] };
  /** Whether a rule's hits may lead to alerts; others are in the store, and nobody else needs them. Read at each block. */
  mayAlert(): (rule: string) => boolean;
  /** Read at each event with a hit that may lead to an alert. */
  lateAfterMs(): number;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What a block comes to, beyond the store. */
type JudgedBlock = Pick<DetectedBlock, 'hits'> & Required<Pick<DetectedBlock, 'heard' | 'overheard'>>;

/**
 * Carries blocks from the raw log to the store and to alerting. The two do not wait for one another: an engine that is down does not
 * silence an alert. Alerting sees blocks in order; a block leaves the raw log when both have it.
 */
export class Pump {
  readonly #deps: PumpDeps;
  readonly #stores = new Set<Promise<void>>();
  #commits: Promise<void> = Promise.resolve();
  #judging: Promise<void> = Promise.resolve();
  #failed: unknown;

  constructor(deps: PumpDeps) {
    this.#deps = deps;
  }

  /** Takes the next block; resolves when there is room for another. */
  take(block: Block): Promise<void> {
    this.#judging = this.#judging.then(() => this.#carry(block)).catch((error) => this.#fail(error));
    return this.#judging;
  }

  /** Resolves when everything taken is stored and alerted. */
  async idle(): Promise<void> {
    await this.#judging;
    await Promise.all([...this.#stores, this.#commits]);
    if (this.#failed !== undefined) throw this.#failed;
  }

  async #carry(block: Block): Promise<void> {
    if (block.replayed) await this.#deps.begun(block);
    const writer = this.#deps.writer(block);
    const judged = await this.#judge(block, writer);
    this.#commits = this.#commits.then(() => this.#alert(block, judged)).catch((error) => this.#fail(error));
    const stored: Promise<void> = this.#store(block, writer)
      .catch((error) => this.#fail(error))
      .finally(() => this.#stores.delete(stored));
    this.#stores.add(stored);
    while (this.#stores.size >= IN_FLIGHT) await Promise.race(this.#stores);
  }

  /** An event lives for its turn only: its row goes to the writer, and its hits are kept. */
  async #judge(block: Block, writer: BlockWriter): Promise<JudgedBlock> {
    const stages = this.#deps.stages();
    const mayAlert = this.#deps.mayAlert();
    const { tail } = this.#deps;
    const ear = this.#deps.ear();
    const words = this.#deps.words();
    const { attempts } = block;
    const suspect = attempts >= SUSPECT_ATTEMPTS;
    if (suspect)
      this.#deps.telemetry.log('warn', 'a block was under way when the process ended; it is judged with care', {
        block: block.id,
        attempts,
      });
    const hits: DetectedHit[] = [];
    const formats = new Map<string, number>();
    let slice = 0;
    for (const record of block.records) {
      const event = suspect && this.#isPoison(block, record) ? this.#setAside(record) : this.#evaluate(stages, record, formats);
      writer.add(event, record);
      tail.see(event);
      ear.hear(event, record);
      words.hear(event);
      if (event.hits.length > 0) hits.push(...this.#hitsOf(event, mayAlert));
      if (++slice % SLICE === 0) await breathe();
    }
    if (suspect) this.#deps.lastEvent.leave();
    for (const [format, count] of formats) this.#deps.telemetry.count('earshot_decoded_events_total', { format }, count);
    return { hits, heard: ear.take(block.records.at(-1)?.receivedAt ?? 0), overheard: words.take() };
  }

  #isPoison({ attempts }: Block, { seq }: RawRecord): boolean {
    return this.#deps.lastEvent.enter(seq) >= POISON_ENDS || attempts >= HOPELESS_ATTEMPTS;
  }

  #setAside(record: RawRecord): LiveEvent {
    this.#deps.telemetry.count('earshot_undecoded_events_total', { reason: 'set_aside' });
    this.#deps.telemetry.log('error', 'an event ended the process; it is kept bare, and no rule has seen it', { seq: record.seq });
    return bareEvent(this.#deps.node, record, 'set_aside');
  }

  #evaluate(stages: Stages, record: RawRecord, formats: Map<string, number>): LiveEvent {
    const evaluated = evaluate(stages, this.#deps.node, record);
    if (evaluated.fault !== undefined) {
      this.#deps.telemetry.count('earshot_undecoded_events_total', { reason: 'pipeline_fault' });
      this.#deps.telemetry.log('error', 'a stage failed on an event; it is kept bare', { seq: record.seq, fault: evaluated.fault });
    }
    const format = evaluated.decoded?.format;
    if (format !== undefined) formats.set(format, (formats.get(format) ?? 0) + 1);
    if (evaluated.mismatch !== undefined) this.#deps.onMismatch(record, evaluated.mismatch);
    return evaluated.event;
  }

  async #store(block: Block, writer: BlockWriter): Promise<void> {
    await writer.store();
    if (!block.alreadyStored) {
      this.#tellLatency(block);
      this.#deps.telemetry.count('earshot_stored_events_total', {}, block.records.length);
    }
    await this.#deps.released(block, 'stored');
  }

  /** Of some events spread evenly over the block, as all of them would cost more than they tell. */
  #tellLatency({ records }: Block): void {
    const now = this.#deps.now();
    const step = Math.max(1, Math.floor(records.length / LATENCY_SAMPLES));
    for (let i = 0; i < records.length; i += step) {
      this.#deps.telemetry.observe('earshot_searchable_seconds', {}, (now - (records[i]?.receivedAt ?? now)) / 1000);
    }
  }

  async #alert(block: Block, { hits, heard, overheard }: JudgedBlock): Promise<void> {
    await this.#deps.commit({
      node: this.#deps.node,
      firstSeq: block.id,
      lastSeq: block.lastSeq,
      keys: block.keys,
      checkpoints: block.checkpoints,
      chain: block.chain,
      hits,
      ...(heard.length > 0 && { heard }),
      ...(overheard.length > 0 && { overheard }),
    });
    await this.#deps.released(block, 'alerted');
  }

  #hitsOf(event: LiveEvent, mayAlert: (rule: string) => boolean): DetectedHit[] {
    for (const { id } of event.hits) this.#deps.telemetry.count('earshot_rule_hits_total', { rule: id });
    const hits = event.hits.filter(({ id }) => mayAlert(id));
    if (hits.length === 0) return [];
    const { node, seq, timestamp, receivedAt, source } = event;
    const fields = event.fields.toFields();
    // A copy: to send a part of a buffer to another thread sends all that it is a part of.
    const raw = new Uint8Array(event.raw);
    const late = receivedAt - timestamp > this.#deps.lateAfterMs();
    return hits.map((hit) => ({ eventId: eventId(node, seq), node, seq, timestamp, receivedAt, source, fields, raw, hit, late }));
  }

  #fail(error: unknown): void {
    this.#failed ??= error;
    this.#deps.telemetry.log('error', 'a block could not be carried through; it stays in the raw log', { error: String(error) });
  }
}
