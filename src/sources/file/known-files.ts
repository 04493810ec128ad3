import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FilePlace, FormerPlace } from './checkpoint.ts';
import { markAt } from './mark.ts';
import type { TailedFile } from './tailed-file.ts';

/** `app.log.1` and `app.log-20261120` may hold what was in `app.log` of the same folder. */
const mayBeCopyOf = (copy: string, original: string): boolean =>
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

/** How far a file was read before it was truncated, with marks of places on the way, ascending. */
export interface Former {
  readonly place: FormerPlace;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly offset: number;
  readonly mark: string;
}

/**
 * The place in the copy of a truncated file from which it is to be read on. The copy may have less than was read of the original, when
 * lines were written while it was copied: then it has nothing new, and is read on from its end.
 */
export async function placeInCopy(
  file: TailedFile,
  formers: readonly Former[],
): Promise<{ readonly former: Former; readonly place: Sample } | undefined> {
  const size = await file.size();
  for (const former of formers) {
    const { place, samples } = former;
    if (!mayBeCopyOf(file.path, place.path)) continue;
    if ((await file.markAt(place.offset)) === place.mark) return { former, place };
    if (size > place.offset) continue;
    const sample = samples.findLast((s) => s.offset <= size);
    const mark = await file.markAt(size);
    if (sample !== undefined && mark !== undefined && (await file.markAt(sample.offset)) === sample.mark) {
      return { former, place: { offset: size, mark } };
    }
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
