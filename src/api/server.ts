import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerFactory, fastify } from 'fastify';
import { useCookies } from './auth/cookies.ts';
import { Passwords } from './auth/passwords.ts';
import { SignIn } from './auth/sign-in.ts';
import { SignInThrottle } from './auth/throttle.ts';
import { pathOf } from './caller.ts';
import type { ApiDeps } from './deps.ts';
import { servePage } from './page.ts';
import { ApiProblem, problemOf, toDocument } from './problem.ts';
import { accountRoutes } from './routes/account.ts';
import { actRoutes } from './routes/acts.ts';
import { alertRoutes } from './routes/alerts.ts';
import { askRoutes } from './routes/asks.ts';
import { backtestRoutes } from './routes/backtests.ts';
import { clickRoutes } from './routes/clicks.ts';
import { completionRoutes } from './routes/completion.ts';
import { detectionRoutes } from './routes/detections.ts';
import { digestRoutes } from './routes/digests.ts';
import { eventRoutes } from './routes/events.ts';
import { exceptionRoutes } from './routes/exceptions.ts';
import { exportRoutes } from './routes/export.ts';
import { ingestRoutes } from './routes/ingest.ts';
import { listeningRoutes } from './routes/listening.ts';
import { listRoutes } from './routes/lists.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { operationRoutes } from './routes/operations.ts';
import { outboxRoutes } from './routes/outbox.ts';
import { overviewRoutes } from './routes/overview.ts';
import { peopleRoutes } from './routes/people.ts';
import { privilegedSessionRoutes } from './routes/privileged-sessions.ts';
import { ruleExplainRoutes } from './routes/rule-explain.ts';
import { ruleRoutes } from './routes/rules.ts';
import { savedSearchRoutes } from './routes/saved-searches.ts';
import { sessionRoutes } from './routes/session.ts';
import { sourceRoutes } from './routes/sources.ts';
import { summaryRoutes } from './routes/summary.ts';
import { tailRoutes } from './routes/tail.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { trustedNetworkRoutes } from './routes/trusted-networks.ts';
import { userRoutes } from './routes/users.ts';
import { scimRoutes } from './scim/routes.ts';
import { Access } from './serve.ts';

export interface ApiOptions {
  /** Every request is trusted as admin: only for a server that listens on the hub's own Unix socket. */
  readonly trusted: boolean;
  readonly headersTimeoutMs?: number;
  /** For a whole request, its body included; an HTTP source has a shorter bound of its own. */
  readonly requestTimeoutMs?: number;
  readonly maxConnections?: number;
  /** Certificates; absent for plain HTTP. */
  readonly tls?: SecureContextOptions;
  /** A proxy in front says whose request it is, and whether it came over TLS. */
  readonly behindProxy?: boolean;
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

/** Builds the HTTP API; the caller listens and closes. A hub has two: one on its port, and a trusted one on its socket. */
export function createApi(deps: ApiDeps, options: ApiOptions): FastifyInstance {
  const headersTimeout = options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
  const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const { tls } = options;
  const http = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout,
    connectionsCheckingInterval: Math.min(5_000, headersTimeout, requestTimeout),
  };
  const tlsServer: FastifyServerFactory = (handler) =>
    createTlsServer({ ...tls, ...http, requestTimeout, keepAliveTimeout: KEEP_ALIVE_MS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, handler);
  const app = fastify({
    logger: false,
    // The one hop that is ours: what the client itself claims in these headers stays unheard.
    trustProxy: (_address, hop) => options.behindProxy === true && hop === 0,
    ...(tls !== undefined && { serverFactory: tlsServer }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
    http,
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
  writeProblems(app, deps);
  const access = new Access(deps, options.trusted);
  operationRoutes(app, access, deps);
  openApiRoutes(app, access, deps);
  eventRoutes(app, access, deps);
  summaryRoutes(app, access, deps);
  savedSearchRoutes(app, access, deps);
  tailRoutes(app, access, deps);
  alertRoutes(app, access, deps);
  actRoutes(app, access, deps);
  askRoutes(app, access, deps);
  trustedNetworkRoutes(app, access, deps);
  completionRoutes(app, access, deps);
  exportRoutes(app, access, deps);
  detectionRoutes(app, access, deps);
  outboxRoutes(app, access, deps);
  overviewRoutes(app, access, deps);
  sourceRoutes(app, access, deps);
  ruleRoutes(app, access, deps);
  exceptionRoutes(app, access, deps);
  backtestRoutes(app, access, deps);
  ruleExplainRoutes(app, access, deps);
  peopleRoutes(app, access, deps);
  privilegedSessionRoutes(app, access, deps);
  listRoutes(app, access, deps);
  listeningRoutes(app, access, deps);
  digestRoutes(app, access, deps);
  scimRoutes(app, access, deps);
  accessRoutes(app, access, deps);
  ingestRoutes(app, access, deps);
  clickRoutes(app, access, deps);
  if (!options.trusted) servePage(app);
  return app;
}

/** Who may come in, and how. */
function accessRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  useCookies(app);
  const passwords = new Passwords();
  const signIn = new SignIn(deps, passwords, new SignInThrottle(deps.now));
  sessionRoutes(app, access, deps, { signIn, passwords });
  accountRoutes(app, access, deps, { signIn, passwords });
  oidcRoutes(app, access, deps, signIn);
  userRoutes(app, access, deps);
  tokenRoutes(app, access, deps);
}

function writeProblems(app: FastifyInstance, { telemetry }: ApiDeps): void {
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
