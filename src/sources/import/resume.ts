import { createHash } from 'node:crypto';
import type { ByteFeed } from './byte-feed.ts';

/** `import:<source>:<sha256 of the first message>:`: what all chunks of one content share, whatever the file is called. */
export const keyPrefix = (source: string, first: Buffer): string => `import:${source}:${createHash('sha256').update(first).digest('hex')}:`;

/** The identity of a chunk: where it ends, and what all bytes up to there are. `unfinished`: it ends within a line, because the file did. */
export const chunkKey = (prefix: string, end: number, prefixHash: string, unfinished: boolean): string =>
  `${prefix}${end}:${prefixHash}${unfinished ? ':unfinished' : ''}`;

export interface KnownPosition {
  readonly end: number;
  readonly hash: string;
  readonly unfinished: boolean;
}

/** Reads keys back; those that are not of this form are left out. Ascending. */
export function knownPositions(prefix: string, keys: readonly string[]): KnownPosition[] {
  return keys
    .flatMap((key) => {
      const match = key.startsWith(prefix) ? /^(\d{1,15}):([0-9a-f]{64})(:unfinished)?$/.exec(key.slice(prefix.length)) : null;
      return match === null ? [] : [{ end: Number(match[1]), hash: match[2] ?? '', unfinished: match[3] !== undefined }];
    })
    .sort((a, b) => a.end - b.end);
}

/**
 * How far this content was imported before: the greatest known position up to which it is the same. A last line that had no end is
 * behind us only if it has not grown: `finishes` is asked what follows it.
 */
export async function resumePosition(
  feed: ByteFeed,
  known: readonly KnownPosition[],
  finishes: (following: Buffer) => boolean,
): Promise<number> {
  let reached = 0;
  for (const { end, hash, unfinished } of known) {
    if (!(await feed.skipTo(end))) break;
    if (feed.prefixHash() !== hash) continue;
    if (unfinished) {
      const following = await feed.peek(2);
      if (following.length > 0 && !finishes(following)) continue;
    }
    reached = end;
  }
  return reached;
}
