import { randomUUID } from 'node:crypto';
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  ServerResponse,
} from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { createProxyServer } from 'httpxy';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { pathOf } from './caller.ts';
import { createHttpApp, type HttpAppOptions } from './http-app.ts';
import { ApiProblem, toDocument } from './problem.ts';
import { CLICK_PATHS, type ClickRoutesDeps, clickRoutes } from './routes/clicks.ts';

export interface FrontOptions extends Pick<HttpAppOptions, 'headersTimeoutMs' | 'requestTimeoutMs' | 'maxConnections' | 'tls'> {
  /** Unix socket of the API that does everything else. */
  readonly apiSocket: string;
  /** A proxy in front of us says whose request it is, and whether it came over TLS. */
  readonly behindProxy: boolean;
}

/** How many hops the API behind it believes: the front itself, and the proxy before it. */
export const hopsBehindFront = (behindProxy: boolean): number => (behindProxy ? 2 : 1);

/**
 * The door to the world: it takes clicks itself, which are to be acknowledged whatever the hub is doing, and passes everything else on to the
 * API. It runs in a thread that does nothing else (docs/decisions/0018-the-door-thread.md).
 */
export function createFront(
  deps: ClickRoutesDeps & { readonly telemetry: Pick<Telemetry, 'log'> },
  options: FrontOptions,
): FastifyInstance {
  const { behindProxy } = options;
  const pass = passOn(options, deps.telemetry);
  const app = createHttpApp(deps.telemetry, {
    ...options,
    believedHops: behindProxy ? 1 : 0,
    around: (own) => (request, response) => {
      request.url = withoutHost(request.url);
      return CLICK_PATHS.has(pathOf(request)) ? own(request, response) : pass(request, response);
    },
  });
  clickRoutes(app, deps);
  return app;
}

/** A client that believes us to be its proxy names the host again: `GET http://host/path`. */
const withoutHost = (url = ''): string => url.replace(/^https?:\/\/[^/?]*/i, '') || '/';

/** A connection to the API that is used for nothing is closed by us, long before the API would: what is passed on over one that it is just closing is lost. */
const IDLE_MS = 5_000;

function passOn({ apiSocket, behindProxy }: FrontOptions, telemetry: Pick<Telemetry, 'log'>): RequestListener {
  const proxy = createProxyServer({ target: { socketPath: apiSocket }, agent: new Agent({ keepAlive: true, timeout: IDLE_MS }) });
  proxy.on('proxyReq', (asked) => void asked.setHeader('connection', 'keep-alive'));
  proxy.on('proxyRes', (answer, request, response) => {
    tellWhetherItStays(answer.headers, request, response);
    // Without chunks nothing can follow the rest, and Node throws where something is to.
    if (request.httpVersion === '1.0') delete answer.headers.trailer;
    answer.once('end', () => response.addTrailers(answer.trailers as OutgoingHttpHeaders));
    // What it says first may be long in coming; that it speaks is told before.
    response.once('pipe', () => setImmediate(() => response.headersSent || response.flushHeaders()));
  });
  proxy.on('error', (error, request, response) => {
    const id = randomUUID();
    telemetry.log('error', 'a request could not be passed on', {
      request: id,
      path: pathOf(request ?? {}),
      error: error.message,
    });
    if (response instanceof ServerResponse) refuse(response, id);
    else if (response instanceof Socket) response.destroy();
  });
  return inTurn((request, response) => {
    tellWhose(request, behindProxy);
    // Node has answered it.
    delete request.headers.expect;
    // An answer that cannot be written: with nobody to hear of that, the thread would end.
    proxy.web(request, response).catch((error: Error) => proxy.emit('error', error, request, response));
  });
}

/**
 * What comes over one connection waits until what came before it is answered: however much a client sends ahead, it never holds more than one
 * connection to the API.
 */
function inTurn(pass: RequestListener): RequestListener {
  const last = new WeakMap<Socket, ServerResponse>();
  return (request, response) => {
    const { socket } = request;
    const before = last.get(socket);
    last.set(socket, response);
    response.once('close', () => {
      if (last.get(socket) === response) last.delete(socket);
    });
    if (before === undefined) pass(request, response);
    else before.once('close', () => void (socket.destroyed || pass(request, response)));
  };
}

/** Of the client's connection, whatever becomes of ours to the API. What it has not sent yet when it is answered is not worth reading. */
function tellWhetherItStays(headers: IncomingHttpHeaders, request: IncomingMessage, response: ServerResponse): void {
  const stays = request.complete && response.shouldKeepAlive;
  headers.connection = stays ? 'keep-alive' : 'close';
  if (!stays) delete headers['keep-alive'];
}

/** What is told is only what we know: from elsewhere these headers are believed where a proxy in front is, and of it alone. */
function tellWhose({ headers, socket }: IncomingMessage, behindProxy: boolean): void {
  const { 'x-forwarded-for': before } = headers;
  const address = socket.remoteAddress ?? '';
  headers['x-forwarded-for'] = before === undefined || !behindProxy ? address : `${before}, ${address}`;
  const scheme = socket instanceof TLSSocket ? 'https' : 'http';
  headers['x-forwarded-proto'] = (behindProxy ? headers['x-forwarded-proto'] : undefined) ?? scheme;
  if (!behindProxy) delete headers['x-forwarded-host'];
}

/** The API has just ended, or not begun: what was asked may have been done. */
function refuse(response: ServerResponse, id: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = new ApiProblem(503, 'EAR_INTERNAL', 'The hub is being stopped, or failed while it answered.');
  response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '5', 'x-request-id': id });
  response.end(JSON.stringify(toDocument(problem, id)));
}
