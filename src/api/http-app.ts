import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { pathOf } from './caller.ts';
import { ApiProblem, problemOf, toDocument } from './problem.ts';

export interface HttpAppOptions {
  readonly headersTimeoutMs?: number | undefined;
  /** For a whole request, its body included; an HTTP source has a shorter bound of its own. */
  readonly requestTimeoutMs?: number | undefined;
  readonly maxConnections?: number | undefined;
  /** Certificates; absent for plain HTTP. */
  readonly tls?: SecureContextOptions | undefined;
  /** How many hops in front of us say whose request it is, and whether it came over TLS: they are believed, and what is before them is not. */
  readonly believedHops: number;
  /** Who sees a request before the routes do. */
  readonly around?: (own: RequestListener) => RequestListener;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 30_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 2_000;
const BODY_LIMIT_BYTES = 64 * 1024;
/** A query of 2,000 characters may be 18 kB once it is percent-encoded. */
const MAX_HEADER_BYTES = 64 * 1024;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** An HTTP server with our bounds, headers and problems, and no route yet. */
export function createHttpApp(telemetry: Pick<Telemetry, 'log'>, options: HttpAppOptions): FastifyInstance {
  const { tls, believedHops, around = (own) => own } = options;
  const headersTimeout = options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const http = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(5_000, headersTimeout, requestTimeout),
  };
  const app = fastify({
    logger: false,
    trustProxy: (_address, hop) => hop < believedHops,
    serverFactory: (own) =>
      tls === undefined
        ? createServer(http, around(own))
        : createTlsServer({ ...tls, ...http, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, around(own)),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: refuseClient,
    // An address that cannot be decoded comes before any handler of ours.
    frameworkErrors: (error, request, reply) => {
      const problem = new ApiProblem(error.statusCode ?? 400, 'EAR_API_INPUT', 'The address cannot be read.');
      void reply.headers(SECURITY_HEADERS);
      writeProblem(problem, request, reply);
    },
  });
  app.server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000');
  });
  writeProblems(app, telemetry);
  return app;
}

function writeProblems(app: FastifyInstance, telemetry: Pick<Telemetry, 'log'>): void {
  app.setErrorHandler((error, request, reply) => {
    const known = problemOf(error);
    if (known === undefined) {
      const about = {
        request: request.id,
        path: pathOf(request),
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
      telemetry.log('error', 'a request failed', about);
    }
    const problem = known ?? new ApiProblem(500, 'EAR_INTERNAL', 'The request could not be done.');
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    if (problem.retryAfterSecs !== undefined) reply.header('retry-after', `${problem.retryAfterSecs}`);
    return writeProblem(problem, request, reply);
  });
  app.setNotFoundHandler(() => {
    throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'There is nothing at this address.');
  });
}

/** As a text, so that no serializer drops a member it does not know. */
const writeProblem = (problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(toDocument(problem, request.id)));

/** What Node could not read as a request: it has no request object to answer through. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const details: Record<number, string> = {
    408: 'The request came too slowly.',
    431: 'The headers are too large.',
    400: 'This is not HTTP/1.1.',
  };
  const body = JSON.stringify(toDocument(new ApiProblem(status, 'EAR_API_INPUT', details[status] ?? ''), randomUUID()));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`, () => socket.destroy());
}
