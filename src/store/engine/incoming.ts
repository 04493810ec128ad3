import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** The largest body of an INSERT: several times what a block may have. */
const MAX_BODY_BYTES = 256 * 1024 ** 2;
const MAX_STATEMENT_BYTES = 1024 ** 2;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Header that names a body which lies in the {@link handedFolder} already: on one machine twenty megabytes need not go through a socket. */
export const HANDED_HEADER = 'x-earshot-body-file';

/** Where the hub puts the bodies that it hands over: beside the engine's socket, in a folder that only the hub's user can enter. */
export const handedFolder = (runDir: string): string => join(runDir, 'handed');

/** Bodies of INSERTs, each as a file while it is being inserted: chDB must never see them as part of a statement. */
export class Incoming {
  readonly #folder: string;
  readonly #handed: string;
  #count = 0;

  /** Empties the folders: what is in them belongs to a process that is gone, or is handed over again. */
  constructor(folder: string, handed: string) {
    this.#folder = folder;
    this.#handed = handed;
    for (const each of [folder, handed]) {
      rmSync(each, { recursive: true, force: true });
      mkdirSync(each, { recursive: true, mode: 0o700 });
    }
  }

  /** Calls `use` with the path of a file that holds the body; the file is removed afterwards, whatever happens. */
  async withFile<T>(request: IncomingMessage, use: (path: string) => Promise<T>): Promise<T> {
    const name = request.headers[HANDED_HEADER];
    const handed = typeof name === 'string' && /^[\w-]+$/.test(name) ? join(this.#handed, name) : undefined;
    const path = handed ?? join(this.#folder, `body-${++this.#count}`);
    try {
      if (handed !== undefined) await readText(request);
      else await pipeline(unzipped(request), bounded(MAX_BODY_BYTES), createWriteStream(path, { mode: 0o600, highWaterMark: 1024 ** 2 }));
      return await use(path);
    } finally {
      await rm(path, { force: true });
    }
  }
}

/** The body as text: a statement. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  await pipeline(unzipped(request), bounded(MAX_STATEMENT_BYTES), async (chunks_: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks_) chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString('utf8');
}

const unzipped = (request: IncomingMessage): NodeJS.ReadableStream =>
  request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;

function bounded(most: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > most) done(new BodyTooLarge(`The body is larger than ${most} bytes`));
      else done(null, chunk);
    },
  });
}
