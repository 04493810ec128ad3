import { EarshotError } from '../lib/errors.ts';
import { type Intake, isOtherBatch, type RawBatch, type Receipt } from '../model/record.ts';
import { Backlog } from './backlog.ts';
import { Folder } from './folder.ts';
import { batchSize, type Group } from './group.ts';
import { KeptSegment } from './kept-segment.ts';
import { Keys } from './keys.ts';
import { lockFolder } from './lock.ts';
import type { SealedSegment } from './open-segment.ts';
import type { RawLogOptions, RawLogStatus } from './raw-log-options.ts';
import { recover, type WaitingCheckpoint } from './recovery.ts';
import { SeqReserve } from './seq-reserve.ts';
import { messageOf, Writer } from './writer.ts';

const SEGMENT_BYTES = 32 * 1024 * 1024;
const CLOSE_AT = 0.95;
const REOPEN_AT = 0.8;
/** Only Earshot's own audit events may fill the bound's last part. */
const ORDINARY_SHARE = 0.98;
const MAX_SOURCE_BYTES = 65_535;
/** No batch may be larger: a group is written and read in one piece. */
const MAX_BATCH_BYTES = 512 * 1024 * 1024;

/** The promise that nothing acknowledged is lost: messages are on disk before anyone hears that they were taken. */
export class RawLog implements Intake {
  readonly #options: RawLogOptions;
  readonly #folder: Folder;
  readonly #unlock: () => void;
  readonly #seqs: SeqReserve;
  readonly #writer: Writer;
  readonly #backlog: Backlog;
  readonly #keys: Keys;
  readonly #checkpoints: Map<string, WaitingCheckpoint>;
  #open = true;
  #full = false;
  #closed: Promise<void> | undefined;
  #openWaiters: (() => void)[] = [];

