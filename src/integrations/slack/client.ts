import { createHash } from 'node:crypto';
import type { CallPace, PacedFetch } from '../../lib/paced-fetch.ts';
import type { Secret } from '../../lib/secret.ts';
import { exchange, faultOf, jsonIn, type SlackFailure, type SlackRefusal } from './exchange.ts';

/** How an organization or a workspace is spoken to with one of its tokens, for the time of one piece of work. */
export interface SlackAccess {
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly token: Secret;
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

export type SlackAnswer = { readonly kind: 'done'; readonly body: Readonly<Record<string, unknown>> } | SlackRefusal | SlackFailure;

type Args = Readonly<Record<string, unknown>>;

/**
 * Calls a minute, by the tiers that the pages of the methods name ("Rate limits"): 2 is 20, 3 is 50, 4 is 100; `auth.test` has hundreds, and
 * `chat.postMessage` one a second in each channel. All of them are called from the main thread, and the audit log from the ingest thread
 * alone: no thread uses up what another counts.
 */
const PER_MINUTE = {
  'admin.audit.anomaly.allow.getItem': 20,
  'admin.audit.anomaly.allow.updateItem': 20,
  'admin.users.session.invalidate': 20,
  'admin.users.session.list': 20,
  'admin.users.session.reset': 20,
  'admin.users.session.resetBulk': 20,
  'apps.connections.open': 50,
  'auth.test': 300,
  'chat.postMessage': 60,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'users.info': 100,
  'users.lookupByEmail': 50,
  'views.publish': 100,
} as const;
export type SlackMethod = keyof typeof PER_MINUTE;

/** Methods that are asked by a form: those of `users` read no JSON, by their pages; Slack's own clients ask for all so. */
const FORMS: ReadonlySet<SlackMethod> = new Set<SlackMethod>(['files.getUploadURLExternal', 'users.info', 'users.lookupByEmail']);

/** Bytes of an answer: a page of a channel's history is the longest. */
const MOST = 8_000_000;

/** Calls a method of Slack's Web API once, when it is its turn. */
export async function callSlack(method: SlackMethod, args: Args, access: SlackAccess): Promise<SlackAnswer> {
  const { apiUrl, token } = access;
  const { type, body } = FORMS.has(method) ? asForm(args) : { type: 'application/json; charset=utf-8', body: JSON.stringify(args) };
  const headers = { 'content-type': type, authorization: `Bearer ${token.reveal()}` };
  const part = method === 'chat.postMessage' ? { part: String(args.channel), burst: 3 } : {};
  const pace = { ...paceOf(method, PER_MINUTE[method], access), ...part };
  const answer = await exchange({ url: `${apiUrl}${method}`, init: { method: 'POST', headers, body }, pace, most: MOST }, access);
  if (answer.kind === 'failed') return answer;
  const read = jsonIn(answer.body);
  return read?.ok === true && answer.status === 200 ? { kind: 'done', body: read } : faultOf(answer);
}

/** The pages of a method, as they are asked for, and no more of them than `most`. After one that is not `done` there is none. */
export async function* slackPages(method: SlackMethod, args: Args, access: SlackAccess, most: number): AsyncGenerator<SlackAnswer> {
  let cursor: unknown;
  for (let page = 0; page < most && cursor !== ''; page++) {
    const answer = await callSlack(method, { ...args, ...(page > 0 && { cursor }) }, access);
    yield answer;
    const { response_metadata: metadata } = answer.kind === 'done' ? answer.body : {};
    cursor = (metadata as { readonly next_cursor?: unknown } | null | undefined)?.next_cursor ?? '';
  }
}

/** Slack counts by app and workspace, and both are in a token; the audit log by organization, which an owner's token is of. */
export function paceOf(method: string, perMinute: number, access: Pick<SlackAccess, 'apiUrl' | 'token'>): CallPace {
  return { api: 'slack', method, key: `${method} ${accountOf(access)}`, perMinute, burst: Math.ceil(perMinute / 3) };
}

/** Whom a token is of, as a text that does not tell the token. */
export const accountOf = ({ apiUrl, token }: Pick<SlackAccess, 'apiUrl' | 'token'>): string =>
  createHash('sha256').update(`${apiUrl} ${token.reveal()}`).digest('hex');

const asForm = (args: Args) => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(Object.entries(args).map(([name, value]): [string, string] => [name, String(value)])).toString(),
});
