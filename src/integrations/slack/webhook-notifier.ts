import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { cutText } from '../../lib/cut-text.ts';
import { retryAfter } from '../../lib/paced-fetch.ts';
import { type Delivery, defineNotifier, type NotifierContext } from '../../notify/notifier.ts';
import { isLoopback } from './addresses.ts';
import { REPEAT, slackMessage } from './alert-message.ts';
import { writeAnswer } from './answer-text.ts';
import { asMessage, type SlackMessage } from './blocks.ts';
import { paceOf } from './client.ts';
import { unreachable } from './exchange.ts';

/** Slack's words for a webhook that takes nothing any more, whatever the message ("Sending messages using incoming webhooks", errors). */
const GONE = new Set([
  'action_prohibited',
  'channel_is_archived',
  'channel_not_found',
  'invalid_token',
  'no_active_hooks',
  'no_service',
  'no_service_id',
  'no_team',
  'posting_to_general_channel_denied',
  'team_disabled',
  'user_not_found',
]);
/** Characters of an answer that are read and kept: Slack answers with one word. */
const ANSWER = 200;

const config = z
  .strictObject({
    url: secret()
      .refine((url) => URL.canParse(url.reveal()), 'must be a URL, such as https://hooks.slack.com/services/…')
      .describe('The incoming webhook. Whoever has it can post: it is a secret. One webhook posts to one channel.'),
    base_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where people reach this hub, such as `https://earshot.example.com`. Alerts link there. Absent: `api.public_url`.'),
    allow_http: z.boolean().default(false).describe('Allows a webhook without TLS on another machine. Only for tests and trusted relays.'),
  })
  .refine((settings) => allowed(settings.url.reveal(), settings.allow_http), {
    path: ['url'],
    message: 'must begin with https:// (http:// is for loopback addresses, or with `allow_http: true`)',
  });

/** Posts to one Slack channel through an incoming webhook. */
export const slackWebhook = defineNotifier({
  type: 'slack_webhook',
  summary: 'Posts alerts to a Slack channel through an incoming webhook.',
  config,
  // "Rate limits": one message a second per channel.
  perSecond: 1,

  send: (notification, context) => post(slackMessage(notification, baseUrlOf(context)), notification.key, context),
  whisper: async ({ key, place, answer, picture, possibleRepeat }, context) => {
    if (place !== null) return { verdict: 'reject', why: 'Slack: a webhook posts to its own channel alone' };
    // A webhook takes no files.
    const lines = [...answer, ...(picture?.text ?? []), ...(possibleRepeat ? [[REPEAT]] : [])];
    return post(asMessage(writeAnswer(lines, baseUrlOf(context))), key, context);
  },
});

type Context = NotifierContext<z.output<typeof config>>;

const baseUrlOf = ({ config: { base_url: own }, pageUrl }: Context): string | undefined => own ?? pageUrl;

async function post(message: SlackMessage, key: string, { config, fetch, signal }: Context): Promise<Delivery> {
  let response: Response;
  try {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const pace = { ...paceOf('webhook', 60, { apiUrl: '', token: config.url }), burst: 3 };
    response = await fetch(config.url.reveal(), { method: 'POST', headers, body: JSON.stringify(message), signal }, pace);
  } catch (error) {
    return unreachable(error, signal);
  }
  const word = await firstWord(response);
  if (response.status === 200) return { verdict: 'delivered', ref: key };
  if (response.status === 429) return { verdict: 'retry', why: 'Slack: 429, too many messages', ...retryAfter(response.headers) };
  if (response.status === 408 || response.status >= 500) {
    return { verdict: 'retry', why: `Slack: ${response.status} ${word}`.trim(), ...retryAfter(response.headers) };
  }
  if (response.status >= 300 && response.status < 400) {
    return { verdict: 'reject', why: `Slack: ${response.status}, a redirect, which is not followed`, target: true };
  }
  return { verdict: 'reject', why: `Slack: ${response.status} ${word}`.trim(), ...(GONE.has(word) ? { target: true } : {}) };
}

function allowed(text: string, allowHttp: boolean): boolean {
  const url = URL.parse(text);
  // What is no URL at all has a fault of its own.
  if (url === null || url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname));
}

/** The first word of the answer, without reading more of it than that may take. */
async function firstWord(response: Response): Promise<string> {
  if (response.body === null) return '';
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= ANSWER) break;
    }
  } catch {
    // The status says enough.
  }
  return cutText(text.trim().split(/\s/)[0] ?? '', 80).replace(/[^\w.-]/g, '');
}
