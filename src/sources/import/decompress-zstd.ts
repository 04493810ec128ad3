import { once } from 'node:events';
import { createZstdDecompress } from 'node:zlib';

/**
 * Decompresses zstd (RFC 8878), all frames of it. Node's stream ends without a word behind a frame that ends within a piece of input
 * (nodejs/node#64741), which would lose the rest of a file that was written in parts; so what it left over goes into another one.
 */
export async function* decompressZstd(compressed: AsyncIterable<Buffer>, chunkSize: number): AsyncGenerator<Buffer> {
  const pieces = compressed[Symbol.asyncIterator]();
  let left: Buffer[] = [];
  try {
    for (;;) {
      const first = left.shift() ?? (await nextOf(pieces));
      if (first === undefined) return;
      left = yield* oneStream(first, left, pieces, chunkSize);
    }
  } finally {
    await pieces.return?.();
  }
}

/** Runs one stream until it ends; returns the input that it did not take. */
async function* oneStream(
  first: Buffer,
  more: Buffer[],
  pieces: AsyncIterator<Buffer>,
  chunkSize: number,
): AsyncGenerator<Buffer, Buffer[]> {
  const stream = createZstdDecompress({ chunkSize });
  const over = new AbortController();
  const given: Buffer[] = [];
  let forgotten = 0;
  const forgetTaken = () => {
    for (let oldest = given[0]; oldest !== undefined && forgotten + oldest.length <= stream.bytesWritten; oldest = given[0]) {
      forgotten += oldest.length;
      given.shift();
    }
  };
  const feed = async () => {
    for (let piece: Buffer | undefined = first; piece !== undefined; piece = more.shift() ?? (await nextOf(pieces))) {
      forgetTaken();
      given.push(piece);
      if (over.signal.aborted) return;
      if (!stream.write(piece)) await once(stream, 'drain', { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
    }
    stream.end();
  };
  const feeding = feed().catch((error: Error) => void stream.destroy(error));
  try {
    yield* stream;
  } finally {
    over.abort();
    stream.destroy();
    await feeding;
  }
  return [...behind(given, stream.bytesWritten - forgotten), ...more];
}

/** What comes after the first `taken` bytes. */
function behind(pieces: readonly Buffer[], taken: number): Buffer[] {
  const left: Buffer[] = [];
  for (const piece of pieces) {
    if (taken < piece.length) left.push(piece.subarray(taken));
    taken = Math.max(0, taken - piece.length);
  }
  return left;
}

async function nextOf(pieces: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await pieces.next();
  return next.done === true ? undefined : next.value;
}
