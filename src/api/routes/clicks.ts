import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuditEvent } from '../../model/audit.ts';
import { refuseForgery } from '../auth/cookies.ts';
import { DeniedAudit } from '../caller.ts';
import { slackCommandsEndpoint, slackEventsEndpoint, slackInteractivityEndpoint } from '../contract/clicks.ts';
import { ApiProblem } from '../problem.ts';

/** A click bears the whole message that was clicked. */
const BODY_LIMIT_BYTES = 512 * 1024;
const TYPE = 'slack_bot';

/** What becomes of clicks and commands, by the type of notifier whose they are. */
export interface ClickRoutesDeps {
  /** Whether targets of that type may post clicks to us. */
  listens(type: string): boolean;
  /** `kept`: it will be run. `none`: it asks for nothing. `refused`: nothing proves whose it is. */
  click(type: string, request: TargetRequest): Promise<'kept' | 'none' | 'refused' | 'unreadable'>;
  /** Answers a command that somebody typed where a notifier of that type tells alerts. */
  command(type: string, request: TargetRequest): Promise<CommandAnswer>;
  /** Hears of requests that were refused. Must not throw. */
  onAudit(event: AuditEvent): void;
  readonly now: () => number;
}

export interface TargetRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type CommandAnswer =
  | { readonly kind: 'answer'; readonly text: string; readonly blocks?: readonly unknown[] }
  | { readonly kind: 'refused' | 'unreadable' };

/** Where targets tell of clicks and commands. */
export const CLICK_PATHS: ReadonlySet<string> = new Set(
  [slackCommandsEndpoint, slackEventsEndpoint, slackInteractivityEndpoint].map(({ path }) => path),
);

/** The body is left as it came: its signature is over the bytes. */
export function clickRoutes(app: FastifyInstance, deps: ClickRoutesDeps): void {
  const denied = new DeniedAudit(deps.onAudit, deps.now);
  const deny = (request: FastifyRequest, problem: ApiProblem): ApiProblem => {
    denied.denied(request, problem, undefined);
    return problem;
  };
  const onRequest = async (request: FastifyRequest) => {
    try {
      refuseForgery(request, undefined);
    } catch (error) {
      throw error instanceof ApiProblem ? deny(request, error) : error;
    }
    if (!deps.listens(TYPE)) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'No notifier slack_bot has a signing_secret.');
  };
  const refused = (request: FastifyRequest): ApiProblem =>
    deny(
      request,
      new ApiProblem(
        401,
        'EAR_INGEST_AUTH',
        'The signature does not fit the body, or is older than five minutes; or it is of another workspace (team_id) or app (app_id).',
      ),
    );
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));

    scope.post(slackInteractivityEndpoint.path, { onRequest }, async (request) => {
      const taken = await deps.click(TYPE, asSent(request));
      if (taken === 'refused') throw refused(request);
      if (taken === 'unreadable') throw unreadable('a click');
      return '';
    });

    scope.post(slackEventsEndpoint.path, { onRequest }, async (request) => {
      const told = asSent(request);
      const taken = await deps.click(TYPE, told);
      if (taken === 'refused') throw refused(request);
      if (taken === 'unreadable') throw unreadable('an event');
      const challenge = taken === 'none' ? challengeOf(told.body) : undefined;
      return challenge === undefined ? {} : { challenge };
    });

    scope.post(slackCommandsEndpoint.path, { onRequest }, async (request) => {
      const answer = await deps.command(TYPE, asSent(request));
      if (answer.kind !== 'answer') throw answer.kind === 'refused' ? refused(request) : unreadable('a command');
      const { kind: _, blocks, ...written } = answer;
      return { response_type: 'ephemeral' as const, ...written, ...(blocks !== undefined && { blocks: [...blocks] }) };
    });
  });
}

const asSent = ({ headers, body }: FastifyRequest): TargetRequest => ({ headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) });

const verification = z.object({ type: z.literal('url_verification'), challenge: z.string().max(500) });

/** What Slack wants to hear again, to know that the address is ours. */
function challengeOf(body: Buffer): string | undefined {
  try {
    return verification.safeParse(JSON.parse(body.toString('utf8'))).data?.challenge;
  } catch {
    return undefined;
  }
}

const unreadable = (what: string): ApiProblem => new ApiProblem(400, 'EAR_API_INPUT', `The body is not what Slack sends for ${what}.`);
