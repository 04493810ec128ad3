import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Ask, askNumber, askStand, SAID } from '../../model/ask.ts';
import { ANSWER_HEADERS, answeredPage, expiredPage, laterPage, questionPage, thanksPage, unknownPage } from '../answer-page.ts';
import { addressGroup, SignInThrottle } from '../auth/throttle.ts';
import { type AskJson, answerForm, answerPageEndpoint, askPersonEndpoint, giveAnswerEndpoint } from '../contract/asks.ts';
import type { ApiDeps, AskFault, AskLook } from '../deps.ts';
import { ApiProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visibleAlert } from '../visible.ts';

/** Has people asked whether it was them, for who works on alerts. */
export function askRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  serve(app, access, askPersonEndpoint, async ({ params, body, caller }) => {
    const alert = await deps.alerts.get(params.id);
    if (alert === undefined || visibleAlert(alert, caller) === undefined)
      throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no alert ${params.id.slice(0, 100)}.`);
    if (caller.kind === 'nobody') throw new Error('nobody may ask');
    const wish = { alertId: alert.id, person: body.person, datasets: caller.datasets };
    const asked = await deps.asks.ask(wish, { name: caller.name, kind: caller.kind });
    if (!asked.ok) throw new ApiProblem(STATUS[asked.error.code], asked.error.code, asked.error.message);
    return askJson(asked.value);
  });
  answerRoutes(app, access, deps);
}

const STATUS: Readonly<Record<AskFault['code'], number>> = {
  EAR_ASK_SETUP: 422,
  EAR_ASK_REFUSED: 422,
  EAR_API_NOT_FOUND: 404,
  EAR_API_CONFLICT: 409,
};

const askJson = (ask: Ask): AskJson => ({
  id: ask.id,
  number: askNumber(ask),
  state: ask.state,
  stands: askStand(ask),
  alert_id: ask.alertId,
  person: { id: ask.person.id, name: ask.person.name },
  asked_at: iso(ask.askedAt),
  expires_at: iso(ask.expiresAt),
});

/** Bytes of a form: a sentence, percent-encoded. */
const FORM_BYTES = 16 * 1024;

/** Where who was asked answers. The link is all that counts: nobody signs in, and no cookie is read or set. */
function answerRoutes(app: FastifyInstance, access: Access, { asks, now }: ApiDeps): void {
  // As with passwords, who has guessed wrong a few times from one address waits; but not who has the right link, as others may come from there.
  const throttle = new SignInThrottle(now);
  const onRequest = async (request: FastifyRequest) => void (await access.admit(request, 'anyone'));

  /** Looks the link up. Where it is not known, and too many that were not came from there, one waits. */
  const looked = async (request: FastifyRequest, work: (link: string) => Promise<Looked>): Promise<Looked | 'later'> => {
    const found = await work(answerPageEndpoint.params.safeParse(request.params).data?.link ?? '');
    if (found.kind !== 'unknown') return found;
    return typeof throttle.attempt('answer', addressGroup(request.ip), true) === 'number' ? 'later' : found;
  };

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_BYTES }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
    );

    scope.get(answerPageEndpoint.path, { onRequest }, async (request, reply) => {
      const found = await looked(request, (link) => asks.look(link));
      const { said } = answerPageEndpoint.query.parse(request.query);
      return written(reply, found, (ask) => questionPage(ask, linkOf(request), said));
    });

    scope.post(giveAnswerEndpoint.path, { onRequest }, async (request, reply) => {
      const body = answerForm.safeParse(request.body);
      if (!body.success) {
        const found = await looked(request, (link) => asks.look(link));
        const { said, note } = sentForm.parse(request.body);
        const again = { fault: 'Choose one of the answers, and write at most 500 characters.', note };
        return written(reply.code(400), found, (ask) => questionPage(ask, linkOf(request), said, again));
      }
      const { said, note } = body.data;
      const found = await looked(request, (link) => asks.answer(link, { said, note: note.trim(), address: request.ip }));
      return written(reply, found, (ask) => questionPage(ask, linkOf(request), said));
    });
  });
}

/** What of the form can be shown again. */
const sentForm = z.object({ said: z.enum(SAID).optional().catch(undefined), note: z.string().catch('') }).catch({ note: '' });

type Looked = AskLook | { readonly kind: 'given'; readonly ask: Ask };

/** Written into the form again: it is one that was found. */
const linkOf = (request: FastifyRequest): string => answerPageEndpoint.params.parse(request.params).link;

function written(reply: FastifyReply, found: Looked | 'later', question: (ask: Ask) => string): FastifyReply {
  void reply.headers(ANSWER_HEADERS).type('text/html; charset=utf-8');
  if (found === 'later') return reply.code(429).header('retry-after', '60').send(laterPage());
  switch (found.kind) {
    case 'unknown':
      return reply.code(404).send(unknownPage());
    case 'answered':
      return reply.code(410).send(answeredPage(found.ask));
    case 'expired':
      return reply.code(410).send(expiredPage(found.ask));
    case 'given':
      return reply.send(thanksPage(found.ask));
    case 'open':
      return reply.send(question(found.ask));
  }
}
