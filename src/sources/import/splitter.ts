import { addMessage, type Framed, nothingFramed } from '../framed.ts';
import { addLine, completeLines } from '../lines.ts';

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** How a kind of content falls into messages. */
export interface Splitter {
  /** What the content is known by over imports: its first message, or the beginning of it. */
  first(beginning: Buffer): Buffer;
  /** Complete messages at the beginning; one that is too long comes alone. `consumed` is 0 when none is complete. */
  split(bytes: Buffer): { readonly framed: Framed; readonly consumed: number };
  /** For a message that has begun and is longer than can be held: given piece after piece, tells where it ends, or -1. */
  scanner(): (piece: Buffer) => number;
  /** What is left at the end of the content and is no complete message. */
  rest(bytes: Buffer): Framed;
  /** True when bytes that follow an unfinished message show that it was finished after all. */
  finishes(following: Buffer): boolean;
}

/** An array of objects, or else lines (which NDJSON, CEF and syslog are). Log lines may begin with a bracket, though not with `[{`. */
export function splitterFor(beginning: Buffer, maxMessageBytes: number): Splitter {
  let at = beginning[0] === 0xef && beginning[1] === 0xbb && beginning[2] === 0xbf ? 3 : 0;
  const skipBlank = () => {
    while (isBlank(beginning[at])) at += 1;
  };
  skipBlank();
  if (beginning[at] !== OPEN_ARRAY) return lineSplitter(maxMessageBytes);
  at += 1;
  skipBlank();
  return beginning[at] === OPEN_OBJECT ? arraySplitter(maxMessageBytes) : lineSplitter(maxMessageBytes);
}

function lineSplitter(maxMessageBytes: number): Splitter {
  return {
    first(beginning) {
      const end = beginning.indexOf(LF);
      return end < 0 ? beginning : beginning.subarray(0, end);
    },
    split: (bytes) => completeLines(bytes, maxMessageBytes),
    scanner: () => (piece) => piece.indexOf(LF) + 1 || -1,
    rest(bytes) {
      const framed = nothingFramed();
      addLine(framed, bytes, 0, bytes.length, maxMessageBytes);
      return framed;
    },
    finishes: (following) => following[0] === LF || (following[0] === CR && following[1] === LF),
  };
}

/** The elements of a JSON array, as they are written. What is not JSON between the commas is a message too: nothing is lost. */
function arraySplitter(maxMessageBytes: number): Splitter {
  const add = (framed: Framed, bytes: Buffer, from: number, to: number, unfinished: boolean): boolean => {
    while (to > from && isBlank(bytes[to - 1])) to -= 1;
    const tooLong = to - from > maxMessageBytes;
    if ((tooLong || unfinished) && framed.messages.length > 0) return false;
    if (tooLong) addMessage(framed, bytes.subarray(from, from + maxMessageBytes), 'too_long');
    else if (to > from) addMessage(framed, bytes.subarray(from, to), unfinished ? 'unfinished' : undefined);
    return !tooLong;
  };
  return {
    first(beginning) {
      const from = skipSeparators(beginning, 0);
      const length = elementScanner()(beginning.subarray(from));
      return length < 0 ? beginning.subarray(from) : beginning.subarray(from, from + length);
    },
    split(bytes) {
      const framed = nothingFramed();
      let consumed = 0;
      for (;;) {
        const from = skipSeparators(bytes, consumed);
        const length = from === bytes.length ? -1 : elementScanner()(bytes.subarray(from));
        if (length < 0) return { framed, consumed };
        const before = framed.messages.length;
        const goOn = add(framed, bytes, from, from + length, false);
        if (goOn || framed.messages.length > before) consumed = from + length;
        if (!goOn) return { framed, consumed };
      }
    },
    scanner() {
      const scan = elementScanner();
      let inElement = false;
      return (piece) => {
        const from = inElement ? 0 : skipSeparators(piece, 0);
        if (from === piece.length) return -1;
        inElement = true;
        const end = scan(piece.subarray(from));
        return end < 0 ? -1 : from + end;
      };
    },
    rest(bytes) {
      const framed = nothingFramed();
      add(framed, bytes, skipSeparators(bytes, 0), bytes.length, true);
      return framed;
    },
    finishes: () => false,
  };
}

/** Follows one element; tells where it ends, or -1 when it goes on in the next piece. */
function elementScanner(): (piece: Buffer) => number {
  let depth = 0;
  let inString = false;
  let escaped = false;
  return (piece) => {
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) return i;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        depth = Math.max(0, depth - 1);
        if (depth === 0) return i + 1;
      }
    }
    return -1;
  };
}

function skipSeparators(bytes: Buffer, at: number): number {
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
  while (isBlank(bytes[at]) || bytes[at] === COMMA || bytes[at] === OPEN_ARRAY || bytes[at] === CLOSE_ARRAY) at += 1;
  return at;
}

const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === LF || byte === CR || byte === TAB;
