import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressZstd } from './decompress-zstd.ts';

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decompress(bytes: Buffer, size: number): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of decompressZstd(inPieces(bytes, size), 1024)) parts.push(part);
  return Buffer.concat(parts).toString();
}

const frames = [zstdCompressSync('a'.repeat(5000)), zstdCompressSync('b'), zstdCompressSync(''), zstdCompressSync('c'.repeat(100_000))];
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
const expected = `${'a'.repeat(5000)}b${'c'.repeat(100_000)}`;

describe('decompressZstd', () => {
  it.each([1, 2, 7, 20, 100, 100_000])('reads all frames, in pieces of %i bytes', async (size) => {
    expect(await decompress(Buffer.concat(frames), size)).toBe(expected);
    expect(await decompress(Buffer.concat(frames.flatMap((frame) => [skippable, frame])), size)).toBe(expected);
  });

  it.each([1, 100_000])('says so when the file is cut, or goes on with something else, in pieces of %i bytes', async (size) => {
    await expect(decompress(Buffer.concat(frames).subarray(0, -3), size)).rejects.toThrow();
    await expect(decompress(Buffer.concat([...frames, Buffer.from('garbage at the end')]), size)).rejects.toThrow();
  });

  it('can be left in the middle', async () => {
    for await (const part of decompressZstd(inPieces(Buffer.concat(frames), 100), 1024)) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
  });
});
