import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decompressZstd } from './decompress-zstd.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** The content of a file, decompressed. */
export interface OpenImport {
  readonly compression: Compression;
  /** Size of the file as it lies on disk. */
  readonly fileBytes: number;
  readonly content: AsyncIterable<Buffer>;
  /** How much of the file was read so far; for progress, since the decompressed size is not known. */
  fileBytesRead(): number;
}

const PIECE_BYTES = 256 * 1024;

/** Opens a file for import: plain, gzip or zstd, told by its first bytes, whatever its name. A damaged file throws while it is read. */
export async function openImport(path: string): Promise<OpenImport> {
  const { compression, size } = await lookAt(path);
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES });
  return { compression, fileBytes: size, content: contentOf(file, compression), fileBytesRead: () => file.bytesRead };
}

async function lookAt(path: string): Promise<{ compression: Compression; size: number }> {
  const handle = await open(path, 'r');
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' });
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return { compression: compressionOf(buffer.subarray(0, bytesRead)), size: stat.size };
  } finally {
    await handle.close();
  }
}

/** RFC 1952 (gzip) and RFC 8878 (zstd, which may also begin with a skippable frame). */
function compressionOf(magic: Buffer): Compression {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  if (magic.length < 4) return 'none';
  const word = magic.readUInt32LE(0);
  return word === 0xfd2fb528 || word >>> 4 === 0x184d2a5 ? 'zstd' : 'none';
}

async function* contentOf(file: Readable, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'none') {
    yield* file;
    return;
  }
  if (compression === 'zstd') {
    yield* decompressZstd(file, PIECE_BYTES);
    return;
  }
  const decompress = createGunzip({ chunkSize: PIECE_BYTES });
  file.on('error', (error) => decompress.destroy(error));
  file.pipe(decompress);
  try {
    yield* decompress;
  } finally {
    file.destroy();
    decompress.destroy();
  }
}
