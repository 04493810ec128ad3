import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { EarshotError } from '../lib/errors.ts';
import type { RawBatch, Receipt } from '../model/record.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Folder } from './folder.ts';
import { Group, OriginJson } from './group.ts';
import { OpenSegment, type SealedSegment } from './open-segment.ts';
import type { SeqReserve } from './seq-reserve.ts';

export interface WriterOptions {
  readonly folder: Folder;
  readonly node: number;
  readonly seqs: SeqReserve;
  readonly nextSeq: number;
  /** Hash of the newest link. */
  readonly previous: string;
  readonly segmentEvents: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** The shortest time between the starts of two commits, while more than one sender waits. */
  readonly commitMs: number;
  readonly telemetry: Telemetry;
  /** A group is on disk; its senders hear of it after this call. */
  readonly onDurable: (group: Group) => void;
  readonly onSealed: (segment: SealedSegment) => void;
  /** The disk refuses or takes again: {@link Writer.fault} changed. */
  readonly onFault: () => void;
}

/** A group is closed at this size, so that one sender's flood does not hold up another's acknowledgement for long. */
const GROUP_BYTES = 4 * 1024 * 1024;
const FREE_GROUPS = 3;
const RETRY_MS = { least: 100, most: 5_000 };

/** Group commit into segments. One write and one `fdatasync` serve all batches that came while the ones before were written. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #originJson = new OriginJson();
  readonly #pending: Group[] = [];
  readonly #free: Group[] = [];
  readonly #stop = new AbortController();
  #nextSeq: number;
  #previous: string;
  #segment: OpenSegment | undefined;
  #sealTimer: NodeJS.Timeout | undefined;
  #sealDue = false;
  #running: Promise<void> | undefined;
  #committing: Group | undefined;
  #lastStart = 0;
  #crowded = false;
  #fault: string | undefined;
  #retryMs = RETRY_MS.least;
  #recovery: Promise<void> = Promise.resolve();
  #closings: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#nextSeq = options.nextSeq;
    this.#previous = options.previous;
  }

  /** Why nothing can be written now. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Bytes of the open segment and of what waits to be written. */
  get bytes(): number {
    let bytes = (this.#segment?.size ?? 0) + (this.#committing?.bytes ?? 0);
    for (const group of this.#pending) bytes += group.bytes;
    return bytes;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The open segment's id, once that segment lasts. */
  get durableId(): number | undefined {
    return this.#segment?.isDurable ? this.#segment.id : undefined;
  }

  get receivedAt(): number | undefined {
    return this.oldest?.receivedAt;
  }

  /** The first of what is in no sealed segment yet. */
  get oldest(): { readonly id: number; readonly receivedAt: number } | undefined {
    if (this.#segment) return this.#segment;
    const group = this.#committing ?? this.#pending[0];
    return group && { id: group.firstSeq, receivedAt: group.receivedAt };
  }

  /** Resolves when the batch is on disk; rejects with `EAR_RAW_LOG_IO` when it could not be put there. Not to be called in a fault. */
  add(batch: RawBatch, receivedAt: number, size: number): Promise<Receipt> {
    const group = this.#groupFor(batch.messages.length, size);
    const kept = group.add(batch, receivedAt, size);
    this.#nextSeq = group.nextSeq;
    this.#running ??= this.#run();
    return kept;
  }

  /** Resolves when all that was added is written or refused, and the open segment is sealed. */
  async seal(): Promise<void> {
    this.#sealDue = true;
    while (this.#running) await this.#running;
    this.#sealNow();
  }

  async close(): Promise<void> {
    await this.seal();
    this.#stop.abort();
    await this.#recovery;
    await this.#closings;
  }

  #groupFor(count: number, size: number): Group {
    const last = this.#pending.at(-1);
    if (last && last.count + count <= this.#options.segmentEvents && last.bytes + size <= GROUP_BYTES) return last;
    const group = this.#free.pop() ?? new Group(this.#originJson);
    group.start(this.#options.node, this.#nextSeq);
    this.#pending.push(group);
    return group;
  }

  async #run(): Promise<void> {
    // What this turn of the event loop brings shares the first commit.
    await nextTurn();
    for (;;) {
      await this.#pace();
      const group = this.#pending.shift();
      if (!group) break;
      this.#committing = group;
      this.#lastStart = performance.now();
      await this.#commit(group);
      this.#committing = undefined;
      this.#crowded = group.batches.length > 1;
      if (this.#free.length < FREE_GROUPS) this.#free.push(group);
    }
    this.#running = undefined;
  }

  /** A lone sender that waits for each acknowledgement is served at once; many are gathered for `commitMs`. */
  async #pace(): Promise<void> {
    if (!this.#crowded || this.#pending.length > 1 || this.#sealDue) return;
    const wait = this.#lastStart + this.#options.commitMs - performance.now();
    if (wait > 0.5) await sleep(wait);
  }

  async #commit(group: Group): Promise<void> {
    const { folder, node, seqs, segmentEvents, segmentBytes } = this.#options;
    try {
      await seqs.cover(group.nextSeq);
      const full = this.#segment && (this.#segment.count + group.count > segmentEvents || this.#segment.size + group.bytes > segmentBytes);
      if (full) this.#sealNow();
      this.#segment ??= await OpenSegment.create(folder, group, { node, previous: this.#previous });
      await this.#segment.append(group);
    } catch (cause) {
      this.#fail(group, cause);
      return;
    }
    this.#retryMs = RETRY_MS.least;
    this.#options.onDurable(group);
    for (const { resolve, receipt } of group.waiters) resolve(receipt);
    this.#afterCommit(this.#segment);
  }

  #afterCommit(segment: OpenSegment): void {
    const { segmentEvents, segmentBytes, segmentMs } = this.#options;
    const age = performance.now() - segment.startedAt;
    if (segment.count >= segmentEvents || segment.size >= segmentBytes || age >= segmentMs) {
      this.#sealNow();
      return;
    }
    this.#sealTimer ??= setTimeout(() => {
      this.#sealTimer = undefined;
      // A commit that is under way seals when it is done: it is older than segmentMs by then.
      if (!this.#committing) this.#sealNow();
    }, segmentMs - age);
  }

  #sealNow(): void {
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    this.#sealDue = false;
    const segment = this.#segment;
    this.#segment = undefined;
    if (!segment) return;
    this.#hand(segment);
    this.#closeLater(segment);
  }

  #hand(segment: OpenSegment): void {
    const sealed = segment.seal();
    this.#previous = sealed.chain.hash;
    this.#options.onSealed(sealed);
  }

  #closeLater(segment: OpenSegment): void {
    const { telemetry } = this.#options;
    const closed = segment.close().catch((error: unknown) => {
      telemetry.log('warn', 'closing a raw log segment failed', { segment: segment.id, error: messageOf(error) });
    });
    this.#closings = this.#closings.then(() => closed);
  }

  /** Nothing of the group counts as kept, nor of those behind it: their senders hear so, and send again. Their seqs are never used. */
  #fail(group: Group, cause: unknown): void {
    const reason = `cannot write in ${this.#options.folder.path}: ${messageOf(cause)}`;
    this.#fault = reason;
    const error = new EarshotError('EAR_RAW_LOG_IO', reason, { cause });
    const broken = this.#segment;
    this.#segment = undefined;
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    for (const refused of [group, ...this.#pending.splice(0)]) {
      for (const { reject } of refused.waiters) reject(error);
    }
    this.#options.telemetry.log('error', 'the raw log cannot be written', { error: reason });
    // Groups that were acknowledged stay kept. A file that failed once is not written to again.
    if (broken?.isDurable) this.#hand(broken);
    this.#recovery = this.#recover(broken);
    this.#options.onFault();
  }

  async #recover(broken: OpenSegment | undefined): Promise<void> {
    const { folder, telemetry } = this.#options;
    for (let mended = false; ; ) {
      await sleep(this.#retryMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
      try {
        if (!mended) await broken?.mend();
        mended = true;
        if (this.#stop.signal.aborted) break;
        await folder.probe();
        break;
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#fault = `cannot write in ${folder.path}: ${messageOf(error)}`;
      }
    }
    if (broken) this.#closeLater(broken);
    if (this.#stop.signal.aborted) return;
    this.#fault = undefined;
    telemetry.log('info', 'the raw log can be written again');
    this.#options.onFault();
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
