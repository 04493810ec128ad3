import type { FastifyInstance } from 'fastify';
import { slackInteractivityEndpoint } from '../contract/clicks.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import type { Access } from '../serve.ts';

/** A click bears the whole message that was clicked. */
const BODY_LIMIT_BYTES = 512 * 1024;
const TYPE = 'slack_bot';

/** Where targets tell of clicks. The body is left as it came: its signature is over the bytes. */
export function clickRoutes(app: FastifyInstance, access: Access, { clicks }: ApiDeps): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
    scope.post(
      slackInteractivityEndpoint.path,
      {
        onRequest: async (request) => {
          await access.admit(request, slackInteractivityEndpoint.scopes);
          if (!clicks.listens(TYPE)) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', 'No notifier slack_bot has a signing_secret.');
        },
      },
      async (request) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const taken = await clicks.take(TYPE, { headers: request.headers, body });
        if (taken === 'refused') {
          const problem = new ApiProblem(401, 'EAR_INGEST_AUTH', 'The signature does not fit the body, or is older than five minutes.');
          access.deny(request, problem);
          throw problem;
        }
        if (taken === 'unreadable') throw new ApiProblem(400, 'EAR_API_INPUT', 'The body is not what Slack sends for a click.');
        return '';
      },
    );
  });
}
