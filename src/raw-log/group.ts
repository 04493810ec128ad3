import type { Origin, RawBatch, RawRecord, Receipt } from '../model/record.ts';
import { canonicalSize, writeEvents } from './chain.ts';
import type { BatchMeta, GroupBytes } from './segment-format.ts';

interface Waiter {
  readonly receipt: Receipt;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Bytes of buffer a group keeps for its next use. */
const KEPT_BUFFER = 8 * 1024 * 1024;

/** The batches of one commit: encoded as they come, written and acknowledged together. Used again and again. */
export class Group {
  #node = 0;
  #buffer = Buffer.allocUnsafe(256 * 1024);
  #used = 0;
  #firstSeq = 0;
  #span = 0;
  #receivedAt = 0;
  #startedAt = 0;
  #records: RawRecord[] = [];
  #origins: string[] = [];
  #originIndex = new Map<Origin, number>();
  #batches: BatchMeta[] = [];
  #waiters: Waiter[] = [];
  #originJson: OriginJson;

  constructor(originJson: OriginJson) {
    this.#originJson = originJson;
  }

  /** Makes the group empty; its next event has the seq `firstSeq`. */
  start(node: number, firstSeq: number): void {
    this.#node = node;
    this.#firstSeq = firstSeq;
    this.#span = 0;
    this.#used = 0;
    this.#startedAt = performance.now();
    this.#records = [];
    this.#origins = [];
    this.#originIndex.clear();
    this.#batches = [];
    this.#waiters = [];
    if (this.#buffer.length > KEPT_BUFFER) this.#buffer = Buffer.allocUnsafe(256 * 1024);
  }

  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** The seq after the last one of the group. */
  get nextSeq(): number {
    return this.#firstSeq + this.#span;
  }

  get count(): number {
    return this.#records.length;
  }

  get bytes(): number {
    return this.#used;
  }

  get batches(): readonly BatchMeta[] {
    return this.#batches;
  }

  /** Records in seq order; the array is the taker's once the group is started anew. */
  get records(): readonly RawRecord[] {
    return this.#records;
  }

  /** Of the first batch. */
  get receivedAt(): number {
    return this.#receivedAt;
  }

  /** When the first batch was added, on the monotonic clock. */
  get startedAt(): number {
    return this.#startedAt;
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  /** Encodes a batch; `receivedAt` is a whole number and `size` its {@link batchSize}. */
  add(batch: RawBatch, receivedAt: number, size: number): Promise<Receipt> {
    const firstSeq = this.nextSeq;
    const { origin, source, messages, key, fingerprint, checkpoint } = batch;
    if (this.#span === 0) this.#receivedAt = receivedAt;
    this.#reserve(size);
    this.#used = writeEvents(this.#buffer, this.#used, { node: this.#node, firstSeq, receivedAt, source: Buffer.from(source), messages });
    let seq = firstSeq;
    for (const bytes of messages) {
      this.#records.push({ seq, receivedAt, source, origin, bytes });
      seq += 1;
    }
    // A batch without messages uses up a seq all the same: so no two segments can have the same name.
    this.#span += Math.max(1, messages.length);
    this.#batches.push({ origin: this.#indexOf(origin), source, count: messages.length, key, fingerprint, checkpoint });
    const receipt = { firstSeq, count: messages.length, duplicate: false, ...(fingerprint !== undefined && { fingerprint }) };
    return new Promise((resolve, reject) => {
      this.#waiters.push({ receipt, resolve, reject });
    });
  }

  toBytes(): GroupBytes {
    const meta = Buffer.from(`{"origins":[${this.#origins.join(',')}],"batches":${JSON.stringify(this.#batches)}}`);
    const events = this.#buffer.subarray(0, this.#used);
    return { meta, events, firstSeq: this.#firstSeq, count: this.count, span: this.#span };
  }

  #indexOf(origin: Origin): number {
    const known = this.#originIndex.get(origin);
    if (known !== undefined) return known;
    const index = this.#origins.push(this.#originJson.of(origin)) - 1;
    this.#originIndex.set(origin, index);
    return index;
  }

  #reserve(size: number): void {
    const needed = this.#used + size;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

/** An origin serves a whole connection: its JSON is made once. */
export class OriginJson {
  readonly #known = new WeakMap<Origin, string>();

  of(origin: Origin): string {
    const known = this.#known.get(origin);
    if (known !== undefined) return known;
    const json = JSON.stringify(origin);
    this.#known.set(origin, json);
    return json;
  }
}

/** Bytes that the batch takes among the events of a group. */
export function batchSize(batch: RawBatch): number {
  const source = Buffer.byteLength(batch.source);
  let size = 0;
  for (const message of batch.messages) size += canonicalSize(source, message.length);
  return size;
}
