import type { FastifyInstance } from 'fastify';
import { useCookies } from './auth/cookies.ts';
import { Passwords } from './auth/passwords.ts';
import { SignIn } from './auth/sign-in.ts';
import { SignInThrottle } from './auth/throttle.ts';
import type { ApiDeps } from './deps.ts';
import { createHttpApp, type HttpAppOptions } from './http-app.ts';
import { servePage } from './page.ts';
import { accountRoutes } from './routes/account.ts';
import { actRoutes } from './routes/acts.ts';
import { alertRoutes } from './routes/alerts.ts';
import { askRoutes } from './routes/asks.ts';
import { backtestRoutes } from './routes/backtests.ts';
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

export interface ApiOptions extends Pick<HttpAppOptions, 'headersTimeoutMs' | 'requestTimeoutMs' | 'maxConnections'> {
  /** Every request is trusted as admin: only for a server that listens on the hub's own Unix socket. */
  readonly trusted: boolean;
  readonly believedHops?: number;
}

/** Builds the HTTP API; the caller listens and closes. A hub has two: one behind its front door, and a trusted one on its socket. */
export function createApi(deps: ApiDeps, options: ApiOptions): FastifyInstance {
  const { believedHops = 0 } = options;
  const app = createHttpApp(deps.telemetry, { ...options, believedHops });
  // Which connections of clients end, the front door says; an answer would be lost in one to it that ends while more of a body is written.
  if (believedHops > 0) app.addHook('onSend', async (_request, reply) => void reply.removeHeader('connection'));
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
