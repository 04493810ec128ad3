import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { retryAfter } from '../../lib/paced-fetch.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Answer } from '../../model/answer.ts';
import {
  type ClickAnswer,
  type ClickRead,
  type ClickRequest,
  type CommandRead,
  type Delivery,
  defineNotifier,
  type Line,
  type LineEars,
  type Notification,
  type NotifierContext,
  type PersonalPage,
  type Whisper,
} from '../../notify/notifier.ts';
import { slackApiUrl } from './addresses.ts';
import { REPEAT, slackMessage, slackReply } from './alert-message.ts';
import { writeAnswer } from './answer-text.ts';
import { answerLine } from './ask-words.ts';
import { section } from './blocks.ts';
import { planButtons } from './buttons.ts';
import { accountOf, callSlack, type SlackAccess } from './client.ts';
import { unreachable } from './exchange.ts';
import { findPosted } from './find-posted.ts';
import { homeView } from './home.ts';
import { isOfAnother, payloadOf, readCommandFields, readPosted } from './interactivity.ts';
import { plain } from './mrkdwn.ts';
import { ALERT_EVENT, readRef, refText } from './posted.ts';
import { postLines, postWithPicture } from './posted-picture.ts';
import { refusal } from './refusals.ts';
import { isSigned } from './signature.ts';
import { SocketMode } from './socket-mode.ts';
import { slackToken } from './tokens.ts';

const config = z.strictObject({
  token: slackToken('bot'),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{6,20}$/, "must be the channel's ID, such as C0123456789: open the channel's details, it is at the very bottom")
    .describe('ID of the channel, such as `C0123456789`. The bot must be a member: `/invite @earshot`.'),
  base_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people reach this hub, such as `https://earshot.example.com`. Alerts link there. Absent: `api.public_url`.'),
  api_url: slackApiUrl(),
  context: z
    .boolean()
    .default(true)
    .describe(
      'Whether what is known around an alert follows some seconds later in the thread of its message: files taken, what is new and what is usual of the person, what each system tells of them. It is told of all events, whatever a reader of the channel may see in Earshot.',
    ),
  signing_secret: secret()
    .optional()
    .describe(
      'The _Signing Secret_ of your Slack app. With it messages have buttons, and clicks are taken at `/slack/interactivity`. It is a secret; `file:/path` reads it from a file.',
    ),
  app_token: slackToken(
    'app',
    'With it messages have buttons, and Slack tells of clicks over connections that Earshot opens: nothing of the hub need be reachable.',
  ).optional(),
  team_id: z
    .string()
    .regex(/^[TE][A-Z0-9]{2,30}$/, "must be the workspace's or the organization's ID, such as T0123456789")
    .optional()
    .describe(
      'ID of your workspace, such as `T0123456789`, or of your organization, `E…`. Clicks and commands of another one are refused, which an app that is installed in several would tell of, too.',
    ),
  app_id: z
    .string()
    .regex(/^A[A-Z0-9]{2,30}$/, "must be the app's ID, such as A0123456789: Basic Information, App Credentials")
    .optional()
    .describe(
      "ID of your Slack app, such as `A0123456789`: _Basic Information_, _App Credentials_. Another app's clicks and commands are refused.",
    ),
  people: z
    .record(
      z.string().regex(/^[UW][A-Z0-9]{2,30}$/, "must be a person's member ID in Slack, such as U0123456789"),
      z.string().min(1).max(64),
    )
    .prefault({})
    .describe(
      "Who is who: a member ID of Slack, such as `U0123456789`, and the user of Earshot in whose name that person's clicks count. Nobody else's do.",
    ),
});

type Config = z.output<typeof config>;
type Context = NotifierContext<Config>;

