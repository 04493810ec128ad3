import { createHash, type Hash } from 'node:crypto';

const NOTHING = Buffer.alloc(0);

/** Bytes from a stream, looked at before they are taken; knows the position, and the hash of all that was taken. */
export class ByteFeed {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #hash: Hash = createHash('sha256');
  #buffered: Buffer = NOTHING;
  #position = 0;
  #ended = false;

  constructor(content: AsyncIterable<Buffer>) {
    this.#pieces = content[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  /** The next `size` bytes, fewer only at the end. */
  async peek(size: number): Promise<Buffer> {
    if (this.#buffered.length < size && !this.#ended) {
      const pieces = [this.#buffered];
      let length = this.#buffered.length;
      while (length < size && !this.#ended) {
        const next = await this.#pieces.next();
        if (next.done === true) this.#ended = true;
        else {
          pieces.push(next.value);
          length += next.value.length;
        }
      }
      this.#buffered = Buffer.concat(pieces, length);
    }
    return this.#buffered.subarray(0, size);
  }

  /** Takes bytes that were looked at. */
  take(size: number): void {
    this.#hash.update(this.#buffered.subarray(0, size));
    this.#buffered = this.#buffered.subarray(size);
    this.#position += size;
  }

  /** Goes on to a position; false when the content ends before. */
  async skipTo(position: number): Promise<boolean> {
    while (this.#position < position) {
      const bytes = await this.peek(Math.min(256 * 1024, position - this.#position));
      if (bytes.length === 0) return false;
      this.take(bytes.length);
    }
    return true;
  }

  /** SHA-256 of everything before the position, lower-case hex. */
  prefixHash(): string {
    return this.#hash.copy().digest('hex');
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
