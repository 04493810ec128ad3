import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page. `npm run build` puts it where the hub serves it from; `npm run dev` serves it from source beside a running hub. */
export default defineConfig({
  root: 'web',
  plugins: [react()],
  resolve: { alias: [{ find: /^zod$/, replacement: fileURLToPath(new URL('web/data/no-zod.ts', import.meta.url)) }] },
  build: { outDir: '../dist/web', emptyOutDir: true, manifest: true, target: 'es2023', modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:8484' } },
});
