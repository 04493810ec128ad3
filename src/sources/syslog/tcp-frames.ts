import { err, ok, type Result } from '../../lib/result.ts';
import { addMessage, type Framed, nothingFramed } from '../framed.ts';
import { PartialMessage } from './partial-message.ts';

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const PRI = 0x3c;

/** No sender means more than this: a greater count is a stream out of step. */
const MAX_COUNT = 64 * 1024 * 1024;
const MAX_COUNT_DIGITS = 10;
const NOTHING = Buffer.alloc(0);

/** What is wrong with the stream; nothing after it can be trusted. */
export interface FrameFault {
  readonly code: 'bad_count' | 'count_too_large';
  readonly message: string;
}

type Head =
  | { readonly is: 'count'; readonly count: number; readonly bodyAt: number }
  | { readonly is: 'line' }
  | { readonly is: 'unfinished' }
  | { readonly is: 'fault'; readonly fault: FrameFault };

/**
 * Cuts a TCP stream into messages as RFC 6587 has it: octet counting (3.4.1) or lines ended by LF, CRLF or NUL (3.4.2), told apart
 * frame by frame. A count is digits and a blank. Lines that start with a number (`2026-11-20 …`, `12 users …`) are lines when the
 * frame before was a line, or when no blank follows the number; in a stream of counts they mean that it is out of step.
 */
export class TcpFrames {
  readonly #maxBytes: number;
  readonly #partial: PartialMessage;
  /** Bytes of a count that are still to come. */
  #missing = 0;
  #inLine = false;
  #previous: 'none' | 'count' | 'line' = 'none';
  /** The beginning of a count that ended with the chunk: a dozen bytes at most. */
  #carry = NOTHING;
  #nextLf = -1;
  #nextNul = -1;

  constructor(maxMessageBytes: number) {
    this.#maxBytes = maxMessageBytes;
    // One more: the CR of a line that is just not too long.
    this.#partial = new PartialMessage(maxMessageBytes + 1);
  }

