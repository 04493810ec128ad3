/** Below this many characters a loop over character codes beats a call into Node's encoder (measured). */
const SHORT = 24;

/** Writes ClickHouse's RowBinary into one buffer that grows. Integers are little-endian, strings are varint length and UTF-8. */
export class RowBinaryWriter {
  #buffer: Buffer;
  #at = 0;

  /** Writes into this buffer, and into a larger one when it is full. */
  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Bytes written. */
  get length(): number {
    return this.#at;
  }

  /** Forgets what was written after `at`: the row that could not be finished. */
  rewind(at: number): void {
    this.#at = at;
  }

  /** What was written: the writer's own memory, so nothing may be written after it. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed > this.#buffer.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  // Bytes are stored one by one: Node's own writers check their arguments, which costs more than the writing.
  u16(value: number): void {
    this.#reserve(2);
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    this.#at = at + 2;
  }

  u32(value: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.#at = at + 4;
  }

  /** A safe integer as Int64, or as UInt64 where it is not negative. */
  i64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.u32((value - high * 0x1_0000_0000) >>> 0);
    this.u32(high >>> 0);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  varint(value: number): void {
    this.#reserve(8);
    this.#at = writeVarint(this.#buffer, this.#at, value);
  }

  zeros(count: number): void {
    this.#reserve(count);
    const end = this.#at + count;
    // For so few bytes a loop is several times cheaper than `fill`.
    while (this.#at < end) this.#buffer[this.#at++] = 0;
  }

  /** IPv4 as the IPv6 address ::ffff:a.b.c.d. */
  ipv4(address: number): void {
    this.zeros(10);
    this.u16(0xffff);
    this.u16((address >>> 24) | ((address >>> 8) & 0xff00));
    this.u16(((address >>> 8) & 0xff) | ((address << 8) & 0xff00));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  string(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 8);
    if (length >= SHORT || !this.#shortAscii(text)) this.#longString(text);
  }

  /** False, with nothing written, for a text with a lone surrogate: UTF-8 could not give it back. */
  tryString(text: string): boolean {
    const { length } = text;
    this.#reserve(length * 3 + 8);
    if (length < SHORT && this.#shortAscii(text)) return true;
    if (!text.isWellFormed()) return false;
    this.#longString(text);
    return true;
  }

  #shortAscii(text: string): boolean {
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[at++] = code;
    }
    this.#at = at;
    return true;
  }

  /** Room for the length is guessed as if the text were ASCII; the bytes are moved when that was too little. */
  #longString(text: string): void {
    const guessed = varintBytes(text.length);
    const written = this.#buffer.write(text, this.#at + guessed);
    const needed = varintBytes(written);
    if (needed !== guessed) this.#buffer.copyWithin(this.#at + needed, this.#at + guessed, this.#at + guessed + written);
    writeVarint(this.#buffer, this.#at, written);
    this.#at += needed + written;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  while (value > 0x7f) {
    value = Math.floor(value / 128);
    bytes++;
  }
  return bytes;
}

function writeVarint(buffer: Buffer, at: number, value: number): number {
  while (value > 0x7f) {
    buffer[at++] = (value & 0x7f) | 0x80;
    value = Math.floor(value / 128);
  }
  buffer[at++] = value;
  return at;
}
