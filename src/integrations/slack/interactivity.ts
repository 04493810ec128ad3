import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Click, HomeOpened } from '../../model/click.ts';
import type { CommandRead, PostedRequest } from '../../notify/notifier.ts';
import { isResponseUrl } from './addresses.ts';
import { readAct, readBlockId, readPlanAct, readPlanId } from './buttons.ts';

/** What Slack has sent: `none` when it asks for nothing, such as a click on a link; `unreadable` when it is not of Slack's form. */
export type Posted =
  | { readonly kind: 'click' /** Absent: it was done on the Home tab. */; readonly channel?: string; readonly click: Click | HomeOpened }
  | { readonly kind: 'none' | 'unreadable' };

const id = z.string().regex(/^[A-Z][A-Z0-9]{2,30}$/);

/** docs.slack.dev, "block_actions payload": what of it is read. */
const blockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id }),
  container: z.discriminatedUnion('type', [
    z.object({ type: z.literal('message'), message_ts: z.string().max(40), channel_id: id, is_ephemeral: z.boolean().nullish() }),
    z.object({ type: z.literal('view'), view_id: id }),
  ]),
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

/** What is posted of interactivity, a form whose field `payload` is JSON, or of events, which are JSON themselves. */
export function payloadOf({ headers, body }: PostedRequest): unknown {
  const text = body.toString('utf8');
  const json = headers['content-type']?.startsWith('application/json') === true;
  return parsed(json ? text : (new URLSearchParams(text).get('payload') ?? ''));
}

const senders = z.object({
  team: z.object({ id: z.string() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  api_app_id: z.string().nullish(),
});

/**
 * Whether it is told of another workspace, as an app that is installed in several signs for all of them; or of another app, whose clicks bear
 * texts that are not ours. Clicks nest what commands do not.
 */
export function isOfAnother(told: unknown, own: { readonly team_id?: string | undefined; readonly app_id?: string | undefined }): boolean {
  if (own.team_id === undefined && own.app_id === undefined) return false;
  const { success, data } = senders.safeParse(told);
  if (!success || (own.app_id !== undefined && data.api_app_id !== own.app_id)) return true;
  return own.team_id !== undefined && ![data.team?.id, data.enterprise?.id, data.team_id, data.enterprise_id].includes(own.team_id);
}

/** Reads what is told of interactivity. `apiUrl`: where Slack is. */
export function readPosted(document: unknown, apiUrl: string, now: number): Posted {
  if (typeof document !== 'object' || document === null || !('type' in document)) return { kind: 'unreadable' };
  if (document.type === 'event_callback') return eventOf(document);
  // Shortcuts, dialogs and what Slack may think of next.
  if (document.type !== 'block_actions') return { kind: 'none' };
  const payload = blockActions.safeParse(document);
  if (!payload.success) return { kind: 'unreadable' };
  return clickOf(payload.data, apiUrl, now);
}

const commandFields = z.object({
  user_id: id,
  command: z.string(),
  text: z.string().default(''),
  channel_id: z.string().optional(),
  response_url: z.string().default(''),
  /** "Implementing slash commands": another for each that is typed. */
  trigger_id: z.string().max(200).default(''),
});

/** Reads the fields of a slash command. `apiUrl`: where Slack is. */
export function readCommandFields(fields: unknown, apiUrl: string): CommandRead {
  const read = commandFields.safeParse(fields);
  if (!read.success || read.data.text.length > MOST_WORDS) return { kind: 'unreadable' };
  const { user_id: by, text, response_url: url, trigger_id: trigger, channel_id: place } = read.data;
  const replyTo = url.length <= 2_000 && isResponseUrl(url, apiUrl) ? url : undefined;
  const key = keyOf([trigger, url, by, text, place ?? '']);
  return { kind: 'command', command: { key, by, typed: unescaped(text).trim(), channel: id.safeParse(place).data, replyTo } };
}

/** Slack writes these three as entities in what people type. */
const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Characters that somebody may type. */
const MOST_WORDS = 4_000;

function clickOf({ user, container, actions, response_url: url }: z.output<typeof blockActions>, apiUrl: string, now: number): Posted {
  const [action] = actions;
  const asked = action && askedBy(action, now);
  if (action === undefined || asked === undefined) return { kind: 'none' };
  const inMessage = container.type === 'message';
  // A person clicks one thing of one message, or of their Home tab, at one moment; Slack says the same moment when it sends the click again.
  const place = inMessage ? [container.channel_id, container.message_ts] : [container.view_id];
  const click = { key: keyOf([...place, user.id, action.block_id, action.action_id, action.action_ts]), ...asked, by: user.id };
  if (!inMessage) return { kind: 'click', click: { ...click, home: 'clicked' } };
  const replyTo = url !== undefined && isResponseUrl(url, apiUrl) ? url : undefined;
  const isPrivate = container.is_ephemeral === true;
  return { kind: 'click', channel: container.channel_id, click: { ...click, replyTo, ...(isPrivate && { isPrivate }) } };
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

const homeOpened = z.object({
  event_id: z.string().min(1).max(100),
  event: z.object({ type: z.literal('app_home_opened'), user: id, tab: z.literal('home') }),
});

/** Of all events, Earshot listens to one. */
function eventOf(document: object): Posted {
  const read = homeOpened.safeParse(document);
  if (!read.success) return { kind: 'none' };
  const { event_id: eventId, event } = read.data;
  return { kind: 'click', click: { key: keyOf([eventId]), by: event.user, home: 'opened' } };
}

const keyOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
