import type { FastifyInstance } from 'fastify';
import { answerLines } from '../../model/answer.ts';
import type { Caller } from '../caller.ts';
import { listDigestsEndpoint, previewDigestEndpoint } from '../contract/digests.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';

export function digestRoutes(app: FastifyInstance, access: Access, { digests }: ApiDeps): void {
  serve(app, access, listDigestsEndpoint, async () => ({
    digests: (await digests.planned()).map(({ settings: { name, to, channel, every }, nextAt, lastAt }) => ({
      ...{ name, to, every },
      ...(channel !== undefined && { channel }),
      next_at: iso(nextAt),
      ...(lastAt !== undefined && { last_at: iso(lastAt) }),
    })),
  }));

  serve(app, access, previewDigestEndpoint, async ({ params: { name }, caller }) => {
    demandAllDatasets(caller);
    const answer = await digests.preview(name);
    if (answer === undefined) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no digest ${name} in the configuration.`);
    return { name, lines: answerLines(answer) };
  });
}

/** An administrator may be held to some datasets: a digest does not ask who looks at it. */
function demandAllDatasets({ name, datasets }: Caller): void {
  if (!datasets.includes('*'))
    throw new ApiProblem(403, 'EAR_API_SCOPE', `${name} may see some datasets alone, and a digest may tell of others.`);
}
