/** As many as blocks that are on their way at once, with the one being encoded. */
const KEPT = 4;
/** A buffer this many times too large belongs to a burst that is over. */
const TOO_LARGE = 4;
const LEAST_BYTES = 64 * 1024;

/**
 * Buffers for the bodies of blocks, used again. Twenty megabytes of fresh memory for each block cost their page faults each time, and stay
 * until the collector comes by: with them a busy hub held a third more memory.
 */
export class BlockBuffers {
  readonly #free: Buffer[] = [];
  #expectedBytes = LEAST_BYTES;

  /** A buffer that most likely holds the next block. What is in it is of another block. */
  take(): Buffer {
    for (let buffer = this.#free.pop(); buffer !== undefined; buffer = this.#free.pop())
      if (buffer.length <= this.#expectedBytes * TOO_LARGE) return buffer;
    return Buffer.allocUnsafeSlow(this.#expectedBytes);
  }

  /** The body was written, and is done with: its memory is free for another. */
  give(body: Buffer): void {
    this.#expectedBytes = Math.max(LEAST_BYTES, body.length, Math.floor(this.#expectedBytes * 0.9));
    if (this.#free.length < KEPT) this.#free.push(Buffer.from(body.buffer));
  }
}
