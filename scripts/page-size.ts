/** What a browser loads for each page, gzipped: its own chunk, and all that it shares with others. Fails above the bound. After `npm run build`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A chunk in Vite's manifest. */
export interface Chunk {
  readonly file: string;
  readonly name?: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}
export type Manifest = Readonly<Record<string, Chunk>>;

export interface PageSize {
  /** Source file of the page. */
  readonly page: string;
  readonly bytes: number;
}

const MOST_BYTES = 300_000;

/** The files of a chunk and of all that it imports outright; what it may load later is not among them. */
function filesOf(manifest: Manifest, name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (chunk === undefined || seen.has(name)) return new Set();
  seen.add(name);
  return new Set([chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((each) => [...filesOf(manifest, each, seen)])]);
}

/** What is around every page (vite.config.ts): the entry loads it at once. */
const FRAME = 'frame';

/** Every page with what it needs beside the entry and the frame, the largest first. A page is what the entry loads later, from `pages/`. */
export function pageSizes(manifest: Manifest, bytesOf: (file: string) => number): PageSize[] {
  const entries = Object.keys(manifest).filter((name) => manifest[name]?.isEntry === true || manifest[name]?.name === FRAME);
  const pages = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry === true && name.startsWith('pages/'));
  const size = (names: readonly string[]) => {
    const files = new Set(names.flatMap((name) => [...filesOf(manifest, name)]));
    return [...files].reduce((sum, file) => sum + bytesOf(file), 0);
  };
  return [{ page: '(signed out)', bytes: size(entries) }, ...pages.map((page) => ({ page, bytes: size([...entries, page]) }))].sort(
    (a, b) => b.bytes - a.bytes,
  );
}

if (import.meta.main) {
  const folder = 'dist/web';
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Manifest;
  const sizes = pageSizes(manifest, (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length);
  for (const { page, bytes } of sizes) console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${page}`);
  const over = sizes.filter(({ bytes }) => bytes > MOST_BYTES);
  if (over.length > 0) {
    console.error(`Over ${MOST_BYTES / 1000} kB gzip: ${over.map(({ page }) => page).join(', ')}.`);
    process.exitCode = 1;
  }
}