  private constructor(
    options: RawLogOptions,
    parts: { folder: Folder; unlock: () => void; seqs: SeqReserve; found: Awaited<ReturnType<typeof recover>> },
  ) {
    const { folder, found, seqs } = parts;
    const { node, telemetry, onBlock, segmentEvents = 20_000, segmentMs = 250, commitMs = 3 } = options;
    const { maxBlocks = 6, maxMemoryBytes = 256 * 1024 * 1024 } = options;
    this.#options = options;
    this.#folder = folder;
    this.#unlock = parts.unlock;
    this.#seqs = seqs;
    this.#keys = new Keys(found.keys, options.isKeyKnown);
    this.#checkpoints = new Map(found.checkpoints);
    this.#backlog = new Backlog(
      {
        folder,
        telemetry,
        maxBlocks,
        maxMemoryBytes,
        onBlock,
        onReleased: (segment) => this.#keys.release(segment.keys),
        onRemoved: () => {
          this.#look();
          this.#tell();
        },
        openSegmentId: () => this.#writer.durableId,
      },
      found.damagedFiles,
    );
    this.#backlog.restore(found.segments);
    this.#writer = new Writer({
      folder,
      node,
      seqs,
      nextSeq: found.nextSeq,
      previous: found.previous,
      segmentEvents,
      segmentBytes: Math.min(SEGMENT_BYTES, Math.ceil(options.maxBytes / 8)),
      segmentMs,
      commitMs,
      telemetry,
      onDurable: (group) => this.#note(group),
      onSealed: (segment) => this.#keep(segment),
      onFault: () => this.#look(),
    });
    this.#look();
  }

  /**
   * Locks the folder, mends its end and starts to replay what is in it.
   * Throws `EAR_DATA_DIR_BUSY` when another process has the folder, `EAR_RAW_LOG_IO` when a newer Earshot wrote in it.
   */
  static async open(options: RawLogOptions): Promise<RawLog> {
    const folder = await Folder.open(options.dir);
    let unlock: (() => void) | undefined;
    try {
      unlock = lockFolder(folder.path);
      const found = await recover(folder, options.afterSeq ?? 0, options.telemetry);
      const seqs = new SeqReserve(folder, found.nextSeq);
      const log = new RawLog(options, { folder, unlock, seqs, found });
      // The first commit waits for this, not the replay.
      void seqs.cover(found.nextSeq);
      setImmediate(() => log.#backlog.pump());
      return log;
    } catch (error) {
      unlock?.();
      await folder.close();
      throw error;
    }
  }

  get open(): boolean {
    return this.#open;
  }

  whenOpen(): Promise<void> {
    if (this.#open) return Promise.resolve();
    return new Promise((resolve) => this.#openWaiters.push(resolve));
  }

  /**
   * Rejects with `EAR_RAW_LOG_FULL` at the bound and with `EAR_RAW_LOG_IO` when the disk refuses: nothing of the batch is kept then
   * (only a crash in that moment may leave it). The messages' memory belongs to the raw log from here on.
   */
  append(batch: RawBatch): Promise<Receipt> {
    if (batch.key === undefined) return this.#append(batch);
    return this.#appendOnce(batch, batch.key);
  }

  /** The receipt of a batch with this key whose block is not released yet; older ones are in the state database. */
  keySeen(key: string): Receipt | undefined {
    return this.#keys.seen(key);
  }

  /** The newest checkpoint of a source that was found here or appended since. One that alerting has passed may not be the newest. */
  checkpoint(source: string): WaitingCheckpoint | undefined {
    return this.#checkpoints.get(source);
  }

  /** Says that the block is about to be judged. Resolves when that is noted: a replay that ends the process is known by it. */
  begun(id: number): Promise<void> {
    return this.#backlog.begun(id);
  }

  /** Says that the store keeps the block and would after a power cut. Resolves when that is noted; unknown ids are let pass. */
  stored(id: number): Promise<void> {
    return this.#backlog.stored(id);
  }

  /** Says that alerting has committed the block, its keys and its checkpoints. Resolves when that is noted. */
  alerted(id: number): Promise<void> {
    return this.#backlog.alerted(id);
  }

  /** Seals what is open, and resolves when everything appended so far is released. */
  async drained(): Promise<void> {
    await this.#writer.seal();
    await this.#backlog.whenReleased();
  }

  /** What the store has: every event up to `seq`. `waitingSince`: when the first event behind it was received; absent where there is none. */
  head(): { readonly seq: number; readonly waitingSince?: number } {
    const waiting = this.#backlog.oldestUnsettled ?? this.#writer.oldest;
    if (waiting === undefined) return { seq: this.#writer.nextSeq - 1 };
    return { seq: waiting.id - 1, waitingSince: waiting.receivedAt };
  }

  status(): RawLogStatus {
    const reason = this.#reason();
    const oldest = this.#backlog.oldestReceivedAt ?? this.#writer.receivedAt;
    return {
      open: this.#open,
      ...(reason === undefined ? {} : { reason }),
      ...(this.#writer.fault === undefined ? {} : { fault: this.#writer.fault }),
      bytes: this.#bytes,
      maxBytes: this.#options.maxBytes,
      ...(oldest === undefined ? {} : { oldestReceivedAt: oldest }),
      blocksOut: this.#backlog.blocksOut,
      blocksWaiting: this.#backlog.blocksWaiting,
      damagedFiles: this.#backlog.damagedFiles,
    };
  }

  /** Writes what was appended, and leaves the folder. Blocks that are not released come again with the next open. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#open = false;
    // Sealing must not hand out another block: nobody may be there to take it.
    const backlog = this.#backlog.close();
    await this.#writer.close();
    await backlog;
    await this.#seqs.settle(this.#writer.nextSeq).catch((error: unknown) => {
      this.#options.telemetry.log('warn', 'the raw log closes with a gap in its numbers', { error: messageOf(error) });
    });
    await this.#folder.close();
    this.#unlock();
  }

  get #bytes(): number {
    return this.#backlog.bytes + this.#writer.bytes;
  }

  #appendOnce(batch: RawBatch, key: string): Promise<Receipt> {
    return this.#keys
      .once(key, () => this.#append(batch))
      .then((receipt) => {
        if (receipt.duplicate && !isOtherBatch(receipt, batch))
          this.#options.telemetry.count('earshot_resent_events_total', { source: batch.source }, batch.messages.length);
        return receipt;
      });
  }

  #append(batch: RawBatch): Promise<Receipt> {
    if (batch.messages.length === 0 && batch.key === undefined && batch.checkpoint === undefined) {
      return Promise.resolve({ firstSeq: this.#writer.nextSeq, count: 0, duplicate: false });
    }
    const size = batchSize(batch);
    const refusal = this.#refusal(batch, size);
    if (refusal) return Promise.reject(refusal);
    const { receivedAt } = batch;
    const kept = this.#writer.add(batch, receivedAt >= 0 ? Math.trunc(receivedAt) : this.#options.now(), size);
    if (this.#open) this.#look();
    return kept;
  }

  #refusal(batch: RawBatch, size: number): Error | undefined {
    if (this.#closed) return new EarshotError('EAR_RAW_LOG_IO', 'the raw log is closed');
    if (this.#writer.fault !== undefined) return new EarshotError('EAR_RAW_LOG_IO', this.#writer.fault);
    if (Buffer.byteLength(batch.source) > MAX_SOURCE_BYTES) return new RangeError('the name of a source is longer than 65,535 bytes');
    const bound = batch.origin.transport === 'internal' ? this.#options.maxBytes : this.#options.maxBytes * ORDINARY_SHARE;
    const bytes = this.#bytes;
    if (bytes + size <= bound && size <= MAX_BATCH_BYTES) return undefined;
    return new EarshotError('EAR_RAW_LOG_FULL', `${size} bytes do not fit: the raw log holds ${bytes} of ${this.#options.maxBytes} bytes`);
  }

  #note(group: Group): void {
    for (const [i, { key, source, checkpoint }] of group.batches.entries()) {
      const receipt = group.waiters[i]?.receipt;
      if (key !== undefined && receipt) this.#keys.keep(key, receipt);
      if (checkpoint !== undefined && receipt) this.#checkpoints.set(source, { seq: receipt.firstSeq, checkpoint });
    }
  }

  #keep(sealed: SealedSegment): void {
    const segment = new KeptSegment({
      name: { firstSeq: sealed.id, tries: 0, stored: false },
      lastSeq: sealed.lastSeq,
      size: sealed.size,
      receivedAt: sealed.receivedAt,
      keys: sealed.keys.map(({ key }) => key),
      replayed: false,
    });
    const { id, node, lastSeq, records, keys, checkpoints, chain } = sealed;
    segment.block = { id, node, lastSeq, records, keys, checkpoints, chain, alreadyStored: false, replayed: false, attempts: 0 };
    segment.hash = chain.hash;
    this.#backlog.add(segment);
    this.#tell();
  }

  #reason(): RawLogStatus['reason'] {
    if (this.#closed) return 'closed';
    if (this.#writer.fault !== undefined) return 'fault';
    return this.#full ? 'full' : undefined;
  }

  /** Opens and closes by what is on disk; between the two marks it stays as it was. */
  #look(): void {
    const fill = this.#bytes / this.#options.maxBytes;
    const full = fill >= (this.#full ? REOPEN_AT : CLOSE_AT);
    if (full !== this.#full) {
      this.#full = full;
      this.#options.telemetry.log(
        full ? 'error' : 'info',
        full ? 'the raw log is full: sources are held back' : 'the raw log has room again',
      );
      this.#tell();
    }
    this.#open = this.#reason() === undefined;
    if (this.#open) for (const resolve of this.#openWaiters.splice(0)) resolve();
  }

  #tell(): void {
    const bytes = this.#bytes;
    this.#options.telemetry.gauge('earshot_raw_log_bytes', {}, bytes);
    this.#options.telemetry.gauge('earshot_raw_log_fill_ratio', {}, bytes / this.#options.maxBytes);
  }
}
