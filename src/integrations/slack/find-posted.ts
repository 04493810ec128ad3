import { z } from 'zod';
import { callSlack, type SlackAccess, slackPages } from './client.ts';
import type { Retry } from './exchange.ts';
import { ALERT_EVENT, type SlackRef } from './posted.ts';

export interface Sought {
  readonly channel: string;
  /** The message whose thread it would be in. */
  readonly threadTs: string | undefined;
  /** Identity of the notification. */
  readonly key: string;
  /** When the first attempt began, milliseconds since the epoch. */
  readonly since: number;
}

/** `blind`: the token may not read the channel. */
export type Found = SlackRef | 'none' | 'blind' | Retry;

/** Messages of one page, and pages: a channel in which more was said since then is not read through. */
const PAGE = 100;
const PAGES = 10;
/** Slack's clock and ours need not agree. */
const CLOCKS_MS = 120_000;

const answer = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().optional(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.object({ key: z.unknown() }) })
        .optional()
        .catch(undefined),
    }),
  ),
});

/**
 * Looks for a message that an attempt without an answer may have posted. Known by its metadata, and by its author: others may write
 * metadata too, and must not be able to keep an alert from being told.
 */
export async function findPosted(sought: Sought, access: SlackAccess): Promise<Found> {
  const self = await callSlack('auth.test', {}, access);
  if (self.kind === 'failed') return { ...self.retry, ambiguous: true };
  const botId = self.kind === 'done' ? self.body.bot_id : undefined;
  if (typeof botId !== 'string') return 'blind';
  const { channel, threadTs, since } = sought;
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const oldest = ((since - CLOCKS_MS) / 1_000).toFixed(6);
  const args = { channel, ...(threadTs !== undefined && { ts: threadTs }), oldest, include_all_metadata: true, limit: PAGE };
  for await (const read of slackPages(method, args, access, PAGES)) {
    // What is unknown stays unknown until Slack has said.
    if (read.kind === 'failed') return { ...read.retry, ambiguous: true };
    if (read.kind === 'refused') return read.error === 'thread_not_found' ? 'none' : 'blind';
    const page = answer.safeParse(read.body);
    if (!page.success) return 'blind';
    const mine = page.data.messages.find((message) => isSought(message, sought.key, botId));
    if (mine !== undefined) return { channel, ts: mine.ts };
  }
  return 'none';
}

type Page = z.output<typeof answer>;

const isSought = ({ bot_id, metadata }: Page['messages'][number], key: string, botId: string): boolean =>
  bot_id === botId && metadata?.event_type === ALERT_EVENT && metadata.event_payload.key === key;
