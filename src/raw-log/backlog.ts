import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { RawRecord } from '../model/record.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Block } from './block.ts';
import { writeChainEnd } from './chain-file.ts';
import { type Folder, isSystemError } from './folder.ts';
import type { KeptSegment } from './kept-segment.ts';
import { readSegment, type SegmentContents } from './segment-reader.ts';
import { messageOf } from './writer.ts';

export interface BacklogOptions {
  readonly folder: Folder;
  readonly telemetry: Telemetry;
  /** Bounds of what is handed out and not released. One block goes out whatever its size. */
  readonly maxBlocks: number;
  readonly maxMemoryBytes: number;
  readonly onBlock: (block: Block) => void;
  /** A segment's keys are with the state database, or its bytes are free: look again. */
  readonly onReleased: (segment: KeptSegment) => void;
  readonly onRemoved: () => void;
  /** Id of the segment that is being written, once it lasts on disk. */
  readonly openSegmentId: () => number | undefined;
}

const READ_TRIES = 4;
const READ_RETRY_MS = 250;
const REMOVE_RETRY_MS = 1_000;

/** Segments that wait for the store and for alerting: hands them out in order, spills to disk what does not fit, deletes what is done. */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #segments = new Map<number, KeptSegment>();
  readonly #waiting: KeptSegment[] = [];
  readonly #stop = new AbortController();
  #bytes = 0;
  #newestId = 0;
  #blocksOut = 0;
  #bytesOut = 0;
  #damagedFiles: number;
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  /** Renames and deletions, one after the other. */
  #chores: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  readonly #unremoved = new Set<KeptSegment>();
  #removalWaiters: (() => void)[] = [];

  constructor(options: BacklogOptions, damagedFiles: number) {
    this.#options = options;
    this.#damagedFiles = damagedFiles;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get blocksOut(): number {
    return this.#blocksOut;
  }

  get blocksWaiting(): number {
    return this.#waiting.length;
  }

  get damagedFiles(): number {
    return this.#damagedFiles;
  }

  get oldestReceivedAt(): number | undefined {
    return this.#oldest()?.receivedAt;
  }

  /** The first segment of which nobody has said in this life that the store has it. */
  get oldestUnsettled(): KeptSegment | undefined {
    for (const segment of this.#segments.values()) if (!segment.settled) return segment;
    return undefined;
  }

  /** Takes a segment that is younger than all before it. Its block stays in memory only when its turn is now. */
  add(segment: KeptSegment): void {
    if (this.#waiting.length > 0 || !this.#hasRoomFor(segment)) segment.block = undefined;
    this.#keep(segment);
    this.pump();
  }

  /** Takes the segments of earlier lives, oldest first. They are handed out from the next {@link pump} on. */
  restore(segments: readonly KeptSegment[]): void {
    for (const segment of segments) this.#keep(segment);
  }

  pump(): void {
    if (this.#stop.signal.aborted) return;
    this.#pumpAgain = true;
    this.#pumping ??= this.#pumpAll();
  }

  /**
   * A block is about to be judged. Resolves when a replay of it is counted: it is not while it waits its turn, as a life that ends then
   * says nothing against it.
   */
  begun(id: number): Promise<void> {
    const segment = this.#segments.get(id);
    if (!segment?.out || !segment.replayed || this.#stop.signal.aborted) return this.#chores;
    segment.tryOnce();
    return this.#rename(segment);
  }

  /** The store keeps the block, durably. Resolves when that is noted. */
  stored(id: number): Promise<void> {
    const segment = this.#segments.get(id);
    if (segment?.out) segment.settled = true;
    if (!segment?.out || segment.stored || this.#stop.signal.aborted) return this.#chores;
    segment.stored = true;
    return segment.alerted ? this.#release(segment) : this.#rename(segment);
  }

  /** Alerting has committed the block. Resolves when that is noted. */
  alerted(id: number): Promise<void> {
    const segment = this.#segments.get(id);
    if (!segment?.out || segment.alerted || this.#stop.signal.aborted) return this.#chores;
    segment.alerted = true;
    return segment.stored ? this.#release(segment) : this.#chores;
  }

  /** Resolves when all that is here now is released and gone. */
  async whenReleased(): Promise<void> {
    const last = this.#newestId;
    while ((this.#oldest()?.id ?? Number.POSITIVE_INFINITY) <= last) {
      await new Promise<void>((resolve) => this.#removalWaiters.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#retry);
    await this.#pumping;
    for (const segment of this.#segments.values()) {
      if (!segment.replayed || !segment.out) continue;
      segment.forgetTry();
      void this.#rename(segment);
    }
    await this.#chores;
  }

  /** Segments come in seq order, so the first is the oldest. */
  #oldest(): KeptSegment | undefined {
    return this.#segments.values().next().value;
  }

  #keep(segment: KeptSegment): void {
    this.#segments.set(segment.id, segment);
    this.#bytes += segment.size;
    this.#newestId = segment.id;
    this.#waiting.push(segment);
  }

  async #pumpAll(): Promise<void> {
    while (this.#pumpAgain) {
      this.#pumpAgain = false;
      // Acknowledgements of this turn go first: the taker of a block may be busy with it for long.
      await nextTurn();
      await this.#handOut();
    }
    this.#pumping = undefined;
  }

  #hasRoomFor(segment: KeptSegment): boolean {
    if (this.#blocksOut === 0) return true;
    return this.#blocksOut < this.#options.maxBlocks && this.#bytesOut + segment.size <= this.#options.maxMemoryBytes;
  }

  async #handOut(): Promise<void> {
    for (;;) {
      const segment = this.#waiting[0];
      if (!segment || this.#stop.signal.aborted || !this.#hasRoomFor(segment)) return;
      const block = segment.block ?? (await this.#load(segment));
      if (this.#stop.signal.aborted) return;
      this.#waiting.shift();
      if (!block) continue;
      segment.block = undefined;
      segment.hash = block.chain.hash;
      segment.out = true;
      this.#blocksOut += 1;
      this.#bytesOut += segment.size;
      this.#options.onBlock(block);
    }
  }

  /** Reads a block back. What cannot be read at all is set aside, so that the blocks behind it need not wait. */
  async #load(segment: KeptSegment): Promise<Block | undefined> {
    const bytes = await this.#read(segment);
    const contents = bytes && readSegment(bytes);
    if (!contents?.ok) {
      if (!this.#stop.signal.aborted) await this.#giveUp(segment, contents ? 'its header is damaged' : 'it cannot be read');
      return undefined;
    }
    const { damages, torn, end } = contents.value;
    segment.damaged = damages.length > 0 || torn;
    if (segment.damaged) this.#reportDamage(segment, torn ? [...damages, { at: end, missing: 0 }] : damages);
    segment.lastSeq = Math.max(segment.lastSeq, contents.value.lastSeq);
    return blockOf(segment, contents.value);
  }

  async #read(segment: KeptSegment): Promise<Buffer | undefined> {
    for (let tries = 1; !this.#stop.signal.aborted; tries += 1) {
      try {
        const bytes = await readFile(this.#options.folder.join(segment.fileName));
        // Behind the size that was durable there may be what a failed write left.
        return bytes.subarray(0, segment.size);
      } catch (error) {
        const last = tries >= READ_TRIES || isSystemError(error, 'ENOENT');
        this.#options.telemetry.log('warn', 'a raw log segment cannot be read', { file: segment.fileName, error: messageOf(error) });
        if (last) return undefined;
        await sleep(READ_RETRY_MS * tries, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  #reportDamage(segment: KeptSegment, damages: readonly { at: number; missing: number }[]): void {
    const missing = damages.reduce((sum, damage) => sum + damage.missing, 0);
    const { telemetry } = this.#options;
    telemetry.log('error', 'a raw log segment is damaged; it will be kept aside', {
      file: segment.fileName,
      kept_as: segment.damagedName,
      at_bytes: damages.map((damage) => damage.at),
      events_missing_at_least: missing,
    });
    if (missing > 0) telemetry.count('earshot_dropped_events_total', { source: 'raw_log', reason: 'damaged' }, missing);
  }

  async #giveUp(segment: KeptSegment, why: string): Promise<void> {
    this.#options.telemetry.log('error', 'a raw log segment is lost', { file: segment.fileName, kept_as: segment.damagedName, why });
    segment.damaged = true;
    this.#options.onReleased(segment);
    await this.#chore(() => this.#remove(segment));
  }

  #rename(segment: KeptSegment): Promise<void> {
    return this.#chore(async () => {
      const due = segment.dueName;
      if (!this.#segments.has(segment.id) || due === segment.fileName) return;
      try {
        await this.#options.folder.rename(segment.fileName, due);
        segment.renamed(due);
      } catch (error) {
        // A lost mark costs a repeated insert, which the store recognizes.
        this.#options.telemetry.log('warn', 'a raw log segment cannot be marked', { file: segment.fileName, error: messageOf(error) });
      }
    });
  }

  #release(segment: KeptSegment): Promise<void> {
    this.#blocksOut -= 1;
    this.#bytesOut -= segment.size;
    this.#options.onReleased(segment);
    const removed = this.#chore(() => this.#remove(segment));
    this.pump();
    return removed;
  }

  async #remove(segment: KeptSegment): Promise<void> {
    const { folder, telemetry } = this.#options;
    try {
      await this.#keepChain(segment);
      if (segment.damaged) {
        await folder.rename(segment.fileName, segment.damagedName).catch((error: unknown) => {
          if (!isSystemError(error, 'ENOENT')) throw error;
        });
        this.#damagedFiles += 1;
      } else await folder.remove(segment.fileName);
    } catch (error) {
      telemetry.log('warn', 'a raw log segment cannot be removed', { file: segment.fileName, error: messageOf(error) });
      this.#unremoved.add(segment);
      this.#removeLater();
      return;
    }
    this.#unremoved.delete(segment);
    this.#segments.delete(segment.id);
    this.#bytes -= segment.size;
    this.#options.onRemoved();
    for (const resolve of this.#removalWaiters.splice(0)) resolve();
  }

  /** The newest segment holds the end of the chain: it goes only when that is written elsewhere. A later segment's header has it too. */
  async #keepChain({ id, lastSeq, hash }: KeptSegment): Promise<void> {
    const open = this.#options.openSegmentId();
    const newest = this.#newestId === id && (open === undefined || open <= id);
    if (newest && hash !== undefined) await writeChainEnd(this.#options.folder, { lastSeq, hash });
  }

  #removeLater(): void {
    if (this.#stop.signal.aborted) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      for (const segment of this.#unremoved) void this.#chore(() => this.#remove(segment));
    }, REMOVE_RETRY_MS);
  }

  #chore(step: () => Promise<void>): Promise<void> {
    this.#chores = this.#chores.then(step);
    return this.#chores;
  }
}

function blockOf(segment: KeptSegment, contents: SegmentContents): Block {
  const records: readonly RawRecord[] = contents.records;
  return {
    id: segment.id,
    node: contents.header.node,
    lastSeq: contents.lastSeq,
    records,
    keys: contents.keys,
    checkpoints: contents.checkpoints,
    chain: { previous: contents.header.previous, hash: contents.hash, count: records.length },
    alreadyStored: segment.stored,
    replayed: segment.replayed,
    attempts: segment.attempts,
  };
}
