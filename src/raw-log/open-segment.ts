import { randomInt } from 'node:crypto';
import type { DetectedBlock } from '../model/detected.ts';
import type { RawRecord } from '../model/record.ts';
import { ChainLink } from './chain.ts';
import type { Folder } from './folder.ts';
import type { Group } from './group.ts';
import { SegmentFile } from './segment-file.ts';
import { FORMAT_VERSION } from './segment-format.ts';

/** A segment that takes no more, with its records still in memory. */
export interface SealedSegment {
  readonly id: number;
  readonly node: number;
  readonly lastSeq: number;
  /** Bytes on disk. */
  readonly size: number;
  readonly receivedAt: number;
  readonly records: readonly RawRecord[];
  readonly keys: DetectedBlock['keys'];
  readonly checkpoints: DetectedBlock['checkpoints'];
  readonly chain: DetectedBlock['chain'];
}

/** The segment that groups are written to now. */
export class OpenSegment {
  readonly id: number;
  readonly startedAt: number;
  readonly #node: number;
  readonly #receivedAt: number;
  readonly #file: SegmentFile;
  readonly #link: ChainLink;
  readonly #records: RawRecord[] = [];
  readonly #keys: DetectedBlock['keys'][number][] = [];
  readonly #checkpoints: DetectedBlock['checkpoints'][number][] = [];
  #nextSeq: number;

  private constructor(file: SegmentFile, first: Group, { node, previous }: { node: number; previous: string }) {
    this.#file = file;
    this.id = first.firstSeq;
    this.startedAt = first.startedAt;
    this.#receivedAt = first.receivedAt;
    this.#node = node;
    this.#nextSeq = first.firstSeq;
    this.#link = new ChainLink(previous);
  }

  /** Makes the file for a segment whose first group is `first`, which is not written yet. */
  static async create(folder: Folder, first: Group, { node, previous }: { node: number; previous: string }): Promise<OpenSegment> {
    const salt = randomInt(2 ** 32);
    const header = { version: FORMAT_VERSION, node, salt, firstSeq: first.firstSeq, receivedAt: first.receivedAt, previous };
    return new OpenSegment(await SegmentFile.create(folder, header), first, { node, previous });
  }

  get count(): number {
    return this.#records.length;
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#file.size;
  }

  get receivedAt(): number {
    return this.#receivedAt;
  }

  get isDurable(): boolean {
    return this.#file.size > 0;
  }

  /** Resolves when the group is on disk, and counted in. */
  async append(group: Group): Promise<void> {
    const bytes = group.toBytes();
    await this.#file.append(bytes);
    this.#link.add(bytes.events);
    for (const record of group.records) this.#records.push(record);
    let firstSeq = group.firstSeq;
    for (const { key, fingerprint, checkpoint, source, count } of group.batches) {
      if (key !== undefined) this.#keys.push({ key, source, firstSeq, count, fingerprint });
      if (checkpoint !== undefined) this.#checkpoints.push({ source, checkpoint });
      firstSeq += Math.max(1, count);
    }
    this.#nextSeq = group.nextSeq;
  }

  seal(): SealedSegment {
    return {
      id: this.id,
      node: this.#node,
      lastSeq: this.#nextSeq - 1,
      size: this.size,
      receivedAt: this.#receivedAt,
      records: this.#records,
      keys: this.#keys,
      checkpoints: this.#checkpoints,
      chain: { previous: this.#link.previous, hash: this.#link.digest(), count: this.#records.length },
    };
  }

  mend(): Promise<void> {
    return this.#file.mend();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
