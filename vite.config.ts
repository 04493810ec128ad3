import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

const inWeb = (path: string): string => fileURLToPath(new URL(`web/${path}`, import.meta.url));

/** Draws what is around every page. With all that it needs outright it is one file: a browser asks for six at a time. */
const FRAME = inWeb('console.tsx');

/** Whether the frame needs a module outright: then it is in the frame's file. */
function nameOfFrame(): Rolldown.CodeSplittingNameFunction {
  const framed = new Set<string>();
  return (id, modules) => {
    const reach = (from: string) => {
      if (framed.has(from)) return;
      framed.add(from);
      for (const next of modules.getModuleInfo(from)?.importedIds ?? []) reach(next);
    };
    reach(FRAME);
    return framed.has(id) ? 'frame' : null;
  };
}

/** Names the frame's files in index.html, so that they are asked for before the first script has run. */
const askForFrame: Plugin = {
  name: 'ask-for-frame',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) => {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const files = new Set<Rolldown.OutputChunk>();
      const reach = (chunk: Rolldown.OutputChunk | undefined) => {
        if (chunk === undefined || files.has(chunk)) return;
        files.add(chunk);
        for (const name of chunk.imports) reach(chunks.find(({ fileName }) => fileName === name));
      };
      reach(chunks.find(({ moduleIds }) => moduleIds.includes(FRAME)));
      const styles = [...files].flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]);
      return [
        ...styles.map((file) => ({
          tag: 'link',
          injectTo: 'head' as const,
          attrs: { rel: 'preload', as: 'style', crossorigin: true, href: `/${file}` },
        })),
        ...[...files]
          .filter(({ isEntry }) => !isEntry)
          .map(({ fileName }) => ({
            tag: 'link',
            injectTo: 'head' as const,
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
          })),
      ];
    },
  },
};

const LEAST_BYTES = 1_000;

/** Each file also as Brotli and gzip make it: the hub sends what the browser takes, and compresses nothing itself. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle: async ({ dir = '' }, bundle) => {
    const files = Object.keys(bundle).filter((name) => /\.(?:js|css|svg)$/.test(name));
    await Promise.all(
      files.map(async (name) => {
        const plain = await readFile(join(dir, name));
        if (plain.length < LEAST_BYTES) return;
        await writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(plain));
        await writeFile(join(dir, `${name}.gz`), await promisify(gzip)(plain, { level: 9 }));
      }),
    );
  },
};

/** The page. `npm run build` puts it where the hub serves it from; `npm run dev` serves it from source beside a running hub. */
export default defineConfig({
  root: 'web',
  plugins: [react(), askForFrame, compressed],
  resolve: { alias: [{ find: /^zod$/, replacement: inWeb('data/no-zod.ts') }] },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // scripts/page-size.ts watches what a page needs, compressed.
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 2 },
            { name: nameOfFrame(), debugName: 'frame', priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8484' } },
});
