import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { err, ok, type Result } from '../lib/result.ts';
import type { DetectedBlock } from '../model/detected.ts';
import type { Origin, RawRecord } from '../model/record.ts';
import { ChainLink, readEvent } from './chain.ts';
import {
  FORMAT_VERSION,
  GROUP_HEAD_SIZE,
  GROUP_MAGIC,
  type GroupHead,
  type GroupMeta,
  HEADER_SIZE,
  parseGroupHead,
  parseHeader,
  parseMeta,
  type SegmentHeader,
} from './segment-format.ts';

/** What a segment file holds. Records share the memory of the bytes that were read. */
export interface SegmentContents {
  readonly header: SegmentHeader;
  readonly records: readonly RawRecord[];
  readonly keys: DetectedBlock['keys'];
  readonly checkpoints: DetectedBlock['checkpoints'];
  readonly hash: string;
  readonly lastSeq: number;
  /** Where the last whole group ends. */
  readonly end: number;
  /** A group that was being written when the process or the machine stopped follows `end`: it was never acknowledged. */
  readonly torn: boolean;
  readonly damages: readonly Damage[];
}

/** A place that was written whole once and cannot be read now. */
export interface Damage {
  readonly at: number;
  /** Events that are missing for it, as far as the groups around it tell. */
  readonly missing: number;
}

export type HeaderFault = 'short' | 'damaged' | 'newer';

interface Group {
  readonly head: GroupHead;
  readonly meta: GroupMeta;
  readonly events: Buffer;
  readonly end: number;
}

/** Reads a segment. What is damaged is stepped over; groups before and after it are given. */
export function readSegment(bytes: Buffer): Result<SegmentContents, HeaderFault> {
  const header = believableHeader(bytes);
  if (!header.ok) return header;
  const { salt } = header.value;
  const contents = new Collected(header.value);
  const damages: Damage[] = [];
  let torn = false;
  let end = HEADER_SIZE;
  for (let at = HEADER_SIZE; at < bytes.length; ) {
    const group = groupAt(bytes, at, salt);
    if (group && group.head.firstSeq >= contents.nextSeq && contents.add(group)) {
      at = group.end;
      end = at;
      continue;
    }
    const next = findGroup(bytes, at, header.value);
    if (next === undefined && isTorn(bytes, at, salt)) torn = true;
    else damages.push({ at, missing: missingAt(bytes, at, { salt, nextSeq: contents.nextSeq, next }) });
    at = next ?? bytes.length;
  }
  return ok({ ...contents.result(), header: header.value, end, torn, damages });
}

function believableHeader(bytes: Buffer): Result<SegmentHeader, HeaderFault> {
  const header = parseHeader(bytes);
  if (header.ok && header.value.version !== FORMAT_VERSION) return err('newer');
  return header;
}

class Collected {
  readonly #link: ChainLink;
  readonly #records: RawRecord[] = [];
  readonly #keys: DetectedBlock['keys'][number][] = [];
  readonly #checkpoints: DetectedBlock['checkpoints'][number][] = [];
  readonly #origins = new Map<string, Origin>();
  nextSeq: number;

  constructor(header: SegmentHeader) {
    this.#link = new ChainLink(header.previous);
    this.nextSeq = header.firstSeq;
  }

