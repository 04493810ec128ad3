import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { slackCommandsEndpoint, slackEventsEndpoint, slackInteractivityEndpoint } from '../contract/clicks.ts';
import type { ApiDeps, TargetRequest } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import type { Access } from '../serve.ts';

/** A click bears the whole message that was clicked. */
const BODY_LIMIT_BYTES = 512 * 1024;
const TYPE = 'slack_bot';

/** Where targets tell of clicks and commands. The body is left as it came: its signature is over the bytes. */
export function clickRoutes(app: FastifyInstance, access: Access, { clicks, command }: ApiDeps): void {
  const onRequest = async (request: FastifyRequest) => {
    await access.admit(request, 'anyone');
    if (!clicks.listens(TYPE)) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'No notifier slack_bot has a signing_secret.');
  };
  const refused = (request: FastifyRequest): ApiProblem => {
    const problem = new ApiProblem(
      401,
      'EAR_INGEST_AUTH',
      'The signature does not fit the body, or is older than five minutes; or it is of another workspace (team_id) or app (app_id).',
    );
    access.deny(request, problem);
    return problem;
  };
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));

    scope.post(slackInteractivityEndpoint.path, { onRequest }, async (request) => {
      const taken = await clicks.take(TYPE, asSent(request));
      if (taken === 'refused') throw refused(request);
      if (taken === 'unreadable') throw unreadable('a click');
      return '';
    });

    scope.post(slackEventsEndpoint.path, { onRequest }, async (request) => {
      const told = asSent(request);
      const taken = await clicks.take(TYPE, told);
      if (taken === 'refused') throw refused(request);
      if (taken === 'unreadable') throw unreadable('an event');
      const challenge = taken === 'none' ? challengeOf(told.body) : undefined;
      return challenge === undefined ? {} : { challenge };
    });

    scope.post(slackCommandsEndpoint.path, { onRequest }, async (request) => {
      const answer = await command(TYPE, asSent(request));
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
