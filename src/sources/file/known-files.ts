import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FilePlace, FormerPlace } from './checkpoint.ts';
import { markAt } from './mark.ts';
import type { TailedFile } from './tailed-file.ts';

/** `app.log.1` and `app.log-20261120` may hold what was in `app.log` of the same folder. */
export const mayBeCopyOf = (copy: string, original: string): boolean =>
  dirname(copy) === dirname(original) && basename(copy).startsWith(basename(original));

/** True while a new file holds nothing but what a followed file holds too: a copy in the making (copytruncate), or a backup. */
export async function isCopyOfLive(file: TailedFile, followed: Iterable<TailedFile>): Promise<boolean> {
  for (const original of followed) {
    if (!mayBeCopyOf(file.path, original.path)) continue;
    const common = Math.min(await file.size(), await original.size());
    if (common > 0 && (await file.markAt(common)) === (await original.markAt(common))) return true;
  }
  return false;
}

/** The place in a truncated file from which its copy is to be read on. */
export async function placeInCopy(file: TailedFile, former: readonly FormerPlace[]): Promise<FormerPlace | undefined> {
  for (const place of former) {
    if (mayBeCopyOf(file.path, place.path) && (await file.markAt(place.offset)) === place.mark) return place;
  }
  return undefined;
}

/** Where a file went that was renamed out of the searched paths while nobody looked; undefined when it is not in its folder any more. */
export async function findRenamed(place: FilePlace): Promise<string | undefined> {
  const folder = dirname(place.path);
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const about = await stat(path, { bigint: true }).catch(() => undefined);
    if (about?.isFile() !== true || `${about.ino}` !== place.inode || `${about.dev}` !== place.dev) continue;
    if (await holds(path, place)) return path;
  }
  return undefined;
}

async function holds(path: string, place: FilePlace): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    return (await markAt(file, place.offset)) === place.mark;
  } finally {
    await file.close();
  }
}
