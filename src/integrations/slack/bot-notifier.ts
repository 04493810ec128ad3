import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { type Delivery, defineNotifier, type Notification, type NotifierContext } from '../../notify/notifier.ts';
import { slackMessage, slackReply } from './alert-message.ts';
import { findPosted } from './find-posted.ts';
import { ALERT_EVENT, readRef, refText } from './posted.ts';
import { refusal } from './refusals.ts';
import { isLoopback } from './transport.ts';
import { callSlack, type SlackAccess } from './web-api.ts';

const config = z.strictObject({
  token: secret()
    .refine((token) => /^xoxb-[\w-]+$/.test(token.reveal()), 'must be a bot token, which begins with xoxb-')
    .describe('The bot token of your Slack app, `xoxb-…`. It is a secret; `file:/path` reads it from a file.'),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{6,20}$/, "must be the channel's ID, such as C0123456789: open the channel's details, it is at the very bottom")
    .describe('ID of the channel, such as `C0123456789`. The bot must be a member: `/invite @earshot`.'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people reach this hub, such as `https://earshot.example.com`. Alerts link there. Absent: `api.public_url`.'),
  api_url: z
    .string()
    .refine(isSlack, 'must be https://slack.com/api/ or https://slack-gov.com/api/ (http:// is for loopback addresses, for tests)')
    .default('https://slack.com/api/')
    .describe("Where Slack's Web API is. The token is sent there, so it must be Slack's; for tests it may be a loopback address."),
});

type Context = NotifierContext<z.output<typeof config>>;

/** Posts to a Slack channel as a bot, and keeps what it has posted up to date. */
export const slackBot = defineNotifier({
  type: 'slack_bot',
  summary: 'Posts alerts to a Slack channel as a bot, keeps the messages up to date, and tells what is new in their threads.',
  config,
  // "Rate limits": one message a second per channel.
  perSecond: 1,
  send,
  edit,
});

async function send(notification: Notification, context: Context): Promise<Delivery> {
  const { config } = context;
  const pageUrl = config.base_url ?? context.pageUrl;
  const access = accessOf(context);
  const thread = notification.thread === undefined ? undefined : readRef(notification.thread);
  const channel = thread?.channel ?? config.channel;
  if (notification.possibleRepeat) {
    const since = notification.triedAt ?? Date.now();
    const found = await findPosted({ channel, threadTs: thread?.ts, key: notification.key, since }, access);
    if (typeof found !== 'string') return 'verdict' in found ? found : { verdict: 'delivered', ref: refText(found) };
  }
  const message = thread === undefined ? slackMessage(notification, pageUrl) : slackReply(notification, pageUrl);
  const answer = await callSlack(
    'chat.postMessage',
    { channel, ...(thread !== undefined && { thread_ts: thread.ts }), ...message, metadata: metadataOf(notification) },
    access,
  );
  if (answer.kind === 'failed') return answer.retry;
  if (answer.kind === 'refused') {
    const refused = refusal(answer.error, answer.needed);
    return thread !== undefined && THREAD_GONE.has(answer.error) ? { ...refused, gone: true } : refused;
  }
  const ref = `${answer.body.channel}/${answer.body.ts}`;
  if (readRef(ref) === undefined) return { verdict: 'retry', why: "Slack: an answer without the message's name", ambiguous: true };
  return { verdict: 'delivered', ref };
}

async function edit(ref: string, notification: Notification, context: Context): Promise<Delivery> {
  const message = readRef(ref);
  if (message === undefined) return { verdict: 'reject', why: 'Slack: the message has no name', gone: true };
  const content = slackMessage(notification, context.config.base_url ?? context.pageUrl);
  const answer = await callSlack('chat.update', { ...message, ...content, metadata: metadataOf(notification) }, accessOf(context));
  if (answer.kind === 'failed') return answer.retry;
  if (answer.kind === 'done') return { verdict: 'delivered', ref };
  const refused = refusal(answer.error, answer.needed);
  return answer.error === 'message_not_found' ? { ...refused, gone: true } : refused;
}

/** Slack's words for a thread whose message was removed. */
const THREAD_GONE = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message']);

const accessOf = ({ config: { token, api_url: url }, fetch, signal }: Context): SlackAccess => ({
  apiUrl: url.endsWith('/') ? url : `${url}/`,
  token,
  fetch,
  signal,
});

/** By this the message is found again where its outcome is not known. Slack takes no metadata beyond 8 kB: eight ids are far from it. */
const metadataOf = ({ key, alerts }: Notification) => ({
  event_type: ALERT_EVENT,
  event_payload: { key, alert_ids: alerts.map(({ id }) => id) },
});

function isSlack(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.search !== '' || url.hash !== '') return false;
  if (url.protocol === 'http:') return isLoopback(url.hostname);
  return url.protocol === 'https:' && url.port === '' && /^(.+\.)?slack(-gov)?\.com$/.test(url.hostname) && /^\/api\/?$/.test(url.pathname);
}
