import { statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { EarshotError } from '../lib/errors.ts';
import type { Receipt } from '../model/record.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { GENESIS } from './chain.ts';
import { readChainEnd } from './chain-file.ts';
import { type Folder, parseSegmentName, type SegmentName, segmentStem } from './folder.ts';
import { KeptSegment } from './kept-segment.ts';
import { HEADER_SIZE } from './segment-format.ts';
import { outlineSegment, readSegment, type SegmentContents } from './segment-reader.ts';
import { readNextSeq, SEQ_STRIDE } from './seq-reserve.ts';

/** How far a source had read. `seq`: once alerting has passed it, the state database has this checkpoint or a newer one. */
export interface WaitingCheckpoint {
  readonly seq: number;
  readonly checkpoint: string;
}

/** What earlier lives left in the folder. */
export interface Recovered {
  /** Oldest first. */
  readonly segments: readonly KeptSegment[];
  readonly keys: ReadonlyMap<string, Receipt>;
  /** The newest one of each source. */
  readonly checkpoints: ReadonlyMap<string, WaitingCheckpoint>;
  readonly damagedFiles: number;
  readonly nextSeq: number;
  /** Hash of the newest link. */
  readonly previous: string;
}

interface Found {
  readonly name: SegmentName;
  readonly fileName: string;
}

type About = Pick<SegmentContents, 'header' | 'keys' | 'checkpoints' | 'lastSeq'> & { readonly size: number };

/** Finds the segments, cuts off what was being written at the end, and finds out where seqs and the chain go on. */
export async function recover(folder: Folder, afterSeq: number, telemetry: Telemetry): Promise<Recovered> {
  return new Recovery(folder, telemetry).run(afterSeq);
}

class Recovery {
  readonly #folder: Folder;
  readonly #telemetry: Telemetry;
  readonly #segments: KeptSegment[] = [];
  readonly #keys = new Map<string, Receipt>();
  readonly #checkpoints = new Map<string, WaitingCheckpoint>();
  #damagedFiles = 0;
  #newest: { readonly lastSeq: number; readonly hash: string } | undefined;

  constructor(folder: Folder, telemetry: Telemetry) {
    this.#folder = folder;
    this.#telemetry = telemetry;
  }

  async run(afterSeq: number): Promise<Recovered> {
    // From the newest back: the first that can be read has the end of the chain.
    const found = await this.#find();
    for (const [i, segment] of found.entries()) {
      if (this.#newest && this.#outline(segment)) continue;
      await this.#readWhole(segment, i === 0);
    }
    return {
      segments: this.#segments.reverse(),
      keys: this.#keys,
      checkpoints: this.#checkpoints,
      damagedFiles: this.#damagedFiles,
      nextSeq: await this.#nextSeq(afterSeq),
      previous: await this.#previous(),
    };
  }

  /** Newest first. */
  async #find(): Promise<Found[]> {
    const found: Found[] = [];
    for (const fileName of await this.#folder.list()) {
      const name = parseSegmentName(fileName);
      if (name && found.some((other) => other.name.firstSeq === name.firstSeq)) {
        this.#telemetry.log('error', 'a raw log segment is there twice; this file is left as it is', { file: fileName });
      } else if (name) found.push({ name, fileName });
      else if (fileName.endsWith('.tmp')) await this.#folder.remove(fileName);
      else if (fileName.endsWith('.damaged')) this.#damagedFiles += 1;
    }
    return found.sort((a, b) => b.name.firstSeq - a.name.firstSeq);
  }

  #outline({ name, fileName }: Found): boolean {
    const path = this.#folder.join(fileName);
    const outline = outlineSegment(path);
    if (!outline) return false;
    this.#keep(name, { ...outline, size: statSync(path).size });
    return true;
  }

  /** `last`: nothing was written after it, so what is incomplete at its end was never acknowledged. */
  async #readWhole({ name, fileName }: Found, last: boolean): Promise<void> {
    const bytes = await readFile(this.#folder.join(fileName));
    const read = readSegment(bytes);
    if (!read.ok && read.error === 'newer') {
      throw new EarshotError(
        'EAR_RAW_LOG_IO',
        `${this.#folder.join(fileName)} was written by a newer Earshot: start that one, or a newer one`,
      );
    }
    const empty = read.ok ? read.value.end === HEADER_SIZE && read.value.damages.length === 0 : read.error === 'short';
    if (last && empty) return this.#drop(fileName, bytes.length);
    if (!read.ok) return this.#setAside(name, fileName);
    const { header, keys, checkpoints, lastSeq, hash, end, torn } = read.value;
    const size = last && torn ? end : bytes.length;
    await this.#settle(fileName, size, bytes.length);
    this.#newest ??= { lastSeq, hash };
    this.#keep(name, { header, keys, checkpoints, lastSeq, size });
  }

  #keep(name: SegmentName, about: About): void {
    for (const { key, firstSeq, count, fingerprint } of about.keys) {
      this.#keys.set(key, { firstSeq, count, duplicate: true, ...(fingerprint !== undefined && { fingerprint }) });
    }
    const { lastSeq, size } = about;
    const newest = new Map(about.checkpoints.map(({ source, checkpoint }) => [source, { seq: lastSeq, checkpoint }]));
    // Segments come from the newest back.
    for (const [source, each] of newest) if (!this.#checkpoints.has(source)) this.#checkpoints.set(source, each);
    const keys = about.keys.map(({ key }) => key);
    this.#segments.push(new KeptSegment({ name, lastSeq, size, receivedAt: about.header.receivedAt, keys, replayed: true }));
  }

  /** What a killed process wrote may be in memory only: it is made to last before anything relies on it, such as a key that was seen. */
  async #settle(fileName: string, size: number, found: number): Promise<void> {
    const file = await open(this.#folder.join(fileName), 'r+');
    try {
      if (size < found) {
        this.#telemetry.log('warn', 'a write that was cut short is removed from the raw log; it was not acknowledged', {
          file: fileName,
          bytes: found - size,
        });
        await file.truncate(size);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#folder.sync();
  }

  /** A file that was made and got no group. */
  async #drop(fileName: string, bytes: number): Promise<void> {
    this.#telemetry.log('info', 'an empty raw log segment is removed', { file: fileName, bytes });
    await this.#folder.remove(fileName);
  }

  async #setAside({ firstSeq }: SegmentName, fileName: string): Promise<void> {
    const keptAs = `${segmentStem(firstSeq)}.damaged`;
    this.#telemetry.log('error', 'a raw log segment is lost: its header is damaged', { file: fileName, kept_as: keptAs });
    await this.#folder.rename(fileName, keptAs);
    this.#damagedFiles += 1;
  }

  async #nextSeq(afterSeq: number): Promise<number> {
    const reserved = await readNextSeq(this.#folder);
    const onDisk = this.#segments.reduce((most, segment) => Math.max(most, segment.lastSeq), 0);
    const least = Math.max(onDisk, afterSeq) + 1;
    if (typeof reserved === 'number') return Math.max(reserved, least);
    const fresh = reserved === 'missing' && least === 1 && this.#damagedFiles === 0;
    if (fresh) return 1;
    this.#telemetry.log('warn', `the raw log's file next-seq is ${reserved}; numbering goes on far ahead`, {
      next_seq: least + SEQ_STRIDE,
    });
    return least + SEQ_STRIDE;
  }

  async #previous(): Promise<string> {
    const end = await readChainEnd(this.#folder);
    if (end === 'damaged') this.#telemetry.log('error', 'the file chain of the raw log is damaged: the hash chain may start anew here');
    if (typeof end === 'string') return this.#newest?.hash ?? GENESIS;
    return this.#newest && this.#newest.lastSeq > end.lastSeq ? this.#newest.hash : end.hash;
  }
}
