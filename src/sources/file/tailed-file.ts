import { type FileHandle, open } from 'node:fs/promises';
import { addMessage, type Framed, nothingFramed, type Origins } from '../framed.ts';
import { addLine, completeLines } from '../lines.ts';
import type { FilePlace } from './checkpoint.ts';
import type { Former, Sample } from './known-files.ts';
import { markAt } from './mark.ts';

const LF = 0x0a;
const CHUNK_BYTES = 1024 * 1024;
const EMPTY_MARK_OFFSET = 0;
const FIRST_SAMPLE_BYTES = 1024;
const MAX_SAMPLES = 64;

/** Lines that were read, and where the file is read on once they are stored. */
export interface Lines {
  readonly framed: Framed;
  readonly next: Position;
}

export interface Position {
  readonly offset: number;
  /** Within a line that is too long: skip to its end. */
  readonly skipping: boolean;
  readonly mark: string;
}

/** One open file that is followed. It is known by device and inode; its path is where it was found. */
export class TailedFile {
  readonly dev: string;
  readonly inode: string;
  readonly origins: Origins;
  /** Where it is now, after renames. */
  path: string;
  /** Milliseconds since the epoch, when it was first missed in the searched paths. */
  missingSince: number | undefined;
  readonly #handle: FileHandle;
  #position: Position;
  #samples: Sample[] = [];
  #checked = { size: -1, mtimeNs: -1n };

  static async open(path: string, origins: (path: string) => Origins): Promise<TailedFile> {
    const handle = await open(path, 'r');
    try {
      const stat = await handle.stat({ bigint: true });
      if (!stat.isFile()) throw Object.assign(new Error(`${path} is not a file`), { code: 'EISDIR' });
      const mark = (await markAt(handle, EMPTY_MARK_OFFSET)) ?? '';
      return new TailedFile(path, handle, `${stat.dev}`, `${stat.ino}`, origins(path), mark);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(path: string, handle: FileHandle, dev: string, inode: string, origins: Origins, mark: string) {
    this.path = path;
    this.#handle = handle;
    this.dev = dev;
    this.inode = inode;
    this.origins = origins;
    this.#position = { offset: 0, skipping: false, mark };
  }

  get offset(): number {
    return this.#position.offset;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  markAt(offset: number): Promise<string | undefined> {
    return markAt(this.#handle, offset);
  }

  /** Starts where reading ended before, if the file still has what was read. */
  async resumeAt(place: { readonly offset: number; readonly mark: string; readonly skipping?: boolean | undefined }): Promise<boolean> {
    if ((await this.markAt(place.offset)) !== place.mark) return false;
    this.#position = { offset: place.offset, mark: place.mark, skipping: place.skipping ?? false };
    return true;
  }

  /** Starts behind what is there; the rest of a line that has begun is not a line. */
  async skipToEnd(): Promise<void> {
    const offset = await this.size();
    const last = Buffer.alloc(1);
    if (offset > 0) await this.#handle.read(last, 0, 1, offset - 1);
    this.#position = { offset, mark: (await this.markAt(offset)) ?? '', skipping: offset > 0 && last[0] !== LF };
  }

  /** When the content that was read is gone (copytruncate), starts anew and says how far it was. */
  async noticeTruncation(): Promise<Former | undefined> {
    const stat = await this.#handle.stat({ bigint: true });
    const size = Number(stat.size);
    if (size === this.#checked.size && stat.mtimeNs === this.#checked.mtimeNs) return undefined;
    const { offset, mark } = this.#position;
    const same = size >= offset && (await this.markAt(offset)) === mark;
    if (same) {
      this.#checked = { size, mtimeNs: stat.mtimeNs };
      return undefined;
    }
    this.#position = { offset: 0, skipping: false, mark: (await this.markAt(0)) ?? '' };
    const samples = this.#samples;
    this.#samples = [];
    return offset === 0 ? undefined : { place: { path: this.path, offset, mark }, samples };
  }

  /** The next complete lines; undefined when there are none. `final`: nothing more is written, so an unfinished line is one too. */
  async read(maxLineBytes: number, final: boolean): Promise<Lines | undefined> {
    const { offset, skipping } = this.#position;
    const capacity = Math.max(CHUNK_BYTES, maxLineBytes + 1);
    const available = (await this.size()) - offset;
    if (available <= 0) return undefined;
    const buffer = Buffer.allocUnsafeSlow(Math.min(capacity, available));
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0 || (await this.size()) < offset + bytesRead) return undefined;
    const chunk = buffer.subarray(0, bytesRead);

    const from = skipping ? chunk.indexOf(LF) + 1 : 0;
    if (skipping && from === 0) return this.#lines(nothingFramed(), offset + bytesRead, true);
    const { framed, consumed } = completeLines(chunk.subarray(from), maxLineBytes);
    const end = from + consumed;
    if (end > 0) return this.#lines(framed, offset + end, false);
    if (bytesRead === capacity) {
      addMessage(framed, chunk.subarray(0, maxLineBytes), 'too_long');
      return this.#lines(framed, offset + bytesRead, true);
    }
    if (!final) return undefined;
    addLine(framed, chunk, 0, bytesRead, maxLineBytes);
    return this.#lines(framed, offset + bytesRead, false);
  }

  /** What was read is stored. */
  async commit(next: Position): Promise<void> {
    if (this.#samples.length === 0) await this.#sampleFirst(next.offset);
    this.#position = next;
    this.#samples.push({ offset: next.offset, mark: next.mark });
    if (this.#samples.length > MAX_SAMPLES) this.#samples = this.#samples.filter((_, i) => i % 2 === 0);
  }

  /** For the checkpoint; as it will be when `next` is stored. */
  place(next: Position = this.#position): FilePlace {
    const { offset, mark, skipping } = next;
    return { path: this.path, dev: this.dev, inode: this.inode, offset, mark, ...(skipping && { skipping }) };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** A first one near the start, because the first piece that is read may be most of the file. */
  async #sampleFirst(offset: number): Promise<void> {
    const first = Math.min(FIRST_SAMPLE_BYTES, offset);
    const mark = await this.markAt(first);
    if (mark !== undefined) this.#samples.push({ offset: first, mark });
  }

  async #lines(framed: Framed, offset: number, skipping: boolean): Promise<Lines | undefined> {
    const mark = await this.markAt(offset);
    return mark === undefined ? undefined : { framed, next: { offset, skipping, mark } };
  }
}
