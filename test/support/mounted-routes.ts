import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { PAGE_FOLDER } from '../../src/api/page.ts';

/** Every route of an API as `GET /api/events`, but for the page's own files. Reads the tree that Fastify prints. */
export async function mountedRoutes(app: FastifyInstance): Promise<string[]> {
  await app.ready();
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const parts = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
      if (!parts) return [];
      const [, indent = '', piece = '', methods = ''] = parts;
      const depth = indent.length / 4;
      const path = (above[depth - 1] ?? '') + piece;
      above.length = depth;
      above[depth] = path;
      // SCIM has a contract of its own, and tests of its own.
      if (path.startsWith('/scim/')) return [];
      if (path === '*' || existsSync(join(PAGE_FOLDER, path))) return [];
      return methods.split(', ').flatMap((method) => (method === '' ? [] : [`${method} ${path}`]));
    });
}
