import { cutText } from '../../lib/cut-text.ts';
import type { Secret } from '../../lib/secret.ts';
import { boundedText, type Retry, retryAfter, unreachable } from './transport.ts';

/** How to speak to Slack's Web API, for the time of one message. */
export interface SlackAccess {
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly token: Secret;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

export type SlackAnswer =
  | { readonly kind: 'done'; readonly body: Readonly<Record<string, unknown>> }
  /** Slack's word for why it did not do it; `needed`: the scope that the token lacks. */
  | { readonly kind: 'refused'; readonly error: string; readonly needed?: string }
  /** Nothing of Slack's came back, or nothing that says what it did. */
  | { readonly kind: 'failed'; readonly retry: Retry };

/** Methods that read no JSON, by their pages. */
const FORMS: ReadonlySet<string> = new Set(['users.info', 'users.lookupByEmail']);

const asForm = (args: Readonly<Record<string, unknown>>) => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(Object.entries(args).map(([name, value]): [string, string] => [name, String(value)])).toString(),
});

/** Characters of an answer: a page of a channel's history is the longest. */
const MOST = 8_000_000;

/**
 * Calls a method of Slack's Web API once. Answers are HTTP 200 with `ok`, but for rate limits (429) and what proxies and outages say,
 * which need not be JSON ("Using the Slack Web API"; an invalid token may be told so, too).
 */
export async function callSlack(method: string, args: Readonly<Record<string, unknown>>, access: SlackAccess): Promise<SlackAnswer> {
  const { type, body } = FORMS.has(method) ? asForm(args) : { type: 'application/json; charset=utf-8', body: JSON.stringify(args) };
  let response: Response;
  try {
    response = await access.fetch(`${access.apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${access.token.reveal()}` },
      body,
      signal: access.signal,
    });
  } catch (error) {
    return { kind: 'failed', retry: unreachable(error, access.signal) };
  }
  const text = await boundedText(response, MOST);
  const answer = text === undefined ? undefined : parsed(text);
  if (response.status === 429) return failed('Slack: 429, too many calls', retryAfter(response.headers));
  if (answer?.ok === true && response.status === 200) return { kind: 'done', body: answer };
  if (answer?.ok === false && typeof answer.error === 'string') return refused(answer.error, answer.needed, response);
  if (response.status === 401) return { kind: 'refused', error: 'invalid_auth' };
  if (response.status >= 500) return failed(`Slack: ${response.status}`, { ...retryAfter(response.headers), ambiguous: true });
  if (response.status === 200) return failed('Slack: 200, and an answer that cannot be read', { ambiguous: true });
  return { kind: 'refused', error: `http_${response.status}` };
}

/** Slack's own words for trouble that passes. After the first two, part of what was asked may have been done. */
const TROUBLE: Readonly<Record<string, boolean>> = {
  fatal_error: true,
  internal_error: true,
  ratelimited: false,
  rate_limited: false,
  message_limit_exceeded: false,
  request_timeout: false,
  service_unavailable: false,
  team_added_to_org: false,
};

function refused(error: string, needed: unknown, response: Response): SlackAnswer {
  const ambiguous = TROUBLE[error];
  if (ambiguous !== undefined) return failed(`Slack: ${error}`, { ...retryAfter(response.headers), ambiguous });
  const word = cutText(error, 80).replace(/[^\w.:-]/g, '');
  return { kind: 'refused', error: word, ...(typeof needed === 'string' && { needed: cutText(needed, 200).replace(/[^\w.:, -]/g, '') }) };
}

const failed = (why: string, more: Partial<Retry>): SlackAnswer => ({ kind: 'failed', retry: { verdict: 'retry', why, ...more } });

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
