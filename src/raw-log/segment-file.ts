import { close, fdatasync, ftruncate, open, write, writev } from 'node:fs';
import { promisify } from 'node:util';
import { type Folder, formatSegmentName } from './folder.ts';
import { formatGroupHead, formatHeader, type GroupBytes, HEADER_SIZE, type SegmentHeader } from './segment-format.ts';

const fs = {
  open: promisify(open),
  close: promisify(close),
  fdatasync: promisify(fdatasync),
  ftruncate: promisify(ftruncate),
  write: promisify(write),
};

/** A segment's file while it is written. `size` counts only what is known to be on disk. */
export class SegmentFile {
  readonly name: string;
  readonly #folder: Folder;
  readonly #header: SegmentHeader;
  readonly #fd: number;
  #size = 0;

  private constructor(folder: Folder, header: SegmentHeader, fd: number) {
    this.#folder = folder;
    this.#header = header;
    this.#fd = fd;
    this.name = formatSegmentName({ firstSeq: header.firstSeq, tries: 0, stored: false });
  }

  static async create(folder: Folder, header: SegmentHeader): Promise<SegmentFile> {
    const name = formatSegmentName({ firstSeq: header.firstSeq, tries: 0, stored: false });
    return new SegmentFile(folder, header, await fs.open(folder.join(name), 'wx', 0o600));
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a group and resolves when it is on disk. After a rejection only {@link mend} may follow. */
  async append(group: GroupBytes): Promise<void> {
    const head = formatGroupHead(group, this.#header.salt);
    const parts = [head, group.meta, group.events];
    if (this.#size === 0) parts.unshift(formatHeader(this.#header));
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const written = await writeAll(this.#fd, parts, this.#size);
    if (written < length) await this.#writeRest(Buffer.concat(parts).subarray(written), this.#size + written);
    // The first group makes the file: its name has to last too.
    const synced = [fs.fdatasync(this.#fd), this.#size === 0 ? this.#folder.sync() : undefined];
    for (const outcome of await Promise.allSettled(synced)) if (outcome.status === 'rejected') throw outcome.reason;
    this.#size += length;
  }

  /** Takes back what a failed append left: the file ends with its last durable group, or is gone when it has none. */
  async mend(): Promise<void> {
    if (this.#size <= HEADER_SIZE) return this.#folder.remove(this.name);
    await fs.ftruncate(this.#fd, this.#size);
    await fs.fdatasync(this.#fd);
  }

  close(): Promise<void> {
    return fs.close(this.#fd);
  }

  async #writeRest(rest: Buffer, position: number): Promise<void> {
    while (rest.length > 0) {
      const { bytesWritten } = await fs.write(this.#fd, rest, 0, rest.length, position);
      rest = rest.subarray(bytesWritten);
      position += bytesWritten;
    }
  }
}

/** A full disk may take a part; the caller writes the rest, and hears then why it does not fit. */
function writeAll(fd: number, parts: readonly Buffer[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, parts, position, (error, written) => (error ? reject(error) : resolve(written)));
  });
}
