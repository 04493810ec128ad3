import { crc32 } from 'node:zlib';
import type { Folder } from './folder.ts';

const FILE = 'chain';

/** The newest link of the chain whose segment is gone. */
export interface ChainEnd {
  readonly lastSeq: number;
  readonly hash: string;
}

export function writeChainEnd(folder: Folder, { lastSeq, hash }: ChainEnd): Promise<void> {
  const line = `${lastSeq} ${hash}`;
  return folder.replace(FILE, `${line} ${crc32(line)}\n`);
}

export async function readChainEnd(folder: Folder): Promise<ChainEnd | 'missing' | 'damaged'> {
  const text = await folder.read(FILE);
  if (text === undefined) return 'missing';
  const found = /^((\d{1,16}) ([0-9a-f]{64})) (\d+)\n$/.exec(text);
  if (!found || Number(found[4]) !== crc32(found[1] ?? '')) return 'damaged';
  return { lastSeq: Number(found[2]), hash: found[3] ?? '' };
}
