import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { Access } from '../serve.ts';

/** What orchestrators and Prometheus ask. `/healthz`: the process answers. `/readyz`: it can do its work. Neither needs a token. */
export function operationRoutes(app: FastifyInstance, access: Access, { unready, metrics }: ApiDeps): void {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const reasons = unready();
    return reasons.length === 0 ? { status: 'ok' } : reply.code(503).header('retry-after', '5').send({ status: 'not_ready', reasons });
  });

  app.get('/metrics', { onRequest: async (request) => void (await access.admit(request, ['metrics:read'])) }, async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });
}
