import { addMessage, type Framed, nothingFramed } from './framed.ts';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Complete lines at the beginning of some bytes: without their ends, blank ones left out; `consumed` is where the next one starts. A line
 * that is too long comes alone, because its origin says that it is cut, and a batch, with its one key and checkpoint, has one origin.
 */
export function completeLines(bytes: Buffer, maxLineBytes: number): { readonly framed: Framed; readonly consumed: number } {
  const framed = nothingFramed();
  let at = 0;
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
    const tooLong = end - at > maxLineBytes + 1 || (end - at === maxLineBytes + 1 && bytes[end - 1] !== CR);
    if (tooLong && framed.messages.length > 0) break;
    addLine(framed, bytes, at, end, maxLineBytes);
    at = end + 1;
    if (tooLong) break;
  }
  return { framed, consumed: at };
}

/** Adds the line in `[from, to)`, cut at the bound. */
export function addLine(framed: Framed, bytes: Buffer, from: number, to: number, maxLineBytes: number): void {
  const end = to > from && bytes[to - 1] === CR ? to - 1 : to;
  if (end === from) return;
  if (end - from <= maxLineBytes) addMessage(framed, bytes.subarray(from, end));
  else addMessage(framed, bytes.subarray(from, from + maxLineBytes), 'too_long');
}
