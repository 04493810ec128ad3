import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { nothing } from './fields.ts';

/** A slash command, as Slack's form has it, answered for whoever typed it alone. The signature counts, as for clicks. */
export const slackCommandsEndpoint = endpoint({
  method: 'POST',
  path: '/slack/commands',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.unknown(),
  answer: z.object({ response_type: z.literal('ephemeral'), text: z.string(), blocks: z.array(z.unknown()).optional() }),
});

/**
 * What Slack sends when somebody clicks on a message, as its form has it. The signature of the body counts, and nothing else (401): no
 * session, no token. Whoever clicked must be a user who may. 404 while no `slack_bot` has a `signing_secret`.
 */
export const slackInteractivityEndpoint = endpoint({
  method: 'POST',
  path: '/slack/interactivity',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.unknown(),
  produces: ['text/plain'],
  answer: z.string(),
});

/**
 * What Slack tells of happenings that the app listens to, as JSON: that somebody opened its Home tab. The signature counts, as for clicks.
 * Slack asks once whether the address is ours (`url_verification`), and is given its challenge back.
 */
export const slackEventsEndpoint = endpoint({
  method: 'POST',
  path: '/slack/events',
  scopes: 'anyone',
  params: nothing,
  query: nothing,
  body: z.unknown(),
  answer: z.object({ challenge: z.string().optional() }),
});