  /** Takes a group; false when its parts do not fit together. */
  add({ head, meta, events }: Group): boolean {
    const records = recordsOf(meta, events, (origin) => this.#intern(origin));
    if (records?.length !== head.count) return false;
    for (const record of records) this.#records.push(record);
    let firstSeq = head.firstSeq;
    for (const { key, fingerprint, checkpoint, source, count } of meta.batches) {
      if (key !== undefined) this.#keys.push({ key, source, firstSeq, count, fingerprint });
      if (checkpoint !== undefined) this.#checkpoints.push({ source, checkpoint });
      firstSeq += Math.max(1, count);
    }
    this.#link.add(events);
    this.nextSeq = head.firstSeq + head.span;
    return true;
  }

  result() {
    const lastSeq = this.nextSeq - 1;
    return { records: this.#records, keys: this.#keys, checkpoints: this.#checkpoints, hash: this.#link.digest(), lastSeq };
  }

  /** Origins are compared by identity: equal ones of a segment become one object. */
  #intern(origin: Origin): Origin {
    const json = JSON.stringify(origin);
    const known = this.#origins.get(json);
    if (known) return known;
    this.#origins.set(json, origin);
    return origin;
  }
}

function recordsOf(meta: GroupMeta, events: Buffer, intern: (origin: Origin) => Origin): RawRecord[] | undefined {
  const origins = meta.origins.map(intern);
  const records: RawRecord[] = [];
  let at = 0;
  for (const batch of meta.batches) {
    const origin = origins[batch.origin];
    if (!origin) return undefined;
    for (let i = 0; i < batch.count; i += 1) {
      const read = readEvent(events, at);
      if (!read) return undefined;
      const { seq, receivedAt, raw } = read.event;
      records.push({ seq, receivedAt, source: batch.source, origin, bytes: raw });
      at = read.next;
    }
  }
  return at === events.length ? records : undefined;
}

function groupAt(bytes: Buffer, at: number, salt: number): Group | undefined {
  const head = parseGroupHead(bytes, at, salt);
  if (!head) return undefined;
  const eventsAt = at + GROUP_HEAD_SIZE + head.metaLength;
  const end = eventsAt + head.eventsLength;
  if (end > bytes.length) return undefined;
  const metaBytes = bytes.subarray(at + GROUP_HEAD_SIZE, eventsAt);
  const events = bytes.subarray(eventsAt, end);
  if (crc32(metaBytes, salt) !== head.metaCrc || crc32(events, salt) !== head.eventsCrc) return undefined;
  const meta = parseMeta(metaBytes);
  return meta && { head, meta, events, end };
}

/** Where the next whole group head after a bad group at `at` begins. */
function findGroup(bytes: Buffer, at: number, { salt, firstSeq }: SegmentHeader): number | undefined {
  const bad = parseGroupHead(bytes, at, salt);
  let from = bad ? at + GROUP_HEAD_SIZE + bad.metaLength + bad.eventsLength : at + 1;
  for (;;) {
    const found = bytes.indexOf(GROUP_MAGIC, from);
    if (found < 0) return undefined;
    const head = parseGroupHead(bytes, found, salt);
    if (head && head.firstSeq >= firstSeq) return found;
    from = found + 1;
  }
}

/** A write that was cut short: too little of it is there, or the file grew and the data never came (zeros). */
function isTorn(bytes: Buffer, at: number, salt: number): boolean {
  const rest = bytes.length - at;
  if (rest < GROUP_HEAD_SIZE) return true;
  const head = parseGroupHead(bytes, at, salt);
  if (head) return rest < GROUP_HEAD_SIZE + head.metaLength + head.eventsLength;
  return bytes.subarray(at).every((byte) => byte === 0);
}

function missingAt(bytes: Buffer, at: number, place: { salt: number; nextSeq: number; next: number | undefined }): number {
  const bad = parseGroupHead(bytes, at, place.salt);
  if (bad) return bad.count;
  const after = place.next === undefined ? undefined : parseGroupHead(bytes, place.next, place.salt);
  return after ? Math.max(0, after.firstSeq - place.nextSeq) : 0;
}

/** What must be known of a segment before its turn to be read comes. */
export interface SegmentOutline {
  readonly header: SegmentHeader;
  readonly lastSeq: number;
  readonly keys: DetectedBlock['keys'];
  readonly checkpoints: DetectedBlock['checkpoints'];
}

/** Reads the heads and metas of a segment, and none of its events; nothing where that does not add up. */
export function outlineSegment(path: string): SegmentOutline | undefined {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const read = (at: number, length: number): Buffer => {
      const out = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
      return out.subarray(0, readSync(file, out, 0, out.length, at));
    };
    const header = believableHeader(read(0, HEADER_SIZE));
    if (!header.ok) return undefined;
    const keys: DetectedBlock['keys'][number][] = [];
    const checkpoints: DetectedBlock['checkpoints'][number][] = [];
    let lastSeq = header.value.firstSeq - 1;
    for (let at = HEADER_SIZE; at < size; ) {
      const head = parseGroupHead(read(at, GROUP_HEAD_SIZE), 0, header.value.salt);
      const metaBytes = head && read(at + GROUP_HEAD_SIZE, head.metaLength);
      const meta = metaBytes && crc32(metaBytes, header.value.salt) === head.metaCrc ? parseMeta(metaBytes) : undefined;
      if (!head || !meta) return undefined;
      let firstSeq = head.firstSeq;
      for (const { key, fingerprint, checkpoint, source, count } of meta.batches) {
        if (key !== undefined) keys.push({ key, source, firstSeq, count, fingerprint });
        if (checkpoint !== undefined) checkpoints.push({ source, checkpoint });
        firstSeq += Math.max(1, count);
      }
      lastSeq = head.firstSeq + head.span - 1;
      at += GROUP_HEAD_SIZE + head.metaLength + head.eventsLength;
      if (at > size) return undefined;
    }
    return { header: header.value, lastSeq, keys, checkpoints };
  } finally {
    closeSync(file);
  }
}