/** Posts to a Slack channel as a bot, and keeps what it has posted up to date. */
export const slackBot = defineNotifier({
  type: 'slack_bot',
  summary: 'Posts alerts to a Slack channel as a bot, keeps the messages up to date, and tells what is new in their threads.',
  config,
  // "Rate limits": one message a second per channel.
  perSecond: 1,
  send,
  edit,
  whisper,
  wantsContext: ({ context }) => context,
  clicks: {
    ways,
    read: readClick,
    readCommand,
    userOf: (by, { people }) => (Object.hasOwn(people, by) ? people[by] : undefined),
    personOf: (user, { people }) => Object.keys(people).find((person) => people[person]?.toLowerCase() === user),
    tellsIn: (place, { channel }) => place === channel,
    write: (answer, { config: { base_url: own }, pageUrl }) => writeAnswer(answer, own ?? pageUrl),
    answer,
    showHome,
  },
});

/** Slack posts with a signature, or tells over sockets. */
function ways(given: Config): { readonly posted: boolean; readonly line?: Line | undefined } {
  const { signing_secret: signing, app_token: appToken } = given;
  const line = appToken && {
    id: lineId(given, appToken),
    open: (ears: LineEars) => new SocketMode({ apiUrl: given.api_url, appToken }, ears),
  };
  return { posted: signing !== undefined, line };
}

/** Notifiers of one app share its sockets. */
const lineId = ({ api_url: apiUrl }: Config, appToken: Secret): string => accountOf({ apiUrl, token: appToken });

/** Whether it is Slack that tells this: by its signature, or as it came over our own socket. */
function isOfSlack(request: ClickRequest, given: Config): boolean {
  const { signing_secret: signing, app_token: appToken } = given;
  if ('line' in request) return appToken !== undefined && request.line === lineId(given, appToken);
  return signing !== undefined && isSigned(request.headers, request.body, signing, request.now);
}

/** A click counts by the settings of the notifier in whose channel it was made. */
function readClick(request: ClickRequest, given: Config): ClickRead {
  if (!isOfSlack(request, given)) return { kind: 'refused' };
  const payload = 'line' in request ? request.payload : payloadOf(request);
  const posted = readPosted(payload, given.api_url, request.now);
  if (posted.kind !== 'click') return posted;
  if (isOfAnother(payload, given)) return { kind: 'refused' };
  // What is done on the Home tab is done in no channel.
  return posted.channel === undefined || posted.channel === given.channel ? { kind: 'click', click: posted.click } : { kind: 'none' };
}

/** A command is typed in any channel: it counts by the settings of any notifier of the app. */
function readCommand(request: ClickRequest, given: Config): CommandRead {
  if (!isOfSlack(request, given)) return { kind: 'refused' };
  const fields = 'line' in request ? request.payload : Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
  return isOfAnother(fields, given) ? { kind: 'refused' } : readCommandFields(fields, given.api_url);
}

/** Characters of an answer. */
const ANSWER = 1_000;

async function answer(replyTo: string, answer: string | Answer | ClickAnswer, context: Context): Promise<Delivery> {
  const { fetch, signal } = context;
  try {
    const response = await fetch(replyTo, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...said(answer, context) }),
      signal,
    });
    await response.body?.cancel();
    if (response.ok) return { verdict: 'delivered', ref: '' };
    const why = `Slack: ${response.status} at the address for answers`;
    const passes = response.status === 429 || response.status >= 500;
    return passes ? { verdict: 'retry', why, ...retryAfter(response.headers) } : { verdict: 'reject', why };
  } catch (error) {
    return unreachable(error, signal);
  }
}

/** What is shown to one person alone: a sentence, a list of lines, or what became of a click. */
function said(answer: string | Answer | ClickAnswer, { config, pageUrl }: Context): Readonly<Record<string, unknown>> {
  if (typeof answer === 'string') return { text: plain(answer, ANSWER) };
  if (!('replaces' in answer)) return { ...writeAnswer(answer, config.base_url ?? pageUrl) };
  const text = plain(answer.text, ANSWER);
  const { plan, replaces } = answer;
  return { replace_original: replaces, text, ...(plan !== undefined && { blocks: [section(text), planButtons(plan)] }) };
}

