import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where `npm run build` puts the page. */
export const PAGE_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'web');

/** No script but the page's own files. Styles may be inline: Mantine sets sizes and colours of single elements so. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const NOT_BUILT =
  '<!doctype html><meta charset="utf-8"><title>Earshot</title><p>The page is not built. Run <code>npm run build</code> in the checkout.';

/**
 * Serves the page: its files under their own names, and `index.html` at every address that a page of it may have. Files have a hash in
 * their names, so browsers keep them for good, and the build has compressed them; `index.html` is asked for each time.
 */
export function servePage(app: FastifyInstance, folder = PAGE_FOLDER): void {
  if (existsSync(join(folder, 'assets')))
    void app.register(fastifyStatic, {
      root: folder,
      index: false,
      wildcard: false,
      cacheControl: false,
      preCompressed: true,
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  app.get('/*', async (request, reply) => {
    if (/^\/(api|ingest)(\/|$)/.test(request.url) || request.headers.accept?.includes('text/html') !== true) return reply.callNotFound();
    const html = await readFile(join(folder, 'index.html'), 'utf8').catch(() => NOT_BUILT);
    return reply
      .headers({ 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(html);
  });
}
