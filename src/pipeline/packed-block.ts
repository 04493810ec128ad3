import type { Transferable } from 'node:worker_threads';
import type { Origin, RawRecord } from '../model/record.ts';
import type { Block } from '../raw-log/block.ts';

/**
 * A block as it crosses to another thread: all bytes in one buffer that changes hands, and the rest in arrays. Twenty thousand records
 * as they are would be copied one by one, each with the socket's whole buffer that its bytes are a part of.
 */
export interface PackedBlock extends Omit<Block, 'records'> {
  readonly bytes: Uint8Array;
  /** Where each message begins in `bytes`; one more for the end. */
  readonly offsets: Uint32Array;
  readonly seqs: Float64Array;
  readonly receivedAt: Float64Array;
  /** Which of `origins` and `sources` each message has. */
  readonly originOf: Uint32Array;
  readonly sourceOf: Uint32Array;
  readonly origins: readonly Origin[];
  readonly sources: readonly string[];
}

/** Packs a block, and names what is to be transferred and not copied. */
export function packBlock({ records, ...block }: Block): { readonly packed: PackedBlock; readonly transfer: Transferable[] } {
  const size = records.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bytes = new Uint8Array(size);
  const offsets = new Uint32Array(records.length + 1);
  const seqs = new Float64Array(records.length);
  const receivedAt = new Float64Array(records.length);
  const originOf = new Uint32Array(records.length);
  const sourceOf = new Uint32Array(records.length);
  const origins = new Numbered<Origin>();
  const sources = new Numbered<string>();
  let at = 0;
  records.forEach((record, i) => {
    bytes.set(record.bytes, at);
    at += record.bytes.length;
    offsets[i + 1] = at;
    seqs[i] = record.seq;
    receivedAt[i] = record.receivedAt;
    originOf[i] = origins.of(record.origin);
    sourceOf[i] = sources.of(record.source);
  });
  return {
    packed: { ...block, bytes, offsets, seqs, receivedAt, originOf, sourceOf, origins: origins.all, sources: sources.all },
    transfer: [bytes.buffer, offsets.buffer, seqs.buffer, receivedAt.buffer, originOf.buffer, sourceOf.buffer],
  };
}

/** The block again. Its messages share one buffer. */
export function unpackBlock(packed: PackedBlock): Block {
  const { bytes, offsets, seqs, receivedAt, originOf, sourceOf, origins, sources, ...block } = packed;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: RawRecord[] = [];
  for (let i = 0; i < seqs.length; i++) {
    records.push({
      seq: seqs[i] ?? 0,
      receivedAt: receivedAt[i] ?? 0,
      source: sources[sourceOf[i] ?? 0] ?? '',
      origin: origins[originOf[i] ?? 0] ?? { transport: 'internal' },
      bytes: all.subarray(offsets[i], offsets[i + 1]),
    });
  }
  return { ...block, records };
}

/** Distinct things in the order they came, by number. */
class Numbered<T> {
  readonly all: T[] = [];
  readonly #numbers = new Map<T, number>();

  of(thing: T): number {
    const known = this.#numbers.get(thing);
    if (known !== undefined) return known;
    this.#numbers.set(thing, this.all.length);
    return this.all.push(thing) - 1;
  }
}