async function showHome(by: string, page: PersonalPage, context: Context): Promise<Delivery> {
  const view = homeView(page, context.config.base_url ?? context.pageUrl);
  const published = await callSlack('views.publish', { user_id: by, view }, accessOf(context));
  if (published.kind === 'failed') return published.retry;
  return published.kind === 'done' ? { verdict: 'delivered', ref: '' } : refusal(published);
}

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
  // Who follows no thread is to see it as well.
  const isAlarming = answerLine(notification)?.about.said === 'not_me' || notification.joined.some(({ woke }) => woke !== undefined);
  const isLoud = thread !== undefined && isAlarming;
  const message = thread === undefined ? slackMessage(notification, pageUrl, isClickable(config)) : slackReply(notification, pageUrl);
  const answer = await callSlack(
    'chat.postMessage',
    {
      channel,
      ...(thread !== undefined && { thread_ts: thread.ts }),
      ...(isLoud && { reply_broadcast: true }),
      ...message,
      metadata: metadataOf(notification),
    },
    access,
  );
  if (answer.kind === 'failed') return answer.retry;
  if (answer.kind === 'refused') {
    const refused = refusal(answer);
    return thread !== undefined && THREAD_GONE.has(answer.error) ? { ...refused, gone: true } : refused;
  }
  const ref = `${answer.body.channel}/${answer.body.ts}`;
  if (readRef(ref) === undefined) return { verdict: 'retry', why: "Slack: an answer without the message's name", ambiguous: true };
  return { verdict: 'delivered', ref };
}

/** A person's member ID as the channel is the conversation with them ("chat.postMessage", "Post to a DM"). */
async function whisper({ key, place, answer, picture, possibleRepeat, triedAt }: Whisper, context: Context): Promise<Delivery> {
  const { config } = context;
  const access = accessOf(context);
  const channel = place ?? config.channel;
  if (possibleRepeat) {
    const found = await findPosted({ channel, threadTs: undefined, key, since: triedAt ?? Date.now() }, access);
    if (typeof found !== 'string') return 'verdict' in found ? found : { verdict: 'delivered', ref: refText(found) };
  }
  // What took too long with its picture goes without it.
  const lines: Answer = possibleRepeat ? [...answer, ...(picture?.text ?? []), [REPEAT]] : answer;
  const metadata = { event_type: ALERT_EVENT, event_payload: { key } };
  const posting = { channel, metadata, answer: lines, pageUrl: config.base_url ?? context.pageUrl };
  const posted =
    picture === undefined || possibleRepeat ? await postLines(posting, access) : await postWithPicture(posting, picture, access);
  if (posted.kind === 'failed') return posted.retry;
  if (posted.kind === 'refused') return refusal(posted);
  return { verdict: 'delivered', ref: `${posted.body.channel}/${posted.body.ts}` };
}

async function edit(ref: string, notification: Notification, context: Context): Promise<Delivery> {
  const message = readRef(ref);
  if (message === undefined) return { verdict: 'reject', why: 'Slack: the message has no name', gone: true };
  const content = slackMessage(notification, context.config.base_url ?? context.pageUrl, isClickable(context.config));
  const answer = await callSlack('chat.update', { ...message, ...content, metadata: metadataOf(notification) }, accessOf(context));
  if (answer.kind === 'failed') return answer.retry;
  if (answer.kind === 'done') return { verdict: 'delivered', ref };
  const refused = refusal(answer);
  return answer.error === 'message_not_found' ? { ...refused, gone: true } : refused;
}

const isClickable = (given: Config): boolean => given.signing_secret !== undefined || given.app_token !== undefined;

/** Slack's words for a thread whose message was removed. */
const THREAD_GONE = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message']);

const accessOf = ({ config: { token, api_url: apiUrl }, fetch, signal }: Context): SlackAccess => ({ apiUrl, token, fetch, signal });

/** By this the message is found again where its outcome is not known. Slack takes no metadata beyond 8 kB: eight ids are far from it. */
const metadataOf = ({ key, alerts }: Notification) => ({
  event_type: ALERT_EVENT,
  event_payload: { key, alert_ids: alerts.map(({ id }) => id) },
});
