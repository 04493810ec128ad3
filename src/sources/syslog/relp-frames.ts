import { err, ok, type Result } from '../../lib/result.ts';
import { PartialMessage } from './partial-message.ts';

const LF = 0x0a;
const SPACE = 0x20;
/** `1000000000` + blank + 32 letters + blank + nine digits + blank. */
const MAX_HEADER_BYTES = 55;
const MAX_DATA_BYTES = 64 * 1024 * 1024;
// librelp lets its numbers run to 1000000000 once before they start again at 1.
const HEADER = /^(\d{1,10}) ([A-Za-z]{1,32}) (\d{1,9})(?=[ \n])/;
const NOTHING = Buffer.alloc(0);

/** One frame of RELP (librelp, doc/relp.md): `TXNR SP COMMAND SP DATALEN [SP DATA] LF`. */
export interface RelpFrame {
  readonly txnr: number;
  readonly command: string;
  readonly data: Buffer;
  /** The data was longer than is kept. */
  readonly cut: boolean;
}

interface Header {
  readonly txnr: number;
  readonly command: string;
}

/** Cuts a RELP stream into frames, wherever the network split it. After a fault the stream cannot be trusted: close it. */
export class RelpFrames {
  readonly #maxBytes: number;
  readonly #partial: PartialMessage;
  #header: Header | undefined;
  /** Bytes of data that are still to come; the LF after them comes on top. */
  #missing = 0;
  #carry = NOTHING;

  constructor(maxDataBytes: number) {
    this.#maxBytes = maxDataBytes;
    this.#partial = new PartialMessage(maxDataBytes);
  }

  /** Takes the next bytes; `frames` gets what is complete, also before a fault. The error is a sentence for the log. */
  push(bytes: Buffer, frames: RelpFrame[]): Result<void, string> {
    const chunk = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = NOTHING;
    let at = 0;
    while (at < chunk.length) {
      const next = this.#header === undefined ? this.#start(chunk, at) : this.#data(chunk, at, this.#header, frames);
      if (!next.ok) return next;
      if (next.value < 0) {
        this.#carry = Buffer.from(chunk.subarray(at));
        break;
      }
      at = next.value;
    }
    return ok(undefined);
  }

  /** Reads up to where the data starts; -1 when the header is not complete. */
  #start(chunk: Buffer, at: number): Result<number, string> {
    const text = chunk.toString('latin1', at, Math.min(chunk.length, at + MAX_HEADER_BYTES));
    const match = HEADER.exec(text);
    if (match === null) {
      const unfinished = text.length < MAX_HEADER_BYTES && /^\d{0,10}(?: [A-Za-z]{0,32}(?: \d{0,9})?)?$/.test(text);
      return unfinished ? ok(-1) : err(`not a RELP frame: ${JSON.stringify(text.slice(0, 24))}`);
    }
    const length = Number(match[3]);
    if (length > MAX_DATA_BYTES) return err(`a RELP frame of ${length} bytes is above ${MAX_DATA_BYTES}`);
    const headerEnd = at + match[0].length;
    const blank = chunk[headerEnd] === SPACE;
    if (!blank && length > 0) return err(`a RELP frame announces ${length} bytes of data and has none`);
    this.#header = { txnr: Number(match[1]), command: match[2] ?? '' };
    this.#missing = length;
    return ok(blank ? headerEnd + 1 : headerEnd);
  }

  #data(chunk: Buffer, at: number, header: Header, frames: RelpFrame[]): Result<number, string> {
    const end = at + this.#missing;
    if (end >= chunk.length) {
      this.#partial.add(chunk, at, chunk.length);
      this.#missing = end - chunk.length;
      return ok(chunk.length);
    }
    if (chunk[end] !== LF) return err(`a RELP frame (${header.command}) does not end with LF where its length says`);
    const whole = this.#partial.length === 0;
    if (!whole) this.#partial.add(chunk, at, end);
    const cut = whole ? end - at > this.#maxBytes : this.#partial.overflowed;
    const data = whole ? chunk.subarray(at, Math.min(end, at + this.#maxBytes)) : this.#partial.take();
    frames.push({ txnr: header.txnr, command: header.command, data, cut });
    this.#header = undefined;
    this.#missing = 0;
    return ok(end + 1);
  }
}
