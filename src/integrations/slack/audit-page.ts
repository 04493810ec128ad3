import { createHash } from 'node:crypto';

export interface AuditEntry {
  /** A digest of Slack's id: 16 characters, whatever Slack's ids look like. Of an entry without one: of its bytes. */
  readonly id: string;
  /** Its own time, in seconds since the epoch. Undefined where it has none that can be read. */
  readonly second: number | undefined;
  /** As Slack sent it. */
  readonly bytes: Buffer;
}

/** One answer: entries in Slack's order, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor: string | undefined;
}

/** Reads an answer of `logs`, and cuts it into the entries' own bytes. Undefined when it is not such an answer. */
export function readAuditPage(body: Buffer): AuditPage | undefined {
  const answer = parsed(body);
  if (!isObject(answer) || !Array.isArray(answer.entries)) return undefined;
  const pieces = entriesIn(body);
  if (pieces.length !== answer.entries.length) return undefined;
  const entries = answer.entries.map((entry: unknown, i) => entryOf(entry, pieces[i] ?? Buffer.alloc(0)));
  const metadata = isObject(answer.response_metadata) ? answer.response_metadata : {};
  const { next_cursor: cursor } = metadata;
  return { entries, cursor: typeof cursor === 'string' && cursor !== '' ? cursor : undefined };
}

function entryOf(entry: unknown, bytes: Buffer): AuditEntry {
  const { id, date_create: second } = isObject(entry) ? entry : {};
  return {
    id: createHash('sha256')
      .update(typeof id === 'string' && id !== '' ? id : bytes)
      .digest('base64')
      .slice(0, 16),
    second: typeof second === 'number' && Number.isSafeInteger(second) && second >= 0 ? second : undefined,
    bytes,
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const LIST = 0x5b;

/** The bytes of each element of the list `entries`. The text is known to be JSON, so that brackets and strings are all there is to see. */
function entriesIn(json: Buffer): Buffer[] {
  let pieces: Buffer[] = [];
  let depth = 0;
  let name = '';
  let inside = false;
  let start = -1;
  let end = -1;
  const finish = () => {
    if (start >= 0) pieces.push(json.subarray(start, end));
    start = -1;
  };
  for (let at = 0; at < json.length; ) {
    const byte = json[at] ?? 0;
    const next = byte === QUOTE ? endOfString(json, at) : at + 1;
    const closes = CLOSE.has(byte);
    if (closes) depth--;
    if (inside && depth === 1) {
      finish();
      inside = false;
    } else if (inside && depth === 2 && byte === COMMA) finish();
    else if (inside && !SPACE.has(byte)) {
      if (start < 0) start = at;
      end = next;
    } else if (depth === 1 && byte === QUOTE) name = json.toString('latin1', at + 1, next - 1);
    if (!inside && depth === 1 && byte === LIST && name === 'entries') {
      // Of two lists of this name the second counts, as for JSON.parse.
      pieces = [];
      inside = true;
    }
    if (OPEN.has(byte)) depth++;
    at = next;
  }
  return pieces;
}

/** The place behind the quote that ends the string which begins here. */
function endOfString(json: Buffer, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}
