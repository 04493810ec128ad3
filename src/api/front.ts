import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { createProxyServer } from 'httpxy';
import type { Telemetry } from '../telemetry/telemetry.ts';
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
    around: (own) => (request, response) => (CLICK_PATHS.has(pathOf(request)) ? own(request, response) : pass(request, response)),
  });
  clickRoutes(app, deps);
  return app;
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

function passOn({ apiSocket, behindProxy }: FrontOptions, telemetry: Pick<Telemetry, 'log'>): RequestListener {
  const proxy = createProxyServer({ target: { socketPath: apiSocket }, agent: new Agent({ keepAlive: true }) });
  proxy.on('error', (error, request, response) => {
    const id = randomUUID();
    telemetry.log('error', 'a request could not be passed on', {
      request: id,
      path: request === undefined ? '' : pathOf(request),
      error: error.message,
    });
    if (response instanceof ServerResponse) refuse(response, id);
    else if (response instanceof Socket) response.destroy();
  });
  return (request, response) => {
    tellWhose(request, behindProxy);
    void proxy.web(request, response);
  };
}

/** What is told is only what we know: from elsewhere these headers are believed where a proxy in front is, and of it alone. */
function tellWhose({ headers, socket }: IncomingMessage, behindProxy: boolean): void {
  const { 'x-forwarded-for': before } = headers;
  const address = socket.remoteAddress ?? '';
  headers['x-forwarded-for'] = before === undefined || !behindProxy ? address : `${before}, ${address}`;
  if (behindProxy) return;
  headers['x-forwarded-proto'] = socket instanceof TLSSocket ? 'https' : 'http';
  delete headers['x-forwarded-host'];
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
