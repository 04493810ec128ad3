import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Click } from '../../model/click.ts';
import type { CommandRead } from '../../notify/notifier.ts';
import { readAct, readBlockId, readPlanAct, readPlanId } from './buttons.ts';

/** What Slack has sent: `none` when it asks for nothing, such as a click on a link; `unreadable` when it is not of Slack's form. */
export type Posted = { readonly kind: 'click'; readonly channel: string; readonly click: Click } | { readonly kind: 'none' | 'unreadable' };

const id = z.string().regex(/^[A-Z][A-Z0-9]{2,30}$/);

/** docs.slack.dev, "block_actions payload": what of it is read. */
const blockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id }),
  container: z.object({ type: z.literal('message'), message_ts: z.string().max(40), channel_id: id, is_ephemeral: z.boolean().nullish() }),
  response_url: z.string().max(2_000).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        block_id: z.string().max(255),
        action_ts: z.string().min(1).max(40),
        selected_option: z.object({ value: z.string().max(150) }).nullish(),
      }),
    )
    .min(1)
    .max(25),
});

/** Reads the body of a request for interactivity: a form whose field `payload` is JSON. `apiUrl`: where Slack is. */
export function readPosted(body: Buffer, apiUrl: string, now: number): Posted {
  const document = parsed(new URLSearchParams(body.toString('utf8')).get('payload') ?? '');
  if (typeof document !== 'object' || document === null || !('type' in document)) return { kind: 'unreadable' };
  // Shortcuts, dialogs and what Slack may think of next.
  if (document.type !== 'block_actions') return { kind: 'none' };
  const payload = blockActions.safeParse(document);
  if (!payload.success) return { kind: 'unreadable' };
  return clickOf(payload.data, apiUrl, now);
}

/** Reads the body of a slash command: a form. `apiUrl`: where Slack is. */
export function readCommandForm(body: Buffer, apiUrl: string): CommandRead {
  const form = new URLSearchParams(body.toString('utf8'));
  const by = id.safeParse(form.get('user_id'));
  const text = form.get('text') ?? '';
  if (!by.success || form.get('command') === null || text.length > MOST_WORDS) return { kind: 'unreadable' };
  const url = form.get('response_url') ?? '';
  const replyTo = url.length <= 2_000 && isResponseUrl(url, apiUrl) ? url : undefined;
  const channel = id.safeParse(form.get('channel_id')).data;
  return { kind: 'command', by: by.data, text: unescaped(text).trim(), channel, replyTo };
}

/** Slack writes these three as entities in what people type. */
const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Characters that somebody may type. */
const MOST_WORDS = 4_000;

function clickOf({ user, container, actions, response_url: url }: z.output<typeof blockActions>, apiUrl: string, now: number): Posted {
  const [action] = actions;
  const asked = action && askedBy(action, now);
  if (action === undefined || asked === undefined) return { kind: 'none' };
  const { message_ts: ts, channel_id: channel, is_ephemeral: isPrivate } = container;
  // A person clicks one thing of one message at one moment; Slack says the same moment when it sends the click again.
  const key = createHash('sha256')
    .update(JSON.stringify([channel, ts, user.id, action.action_id, action.action_ts]))
    .digest('hex');
  const replyTo = url !== undefined && isResponseUrl(url, apiUrl) ? url : undefined;
  return { kind: 'click', channel, click: { key, ...asked, by: user.id, replyTo, ...(isPrivate === true && { isPrivate }) } };
}

type Action = z.output<typeof blockActions>['actions'][number];

/** What an action is about, and what it asks for. */
function askedBy({ action_id: id, block_id: blockId, selected_option: option }: Action, now: number) {
  const plan = readPlanId(blockId);
  if (plan !== undefined) {
    const act = readPlanAct(id, plan);
    return act && { alertId: plan.alertId, shown: '', act };
  }
  const about = readBlockId(blockId);
  const act = readAct(id, option?.value, now);
  return about === undefined || act === undefined ? undefined : { ...about, act };
}

/** Answers go to Slack alone: to its own host, or, in tests, to where the API is. */
function isResponseUrl(text: string, apiUrl: string): boolean {
  const url = URL.parse(text);
  const api = URL.parse(apiUrl);
  if (url === null || api === null || url.username !== '' || url.password !== '') return false;
  if (api.protocol === 'http:') return url.origin === api.origin;
  return url.origin === (api.hostname.endsWith('slack-gov.com') ? 'https://hooks.slack-gov.com' : 'https://hooks.slack.com');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
