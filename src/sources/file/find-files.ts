import { glob, stat } from 'node:fs/promises';
import { dirname, matchesGlob, resolve } from 'node:path';

const PATTERN = /[*?[\]{}]/;

export interface Found {
  readonly path: string;
  readonly dev: string;
  readonly inode: string;
}

/** The regular files that match, oldest first, so that rotated files are read before those that replaced them. */
export async function findFiles(patterns: readonly string[], exclude: readonly string[]): Promise<Found[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    if (!PATTERN.test(pattern)) paths.add(resolve(pattern));
    else for await (const path of glob(pattern)) paths.add(resolve(path));
  }
  const found: (Found & { readonly at: bigint })[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    if (exclude.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, resolve(pattern)))) continue;
    const about = await stat(path, { bigint: true }).catch(() => undefined);
    if (about === undefined || !about.isFile() || seen.has(`${about.dev}:${about.ino}`)) continue;
    seen.add(`${about.dev}:${about.ino}`);
    found.push({ path, dev: `${about.dev}`, inode: `${about.ino}`, at: about.mtimeNs });
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The folders whose changes can matter to a pattern: those above its first wildcard, as far as they can be named. */
export function watchedFolders(patterns: readonly string[], paths: readonly string[]): string[] {
  const ofPatterns = patterns.map((pattern) => {
    const parts = resolve(pattern).split('/');
    const wild = parts.findIndex((part) => PATTERN.test(part));
    return wild < 0 ? dirname(resolve(pattern)) : parts.slice(0, wild).join('/') || '/';
  });
  return [...new Set([...ofPatterns, ...paths.map((path) => dirname(path))])];
}
