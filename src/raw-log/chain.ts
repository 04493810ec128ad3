import { createHash, type Hash } from 'node:crypto';

/** What of an event the hash chain covers. */
export interface ChainedEvent {
  readonly node: number;
  readonly seq: number;
  /** Milliseconds since the epoch, a whole number. */
  readonly receivedAt: number;
  readonly source: string;
  /** The bytes as received. */
  readonly raw: Uint8Array;
}

/** What comes before the first block of a new raw log. */
export const GENESIS = '0'.repeat(64);

const TWO_32 = 2 ** 32;
/** node u16, seq u64, receivedAt u64, length of source u16; then the source, length of raw u32, raw. */
const FIXED_HEAD = 20;
const FLUSH_AT = 256 * 1024;

/**
 * One link of the chain: lower-case hex of SHA-256(previous hash as 32 bytes ‖ canonical bytes of the block's events in seq order).
 *
 * An event's canonical bytes, integers big-endian: `node u16 | seq u64 | receivedAt u64 | length u16, source in UTF-8 | length u32, raw`.
 * Every field has a fixed or a stated length, so no two lists of events give the same bytes.
 */
export function chainHash(previous: string, events: Iterable<ChainedEvent>): string {
  const link = new ChainLink(previous);
  let out = Buffer.allocUnsafe(FLUSH_AT * 2);
  let at = 0;
  for (const event of events) {
    const source = Buffer.from(event.source);
    const needed = canonicalSize(source.length, event.raw.length);
    if (at > FLUSH_AT || at + needed > out.length) {
      link.add(out.subarray(0, at));
      at = 0;
      if (needed > out.length) out = Buffer.allocUnsafe(needed);
    }
    at = writeEvents(out, at, { node: event.node, firstSeq: event.seq, receivedAt: event.receivedAt, source, messages: [event.raw] });
  }
  link.add(out.subarray(0, at));
  return link.digest();
}

/** A link that is computed while its block grows. */
export class ChainLink {
  readonly previous: string;
  readonly #hash: Hash;

  constructor(previous: string) {
    this.previous = previous;
    this.#hash = createHash('sha256').update(Buffer.from(previous, 'hex'));
  }

  /** Takes the canonical bytes of the next events. */
  add(canonical: Uint8Array): void {
    this.#hash.update(canonical);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Bytes one event takes in canonical form. */
export const canonicalSize = (sourceBytes: number, rawBytes: number): number => FIXED_HEAD + sourceBytes + 4 + rawBytes;

export interface Messages {
  readonly node: number;
  /** The messages get consecutive numbers from here. */
  readonly firstSeq: number;
  readonly receivedAt: number;
  /** UTF-8, at most 65,535 bytes. */
  readonly source: Uint8Array;
  readonly messages: readonly Uint8Array[];
}

/** Writes messages in canonical form at `at`, where there must be room; gives the place after them. */
export function writeEvents(out: Buffer, at: number, { node, firstSeq, receivedAt, source, messages }: Messages): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const receivedHigh = Math.floor(receivedAt / TWO_32);
  const receivedLow = receivedAt >>> 0;
  const sourceLength = source.length;
  let seq = firstSeq;
  for (const raw of messages) {
    view.setUint16(at, node);
    view.setUint32(at + 2, Math.floor(seq / TWO_32));
    view.setUint32(at + 6, seq >>> 0);
    view.setUint32(at + 10, receivedHigh);
    view.setUint32(at + 14, receivedLow);
    view.setUint16(at + 18, sourceLength);
    at += FIXED_HEAD;
    for (let i = 0; i < sourceLength; i += 1) out[at + i] = source[i] ?? 0;
    at += sourceLength;
    view.setUint32(at, raw.length);
    out.set(raw, at + 4);
    at += 4 + raw.length;
    seq += 1;
  }
  return at;
}

/** The event whose canonical bytes start at `at`, and the place after it; nothing when the bytes end too early. `raw` shares memory. */
export function readEvent(
  bytes: Buffer,
  at: number,
): { readonly event: ChainedEvent & { readonly raw: Buffer }; readonly next: number } | undefined {
  if (at + FIXED_HEAD > bytes.length) return undefined;
  const sourceAt = at + FIXED_HEAD;
  const rawLengthAt = sourceAt + bytes.readUInt16BE(at + 18);
  if (rawLengthAt + 4 > bytes.length) return undefined;
  const rawAt = rawLengthAt + 4;
  const next = rawAt + bytes.readUInt32BE(rawLengthAt);
  if (next > bytes.length) return undefined;
  const event = {
    node: bytes.readUInt16BE(at),
    seq: readU64(bytes, at + 2),
    receivedAt: readU64(bytes, at + 10),
    source: bytes.toString('utf8', sourceAt, rawLengthAt),
    raw: bytes.subarray(rawAt, next),
  };
  return { event, next };
}

/** Reads an unsigned 64-bit number that is a safe integer. */
export const readU64 = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4);

export function writeU64(out: Buffer, at: number, value: number): void {
  out.writeUInt32BE(Math.floor(value / TWO_32), at);
  out.writeUInt32BE(value >>> 0, at + 4);
}
