import type { Framed } from '../framed.ts';
import { ByteFeed } from './byte-feed.ts';
import { type Compression, openImport } from './open-import.ts';
import { chunkKey, keyPrefix, knownPositions, resumePosition } from './resume.ts';
import { type Splitter, splitterFor } from './splitter.ts';

const CHUNK_BYTES = 1024 * 1024;
const FIRST_MESSAGE_BYTES = 64 * 1024;

/** A piece of a file that is stored in one batch: all of it, or nothing; the same piece again gives the same key. */
export interface ImportChunk {
  readonly messages: readonly Buffer[];
  /** The message (there is one then) is only the beginning of what is in the file. */
  readonly truncated: boolean;
  readonly key: string;
  /** Position behind the chunk, in decompressed bytes. */
  readonly endPosition: number;
  /** Size of the file, and how much of it was read, as it lies on disk. */
  readonly fileBytes: number;
  readonly fileBytesRead: number;
  readonly compression: Compression;
  /** Where this import began, because what is before was imported earlier. */
  readonly resumedAt: number;
}

interface ImportOptions {
  readonly path: string;
  readonly source: string;
  readonly maxMessageBytes: number;
  /** Keys of batches that are on disk and begin with this. */
  keysWithPrefix(prefix: string): Promise<readonly string[]>;
}

/**
 * Reads a file in chunks whose keys come from the content alone, so that a file that is imported again (renamed, compressed, grown, or
 * after a crash in the middle) is read on from where it is known. A last line without an end is a message in a chunk of its own. If it
 * has grown by the next import, the whole line is a message again: a line is never cut in two, and the first, shorter one stays.
 * Throws when the file cannot be read, or is damaged: what came before stays.
 */
export async function* readImport(options: ImportOptions): AsyncGenerator<ImportChunk> {
  const { path, source, maxMessageBytes, keysWithPrefix } = options;
  const look = await openFeed(path);
  const beginning = withoutBlankLines(await look.feed.peek(FIRST_MESSAGE_BYTES));
  const splitter = splitterFor(beginning, maxMessageBytes);
  const prefix = keyPrefix(source, splitter.first(beginning));
  const known = knownPositions(prefix, await keysWithPrefix(prefix));
  const resumedAt = await resumePosition(look.feed, known, splitter.finishes);
  await look.feed.close();

  const { file, feed } = await openFeed(path);
  try {
    await feed.skipTo(resumedAt);
    for await (const { framed, unfinished } of chunks(feed, splitter, maxMessageBytes)) {
      yield {
        messages: framed.messages,
        truncated: framed.cuts.length > 0,
        key: chunkKey(prefix, feed.position, feed.prefixHash(), unfinished),
        endPosition: feed.position,
        fileBytes: file.fileBytes,
        fileBytesRead: file.fileBytesRead(),
        compression: file.compression,
        resumedAt,
      };
    }
  } finally {
    await feed.close();
  }
}

async function* chunks(
  feed: ByteFeed,
  splitter: Splitter,
  maxMessageBytes: number,
): AsyncGenerator<{ framed: Framed; unfinished: boolean }> {
  const window = Math.max(CHUNK_BYTES, maxMessageBytes + 2);
  for (;;) {
    const bytes = await feed.peek(window);
    const { framed, consumed } = splitter.split(bytes);
    if (consumed > 0) {
      feed.take(consumed);
      if (framed.messages.length > 0) yield { framed, unfinished: false };
    } else if (bytes.length < window) {
      const rest = splitter.rest(bytes);
      feed.take(bytes.length);
      if (rest.messages.length > 0) yield { framed: rest, unfinished: true };
      return;
    } else {
      const beginning = splitter.rest(bytes);
      const complete = await skipMessage(feed, splitter, window);
      yield { framed: beginning, unfinished: !complete };
    }
  }
}

/** Goes behind a message that is longer than the window; false when the content ends before it does. */
async function skipMessage(feed: ByteFeed, splitter: Splitter, window: number): Promise<boolean> {
  const end = splitter.scanner();
  for (;;) {
    const piece = await feed.peek(window);
    if (piece.length === 0) return false;
    const at = end(piece);
    feed.take(at < 0 ? piece.length : at);
    if (at >= 0) return true;
  }
}

async function openFeed(path: string) {
  const file = await openImport(path);
  return { file, feed: new ByteFeed(file.content) };
}

function withoutBlankLines(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return bytes.subarray(at);
}
