const NOTHING = Buffer.alloc(0);
const FIRST_SIZE = 512;

/**
 * The beginning of a message whose rest has not come yet. It copies, so that a few waiting bytes do not keep a whole network chunk
 * alive, grows by doubling, so that a byte at a time costs no more than all at once, and keeps at most `max` bytes.
 */
export class PartialMessage {
  readonly #max: number;
  #bytes = NOTHING;
  #length = 0;
  #overflowed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  /** More was added than is kept. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  add(chunk: Buffer, from: number, to: number): void {
    const kept = Math.min(to - from, this.#max - this.#length);
    if (kept < to - from) this.#overflowed = true;
    if (kept <= 0) return;
    this.#reserve(this.#length + kept);
    chunk.copy(this.#bytes, this.#length, from, from + kept);
    this.#length += kept;
  }

  /** Hands the bytes out, never to touch them again, and starts anew. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#length = 0;
    this.#overflowed = false;
    return bytes;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#max, Math.max(FIRST_SIZE, size, this.#bytes.length * 2)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
