import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpSource } from '../../sources/http/http-source.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, ingestProblem } from '../problem.ts';
import type { Access } from '../serve.ts';

interface Admitted {
  readonly source: HttpSource;
  readonly token?: string;
}

/** `POST /ingest/<source>`. The body is left to the source, which reads it within its own bounds. */
export function ingestRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  void app.register(async (scope) => {
    const admitted = new WeakMap<FastifyRequest, Admitted>();
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post<{ Params: { source: string } }>(
      '/ingest/:source',
      {
        onRequest: async (request, reply) => {
          // Until the body has been read, an answer ends the connection: the rest of it is not worth reading.
          reply.header('connection', 'close');
          admitted.set(request, await admit(request, request.params.source, access, deps));
        },
      },
      async (request, reply) => {
        const { source, token } = admitted.get(request) ?? {};
        if (source === undefined) throw new Error('a body came to its handler without a source');
        const { ip: address } = request;
        const received = await source.receive({
          headers: request.headers,
          body: request.raw,
          ...(token !== undefined && { token }),
          ...(address !== '' && address !== undefined && { address }),
        });
        if (!received.ok) {
          const problem = ingestProblem(received.error);
          if (problem.status === 401) access.deny(request, problem);
          throw problem;
        }
        reply.removeHeader('connection');
        return received.value;
      },
    );
  });
}

async function admit(request: FastifyRequest, name: string, access: Access, deps: ApiDeps): Promise<Admitted> {
  const source = deps.httpSources().get(name);
  if (source?.proof === 'signature') return { source };
  const { name: token } = await access.admit(request, ['ingest', `ingest:${name}`]);
  // Only after the token: names of sources are not for everybody.
  if (source === undefined) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no HTTP source ${name.slice(0, 100)}.`);
  return { source, token };
}