  /** Takes the next bytes of the stream. On a fault, `framed` still holds the messages before it. */
  push(bytes: Buffer, framed: Framed): Result<void, FrameFault> {
    const chunk = this.#carry.length === 0 ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = NOTHING;
    this.#nextLf = chunk.indexOf(LF);
    this.#nextNul = chunk.indexOf(NUL);

    let at = 0;
    if (this.#missing > 0) at = this.#countedRest(chunk, framed);
    else if (this.#inLine) at = this.#lineRest(chunk, framed);

    while (at < chunk.length) {
      const first = chunk[at];
      if (first === LF || first === CR || first === NUL) {
        at += 1;
        continue;
      }
      const head = first === PRI ? LINE : this.#head(chunk, at);
      if (head.is === 'line') at = this.#line(chunk, at, framed);
      else if (head.is === 'count') at = this.#counted(chunk, head.bodyAt, head.count, framed);
      else if (head.is === 'fault') return err(head.fault);
      else {
        this.#carry = Buffer.from(chunk.subarray(at));
        return ok(undefined);
      }
    }
    return ok(undefined);
  }

  /** The stream is over: what is left of a message is a message. `clean` when the peer ended it, not a fault of the network. */
  end(clean: boolean): Framed {
    const framed = nothingFramed();
    if (this.#carry.length > 0) addMessage(framed, this.#carry, 'unfinished');
    else if (this.#inLine) this.#finishLine(framed, clean ? undefined : 'unfinished');
    else if (this.#missing > 0 && this.#partial.length > 0) addMessage(framed, this.#partial.take(), 'unfinished');
    this.#carry = NOTHING;
    this.#inLine = false;
    this.#missing = 0;
    return framed;
  }

  #head(chunk: Buffer, at: number): Head {
    const counts = this.#previous === 'count';
    let digit = at;
    let count = 0;
    while (digit < chunk.length && digit - at <= MAX_COUNT_DIGITS) {
      const byte = chunk[digit] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      count = count * 10 + (byte - ZERO);
      digit += 1;
    }
    const digits = digit - at;
    const plausible = digits > 0 && digits <= MAX_COUNT_DIGITS && chunk[at] !== ZERO;
    if (plausible && digit === chunk.length) return UNFINISHED;
    if (!plausible || chunk[digit] !== SPACE) return counts ? badCount(chunk, at) : LINE;

    if (counts) return count <= MAX_COUNT ? { is: 'count', count, bodyAt: digit + 1 } : tooLarge(count);
    if (digit + 1 === chunk.length && (this.#previous === 'line' || count > MAX_COUNT)) return UNFINISHED;
    const opensMessage = chunk[digit + 1] === PRI;
    if (count > MAX_COUNT) return opensMessage ? tooLarge(count) : LINE;
    return this.#previous === 'none' || opensMessage ? { is: 'count', count, bodyAt: digit + 1 } : LINE;
  }

  #counted(chunk: Buffer, at: number, count: number, framed: Framed): number {
    this.#previous = 'count';
    const end = at + count;
    if (end <= chunk.length) {
      if (count <= this.#maxBytes) addMessage(framed, chunk.subarray(at, end));
      else addMessage(framed, chunk.subarray(at, at + this.#maxBytes), 'too_long');
      return end;
    }
    this.#missing = end - chunk.length;
    this.#partial.add(chunk, at, chunk.length);
    return chunk.length;
  }

  #countedRest(chunk: Buffer, framed: Framed): number {
    const end = Math.min(this.#missing, chunk.length);
    this.#partial.add(chunk, 0, end);
    this.#missing -= end;
    if (this.#missing === 0) this.#finish(framed);
    return end;
  }

  #line(chunk: Buffer, at: number, framed: Framed): number {
    this.#previous = 'line';
    const end = this.#terminator(chunk, at);
    if (end < 0) {
      this.#partial.add(chunk, at, chunk.length);
      this.#inLine = true;
      return chunk.length;
    }
    const last = chunk[end - 1] === CR ? end - 1 : end;
    if (last - at <= this.#maxBytes) addMessage(framed, chunk.subarray(at, last));
    else addMessage(framed, chunk.subarray(at, at + this.#maxBytes), 'too_long');
    return end + 1;
  }

  #lineRest(chunk: Buffer, framed: Framed): number {
    const end = this.#terminator(chunk, 0);
    this.#partial.add(chunk, 0, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.length;
    this.#inLine = false;
    this.#finishLine(framed, undefined);
    return end + 1;
  }

  #finishLine(framed: Framed, cut: 'unfinished' | undefined): void {
    if (this.#partial.overflowed) {
      this.#finish(framed);
      return;
    }
    const bytes = this.#partial.take();
    const length = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    if (length > this.#maxBytes) addMessage(framed, bytes.subarray(0, this.#maxBytes), 'too_long');
    else if (length > 0) addMessage(framed, bytes.subarray(0, length), cut);
  }

  #finish(framed: Framed): void {
    const tooLong = this.#partial.overflowed || this.#partial.length > this.#maxBytes;
    const bytes = this.#partial.take();
    addMessage(framed, tooLong ? bytes.subarray(0, this.#maxBytes) : bytes, tooLong ? 'too_long' : undefined);
  }

  /** Where the line ends that holds `at`; each terminator is looked for once, so that many short frames cost no more than one long. */
  #terminator(chunk: Buffer, at: number): number {
    if (this.#nextLf >= 0 && this.#nextLf < at) this.#nextLf = chunk.indexOf(LF, at);
    if (this.#nextNul >= 0 && this.#nextNul < at) this.#nextNul = chunk.indexOf(NUL, at);
    if (this.#nextNul < 0) return this.#nextLf;
    return this.#nextLf < 0 ? this.#nextNul : Math.min(this.#nextLf, this.#nextNul);
  }
}

const LINE = { is: 'line' } as const;
const UNFINISHED = { is: 'unfinished' } as const;

const badCount = (chunk: Buffer, at: number): Head => ({
  is: 'fault',
  fault: {
    code: 'bad_count',
    message: `expected a message length (RFC 6587 octet counting), found ${printable(chunk.subarray(at, at + 12))}`,
  },
});

const tooLarge = (count: number): Head => ({
  is: 'fault',
  fault: { code: 'count_too_large', message: `a message length of ${count} bytes is above ${MAX_COUNT}` },
});

const printable = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1'));
