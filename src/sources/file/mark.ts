import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const LOOK_BYTES = 1024;

/**
 * Recognizes a file by its content up to `offset`: a hash of its first and of its last KiB before that place. Inodes are used again after
 * a deletion, names after a rotation; what was read stays what it was. Undefined when the file is shorter than `offset`.
 */
export async function markAt(file: FileHandle, offset: number): Promise<string | undefined> {
  const length = Math.min(LOOK_BYTES, offset);
  const head = await readExactly(file, 0, length);
  const tail = await readExactly(file, offset - length, length);
  if (head === undefined || tail === undefined) return undefined;
  return createHash('sha256').update(head).update(tail).digest('base64');
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  return bytes;
}
