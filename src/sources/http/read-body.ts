import type { Readable } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { err, ok, type Result } from '../../lib/result.ts';
import { badBody, busy, type IngestFault, tooLarge } from './fault.ts';

export interface BodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Memory that bodies in flight may take together. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** What one request holds of the budget; given back at once, whatever came of it. */
export class Share {
  readonly #budget: ByteBudget;
  #held = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  take(bytes: number): boolean {
    if (!this.#budget.take(bytes)) return false;
    this.#held += bytes;
    return true;
  }

  release(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}

const full = (): IngestFault => busy(429, 1, 'Too many bytes are in flight.');

/** Reads a body as it is sent, bounded in size and time. What is beyond a bound is left unread. */
export function readBody(stream: Readable, bounds: BodyBounds, share: Share): Promise<Result<Buffer, IngestFault>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Result<Buffer, IngestFault>): void => {
      clearTimeout(timer);
      stream.pause().off('data', onData).off('end', onEnd).off('close', onCut);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > bounds.maxBytes) settle(err(tooLarge(`The body is larger than ${bounds.maxBytes} bytes (max_body_bytes).`)));
      else if (share.take(chunk.length)) chunks.push(chunk);
      else settle(err(full()));
    };
    const onEnd = (): void => settle(ok(Buffer.concat(chunks, size)));
    const onCut = (): void => settle(err(badBody('The body was cut off.')));
    const onTimeout = (): void => {
      const detail = `The body did not come within ${bounds.timeoutMs / 1000} s (body_timeout_secs).`;
      settle(err({ status: 408, code: 'EAR_INGEST_TIMEOUT', detail }));
    };
    const timer = setTimeout(onTimeout, bounds.timeoutMs);
    // An error is followed by `close`; its listener stays, because an error without one would end the process.
    stream
      .on('error', () => undefined)
      .on('data', onData)
      .on('end', onEnd)
      .on('close', onCut);
  });
}

export interface ExpansionBounds {
  readonly maxBytes: number;
  readonly maxRatio: number;
}

const UNPACKERS = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, zstd: createZstdDecompress } as const;
type Encoding = keyof typeof UNPACKERS;

const isEncoding = (name: string): name is Encoding => Object.hasOwn(UNPACKERS, name);

/** Small bodies may be packed very tightly: the ratio counts beyond this. */
const RATIO_FROM_BYTES = 1024 ** 2;

/** Unpacks a body by its `Content-Encoding` (RFC 9110, section 8.4), piece by piece: a bomb is stopped at the bound, not after it. */
export async function expandBody(
  body: Buffer,
  encoding: string | undefined,
  bounds: ExpansionBounds,
  share: Share,
): Promise<Result<Buffer, IngestFault>> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return ok(body);
  if (!isEncoding(name)) {
    return err({
      status: 415,
      code: 'EAR_INGEST_TYPE',
      detail: `Content-Encoding ${name.slice(0, 40)} is not known: use gzip, zstd or deflate.`,
    });
  }
  const unpack = UNPACKERS[name]();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    unpack.end(body);
    for await (const chunk of unpack as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bounds.maxBytes) return err(tooLarge(`The body unpacks to more than ${bounds.maxBytes} bytes (max_expanded_bytes).`));
      if (size > RATIO_FROM_BYTES && size > body.length * bounds.maxRatio) {
        return err(tooLarge(`The body unpacks to more than ${bounds.maxRatio} times its size (max_expansion_ratio).`));
      }
      if (!share.take(chunk.length)) return err(full());
      chunks.push(chunk);
    }
    return ok(Buffer.concat(chunks, size));
  } catch {
    return err(badBody(`The body is not ${name}, or was cut off.`));
  } finally {
    unpack.destroy();
  }
}
