import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { err, ok, type Result } from '../lib/result.ts';
import type { Origin } from '../model/record.ts';
import { readU64, writeU64 } from './chain.ts';

/**
 * The bytes of a segment file, integers big-endian. See docs/decisions/0002-raw-log.md.
 *
 * ```
 * file   = header header group*                     the header stands twice: without its salt no group can be believed
 * header = "EARRAW\r\n" | version u16 | node u16 | crc u32 | salt u32 | 0 u32 | firstSeq u64 | receivedAt u64 | previous hash 32 bytes
 * group  = "EGRP" | crc u32 | metaLength u32 | eventsLength u32 | metaCrc u32 | eventsCrc u32 | firstSeq u64 | count u32 | span u32
 *          | meta (JSON) | events (canonical bytes, chain.ts)
 * ```
 *
 * Every CRC of a group starts from the salt, which no sender knows: a message that contains the bytes of a group is not taken for one.
 */
export const FORMAT_VERSION = 1;
const MAGIC = Buffer.from('EARRAW\r\n', 'latin1');
const HEADER_COPY = 72;
export const HEADER_SIZE = 2 * HEADER_COPY;

export interface SegmentHeader {
  readonly version: number;
  readonly node: number;
  readonly salt: number;
  readonly firstSeq: number;
  /** Of the first batch, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The link before this segment's, lower-case hex. */
  readonly previous: string;
}

export function formatHeader(header: SegmentHeader): Buffer {
  const out = Buffer.alloc(HEADER_SIZE);
  MAGIC.copy(out);
  out.writeUInt16BE(header.version, 8);
  out.writeUInt16BE(header.node, 10);
  out.writeUInt32BE(header.salt, 16);
  writeU64(out, 24, header.firstSeq);
  writeU64(out, 32, header.receivedAt);
  out.write(header.previous, 40, 'hex');
  out.writeUInt32BE(headerCrc(out.subarray(0, HEADER_COPY)), 12);
  out.copy(out, HEADER_COPY, 0, HEADER_COPY);
  return out;
}

/** The header, from whichever of its copies is whole. `short` says that the file ends inside it. */
export function parseHeader(bytes: Buffer): Result<SegmentHeader, 'short' | 'damaged'> {
  for (const at of [0, HEADER_COPY]) {
    const copy = bytes.subarray(at, at + HEADER_COPY);
    if (copy.length < HEADER_COPY) return err('short');
    if (!copy.subarray(0, 8).equals(MAGIC) || copy.readUInt32BE(12) !== headerCrc(copy)) continue;
    return ok({
      version: copy.readUInt16BE(8),
      node: copy.readUInt16BE(10),
      salt: copy.readUInt32BE(16),
      firstSeq: readU64(copy, 24),
      receivedAt: readU64(copy, 32),
      previous: copy.toString('hex', 40, HEADER_COPY),
    });
  }
  return err('damaged');
}

const headerCrc = (copy: Buffer): number => crc32(copy.subarray(16), crc32(copy.subarray(0, 12)));

export const GROUP_MAGIC = Buffer.from('EGRP', 'latin1');
export const GROUP_HEAD_SIZE = 40;

export interface GroupHead {
  readonly metaLength: number;
  readonly eventsLength: number;
  readonly metaCrc: number;
  readonly eventsCrc: number;
  readonly firstSeq: number;
  readonly count: number;
  /** How many seqs the group uses up: its events, and one for each batch without any. */
  readonly span: number;
}

export interface GroupBytes {
  readonly meta: Buffer;
  readonly events: Buffer;
  readonly firstSeq: number;
  readonly count: number;
  readonly span: number;
}

export function formatGroupHead({ meta, events, firstSeq, count, span }: GroupBytes, salt: number): Buffer {
  const out = Buffer.alloc(GROUP_HEAD_SIZE);
  GROUP_MAGIC.copy(out);
  out.writeUInt32BE(meta.length, 8);
  out.writeUInt32BE(events.length, 12);
  out.writeUInt32BE(crc32(meta, salt), 16);
  out.writeUInt32BE(crc32(events, salt), 20);
  writeU64(out, 24, firstSeq);
  out.writeUInt32BE(count, 32);
  out.writeUInt32BE(span, 36);
  out.writeUInt32BE(crc32(out.subarray(8), salt), 4);
  return out;
}

/** The head of the group at `at`, when it is there whole and its checksum holds. */
export function parseGroupHead(bytes: Buffer, at: number, salt: number): GroupHead | undefined {
  const head = bytes.subarray(at, at + GROUP_HEAD_SIZE);
  if (head.length < GROUP_HEAD_SIZE || !head.subarray(0, 4).equals(GROUP_MAGIC)) return undefined;
  if (head.readUInt32BE(4) !== crc32(head.subarray(8), salt)) return undefined;
  return {
    metaLength: head.readUInt32BE(8),
    eventsLength: head.readUInt32BE(12),
    metaCrc: head.readUInt32BE(16),
    eventsCrc: head.readUInt32BE(20),
    firstSeq: readU64(head, 24),
    count: head.readUInt32BE(32),
    span: head.readUInt32BE(36),
  };
}

/** What a group holds beside its events. Each group names its origins itself, so that it can be read when the one before cannot. */
export interface GroupMeta {
  readonly origins: readonly Origin[];
  readonly batches: readonly BatchMeta[];
}

export interface BatchMeta {
  /** Index into the group's origins. */
  readonly origin: number;
  readonly source: string;
  readonly count: number;
  readonly key?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly checkpoint?: string | undefined;
}

const Meta = z.object({
  origins: z.array(
    z.looseObject({
      transport: z.enum(['udp', 'tcp', 'tls', 'relp', 'http', 'file', 'internal']),
      address: z.string().exactOptional(),
      port: z.number().exactOptional(),
      certificate: z.string().exactOptional(),
      path: z.string().exactOptional(),
      datasets: z.array(z.string()).exactOptional(),
      decoder: z.string().exactOptional(),
      timeZone: z.string().exactOptional(),
    }),
  ),
  batches: z.array(
    z.object({
      origin: z.int().min(0),
      source: z.string(),
      count: z.int().min(0),
      key: z.string().optional(),
      fingerprint: z.string().optional(),
      checkpoint: z.string().optional(),
    }),
  ),
});

/** Reads the meta of a group whose checksum held; nothing when it is not what this version writes. */
export function parseMeta(bytes: Buffer): GroupMeta | undefined {
  try {
    const parsed = Meta.safeParse(JSON.parse(bytes.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
