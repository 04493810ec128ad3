import { createHmac, randomUUID } from 'node:crypto';
import type { SlackMessage } from './slack-api.ts';
import { isObject } from './slack-blocks.ts';

/** What somebody does to a message. */
export interface Clicked {
  readonly message: Pick<SlackMessage, 'ts' | 'channel' | 'text' | 'blocks' | 'botId'>;
  /** It is one that who clicks alone can see. */
  readonly isPrivate?: boolean;
  /** On the Home tab, whose id this is, and not in a channel. */
  readonly view?: string;
  /** Which alert's button, where there are several. */
  readonly alert?: string;
  /** Member ID of who clicks. */
  readonly user: string;
  /** `action_id` of the button or menu, and what is chosen of the menu. */
  readonly action: string;
  readonly choice?: string;
}

/** How the app answered each attempt, in order; 0 for an answer that did not come in time, or not at all. */
export type Answers = readonly { readonly status: number; readonly ms: number }[];

/** Slack waits so long for an answer, and tries so often. */
const PATIENCE_MS = 3_000;
const ATTEMPTS = 3;

/** docs.slack.dev, "block_actions payload". Throws when the message has no such button or choice: nobody could click it. */
export function clickPayload(clicked: Clicked, responseUrl: string, atMs: number): object {
  const { message, isPrivate = false, view, alert, user, action, choice } = clicked;
  const blocks = message.blocks.filter(isObject).filter(({ type }) => type === 'actions');
  for (const { block_id: blockId, elements } of blocks) {
    if (alert !== undefined && !String(blockId).includes(alert)) continue;
    const element = (Array.isArray(elements) ? elements : []).filter(isObject).find(({ action_id: id }) => id === action);
    if (element === undefined) continue;
    const options: readonly unknown[] = Array.isArray(element.options) ? element.options : [];
    const selected = options.find((each) => isObject(each) && each.value === choice);
    if (choice !== undefined && selected === undefined) throw new Error(`${action} has no choice ${choice}`);
    const { type } = element;
    const ts = (atMs / 1_000).toFixed(6);
    return {
      type: 'block_actions',
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: 'T0123456789' },
      api_app_id: 'A0123456789',
      token: 'made-up',
      trigger_id: `1.2.${ts}`,
      team: { id: 'T0123456789', domain: 'acme' },
      enterprise: null,
      is_enterprise_install: false,
      state: { values: {} },
      ...(view === undefined ? inMessage(message, isPrivate, responseUrl) : onHomeTab(message, view)),
      actions: [
        { type, action_id: action, block_id: blockId, ...(selected !== undefined && { selected_option: selected }), action_ts: ts },
      ],
    };
  }
  throw new Error(`the message has no ${action}`);
}

const inMessage = ({ ts, channel, botId, text, blocks }: Clicked['message'], isPrivate: boolean, responseUrl: string) => ({
  container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: isPrivate },
  channel: { id: channel, name: 'security' },
  message: { type: 'message', bot_id: botId, ts, text, blocks },
  response_url: responseUrl,
});

/** A view has no address for answers. */
const onHomeTab = ({ blocks }: Clicked['message'], view: string) => ({
  container: { type: 'view', view_id: view },
  view: { id: view, team_id: 'T0123456789', type: 'home', blocks },
});

/** docs.slack.dev, "app_home_opened event", in its envelope of the Events API. */
export const homeOpened = (user: string, eventId: string) => ({
  token: 'made-up',
  team_id: 'T0123456789',
  api_app_id: 'A0123456789',
  type: 'event_callback',
  event_id: eventId,
  event_time: 1_769_860_800,
  event: { type: 'app_home_opened', user, channel: 'D0123456789', tab: 'home', event_ts: '1769860800.000100' },
});

/** What Slack sends for a click. */
export const signedForm = (payload: unknown, secret: string, atMs: number) =>
  signed({ payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }, secret, atMs);

/** What Slack sends for `/earshot` and what somebody has typed behind it. docs.slack.dev, "Implementing slash commands". */
export const signedCommand = (user: string, text: string, secret: string, atMs: number, more: Readonly<Record<string, string>> = {}) =>
  signed(
    {
      token: 'made-up',
      team_id: 'T0123456789',
      api_app_id: 'A0123456789',
      channel_id: 'C0000000007',
      user_id: user,
      command: '/earshot',
      text,
      trigger_id: `1.2.${randomUUID()}`,
      ...more,
    },
    secret,
    atMs,
  );

/** What Slack sends of events: JSON. */
export const signedJson = (payload: unknown, secret: string, atMs: number) =>
  signedBody(JSON.stringify(payload), 'application/json', secret, atMs);

const signed = (form: Readonly<Record<string, string>>, secret: string, atMs: number) =>
  signedBody(new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded', secret, atMs);

/** The headers and the body that Slack sends, signed with the app's secret. */
function signedBody(body: string, type: string, secret: string, atMs: number) {
  const at = `${Math.floor(atMs / 1_000)}`;
  const signature = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': at,
      'x-slack-signature': `v0=${signature}`,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    },
  };
}

/** Posts as Slack does: what is slow or fails is sent again, the same to the byte but for its signature. */
export async function postAsSlack(url: string, payload: unknown, secret: string): Promise<Answers> {
  const answers: { status: number; ms: number }[] = [];
  for (let attempt = 0; attempt < ATTEMPTS && answers.at(-1)?.status !== 200; attempt++) {
    const { body, headers } = signedForm(payload, secret, Date.now());
    const retry = attempt === 0 ? {} : { 'x-slack-retry-num': `${attempt}`, 'x-slack-retry-reason': 'http_timeout' };
    const began = performance.now();
    const status = await fetch(url, {
      method: 'POST',
      headers: { ...headers, ...retry },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    answers.push({ status, ms: performance.now() - began });
  }
  return answers;
}
