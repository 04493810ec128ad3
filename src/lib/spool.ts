import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Together } from './together.ts';

/** Things that are written at once. */
const AT_ONCE = 500;

/**
 * A file of things that wait to be put somewhere else: each is on disk when `add` resolves, and there again after a kill, until it is forgotten.
 * What is forgotten may come back after a kill, too: whoever takes it must know it by its identity.
 */
export class Spool<T> {
  readonly #file: FileHandle;
  readonly #mostBytes: number;
  readonly #writing: Together<T>;
  readonly #waiting: T[];
  #bytes: number;
  /** Writes and cuts take turns. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, mostBytes: number, found: { readonly items: T[]; readonly bytes: number }) {
    this.#file = file;
    this.#mostBytes = mostBytes;
    this.#waiting = found.items;
    this.#bytes = found.bytes;
    this.#writing = new Together(AT_ONCE, (items) => this.#inTurn(() => this.#write(items)));
  }

  /** Opens the file, or makes it, with what was left in it. A line that a kill has cut is none. */
  static async open<T>(path: string, mostBytes: number): Promise<Spool<T>> {
    // Synchronous: a write that is over is on disk, in one go.
    const file = await open(path, 'as+', 0o600);
    try {
      const found = read<T>(await file.readFile());
      await file.truncate(found.bytes);
      const folder = await open(dirname(path), 'r');
      await folder.sync().finally(() => folder.close());
      return new Spool(file, mostBytes, found);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Resolves when it is on disk. Rejects when the disk or the bound does not let it. */
  add(item: T): Promise<void> {
    return this.#writing.add(item);
  }

  /** The first that wait. */
  first(most: number): readonly T[] {
    return this.#waiting.slice(0, most);
  }

  /** Forgets the first of them. */
  async forget(count: number): Promise<void> {
    this.#waiting.splice(0, count);
    await this.#inTurn(async () => {
      // Something may have been added meanwhile: then the file waits for a time when nothing does.
      if (this.#waiting.length > 0 || this.#bytes === 0) return;
      await this.#file.truncate(0);
      this.#bytes = 0;
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#file.close());
  }

  async #write(items: readonly T[]): Promise<void> {
    const lines = Buffer.from(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    if (this.#bytes + lines.length > this.#mostBytes) throw new Error(`the spool is full (${this.#bytes} bytes)`);
    try {
      const { bytesWritten } = await this.#file.write(lines);
      if (bytesWritten < lines.length) throw new Error('the disk took a part of it only');
    } catch (error) {
      // Half of it may be there, and what comes next must begin a line.
      await this.#file.truncate(this.#bytes);
      throw error;
    }
    this.#bytes += lines.length;
    this.#waiting.push(...items);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

function read<T>(content: Buffer): { items: T[]; bytes: number } {
  const items: T[] = [];
  let bytes = 0;
  for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, bytes)) {
    const item = parsed<T>(content.toString('utf8', bytes, end));
    if (item === undefined) break;
    items.push(item);
    bytes = end + 1;
  }
  return { items, bytes };
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}
