import { err, ok, type Result } from '../lib/result.ts';

export interface JsonSplitFault {
  readonly code: 'json_syntax' | 'json_cut' | 'json_too_deep' | 'json_too_many';
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** Offset in bytes of the value that is wrong, or of the place itself. */
  readonly at: number;
}

export interface JsonSplitLimits {
  readonly maxElements: number;
  readonly maxDepth: number;
}

const LIMITS: JsonSplitLimits = { maxElements: 1_000_000, maxDepth: 512 };

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Splits a body into its JSON values: the elements of an array, or values one after another (NDJSON, or an object printed over several
 * lines). Each comes back as its *original bytes* (views of `bytes`, not copies), checked to be JSON. One fault refuses the whole body,
 * and says on which line. An empty body gives no values. A byte order mark is passed over.
 */
export function splitJson(bytes: Buffer, limits: JsonSplitLimits = LIMITS): Result<Buffer[], JsonSplitFault> {
  return new Splitter(bytes, limits).split();
}

class Splitter {
  readonly #bytes: Buffer;
  readonly #limits: JsonSplitLimits;
  readonly #values: Buffer[] = [];
  #at = 0;
  #fault: JsonSplitFault | undefined;

  constructor(bytes: Buffer, limits: JsonSplitLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  split(): Result<Buffer[], JsonSplitFault> {
    if (this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb && this.#bytes[2] === 0xbf) this.#at = 3;
    this.#blanks();
    if (this.#bytes[this.#at] === OPEN_ARRAY && !this.#isFirstOfSeveral()) this.#array();
    else this.#sequence();
    return this.#fault === undefined ? ok(this.#values) : err(this.#fault);
  }

  /** `[1]\n[2]` are two values that happen to be arrays, not an array with something behind it. */
  #isFirstOfSeveral(): boolean {
    const from = this.#at;
    const end = this.#end(from);
    this.#at = end;
    this.#blanks();
    const more = end > 0 && this.#at < this.#bytes.length;
    this.#at = from;
    this.#fault = undefined;
    return more;
  }

  #array(): void {
    this.#at += 1;
    this.#blanks();
    if (this.#bytes[this.#at] === CLOSE_ARRAY) return;
    while (this.#value()) {
      this.#blanks();
      const next = this.#bytes[this.#at];
      if (next === CLOSE_ARRAY) return;
      if (next !== COMMA) {
        if (next === undefined) this.#wrong('json_cut', 'the array is not closed', this.#at);
        else this.#wrong('json_syntax', 'expected a comma or the end of the array', this.#at);
        return;
      }
      this.#at += 1;
      this.#blanks();
    }
  }

  #sequence(): void {
    while (this.#at < this.#bytes.length && this.#value()) this.#blanks();
  }

  /** Takes one value, checks it, and moves behind it. */
  #value(): boolean {
    const from = this.#at;
    const end = this.#end(from);
    if (this.#fault !== undefined) return false;
    if (end === from) {
      this.#wrong('json_syntax', 'expected a value', from);
      return false;
    }
    if (!this.#isJson(from, end)) return false;
    if (this.#values.length >= this.#limits.maxElements) {
      this.#wrong('json_too_many', `more than ${this.#limits.maxElements} values`, from);
      return false;
    }
    this.#values.push(this.#bytes.subarray(from, end));
    this.#at = end;
    return true;
  }

  #isJson(from: number, end: number): boolean {
    const text = this.#bytes.toString('utf8', from, end);
    try {
      JSON.parse(text);
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const position = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
      this.#wrong('json_syntax', message, from + Buffer.byteLength(text.slice(0, position)));
      return false;
    }
  }

  /** Where the value that begins here ends: by its brackets and quotes alone. */
  #end(from: number): number {
    const bytes = this.#bytes;
    let depth = 0;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        at = this.#stringEnd(at);
        if (at < 0) return this.#cut(from);
        if (depth === 0) return at + 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        if (depth > this.#limits.maxDepth) {
          this.#wrong('json_too_deep', `deeper than ${this.#limits.maxDepth} levels`, at);
          return from;
        }
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth === 0) return at;
        depth -= 1;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && (byte === COMMA || isBlank(byte))) {
        return at;
      }
    }
    return depth === 0 ? bytes.length : this.#cut(from);
  }

  /** The closing quote of a string, by `indexOf`, which is native; -1 where there is none. */
  #stringEnd(open: number): number {
    const bytes = this.#bytes;
    let at = bytes.indexOf(QUOTE, open + 1);
    while (at >= 0) {
      let slashes = 0;
      while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
      if (slashes % 2 === 0) return at;
      at = bytes.indexOf(QUOTE, at + 1);
    }
    return -1;
  }

  #cut(from: number): number {
    // A value that never ends is usually a faulty line with good lines behind it: name the first line that is not JSON by itself.
    const lineEnd = this.#bytes.indexOf(10, from);
    if (lineEnd < 0 || this.#isJson(from, lineEnd)) this.#wrong('json_cut', 'the value is not closed', from);
    return from;
  }

  #wrong(code: JsonSplitFault['code'], message: string, at: number): void {
    if (this.#fault !== undefined) return;
    let line = 1;
    for (let end = this.#bytes.indexOf(10); end >= 0 && end < at; end = this.#bytes.indexOf(10, end + 1)) line += 1;
    this.#fault = { code, message, line, at };
  }

  #blanks(): void {
    while (isBlank(this.#bytes[this.#at])) this.#at += 1;
  }
}

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;
