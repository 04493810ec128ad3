import { cutText } from '../../lib/cut-text.ts';
import { type CallPace, type PacedFetch, retryAfter } from '../../lib/paced-fetch.ts';
import type { Delivery } from '../../notify/notifier.ts';

export type Retry = Extract<Delivery, { verdict: 'retry' }>;

/** Nothing of Slack's came back, or nothing that says what it did. `because`: its calls are used up; the answer is longer than it may be. */
export interface SlackFailure {
  readonly kind: 'failed';
  readonly retry: Retry;
  readonly because?: 'calls' | 'length';
}

/** Slack's word for why it did not do it; `http_403` where it was none of Slack's words. `needed`: the scope that the token lacks. */
export interface SlackRefusal {
  readonly kind: 'refused';
  readonly error: string;
  readonly needed?: string;
}

export interface Exchanged {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
  readonly pace: CallPace;
  /** Bytes of an answer. */
  readonly most: number;
}

/** Asks Slack once, and takes its answer whole, whatever it says. */
export async function exchange(
  { url, init, pace, most }: Asked,
  { fetch, signal }: { readonly fetch: PacedFetch; readonly signal: AbortSignal },
): Promise<Exchanged | SlackFailure> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', signal }, pace);
  } catch (error) {
    return { kind: 'failed', retry: unreachable(error, signal) };
  }
  const { status, headers } = response;
  const body = await boundedBytes(response, most);
  if (status === 429) return { ...failed('429, too many calls', retryAfter(headers)), because: 'calls' };
  if (body === 'too_long') return { ...failed('the answer is too long', { ambiguous: true }), because: 'length' };
  if (body === 'broken') return failed('the answer broke off', { ...retryAfter(headers), ambiguous: true });
  return { kind: 'answer', status, headers, body };
}

/** Slack's own words for trouble that passes. After those that are true, part of what was asked may have been done. */
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
const LIMITED = new Set(['ratelimited', 'rate_limited']);

/**
 * What an answer says that is not what was asked for. Errors are HTTP 200 with `ok: false` ("Using the Slack Web API"), or told by status too
 * ("Using the Audit Logs API"); what proxies and outages say, and what an invalid token meets, need not be JSON.
 */
export function faultOf({ status, headers, body }: Exchanged): SlackRefusal | SlackFailure {
  const { error, needed } = jsonIn(body) ?? {};
  const word = typeof error === 'string' ? cutText(error, 80).replace(/[^\w.:-]/g, '') : '';
  const ambiguous = Object.hasOwn(TROUBLE, word) ? TROUBLE[word] : undefined;
  if (ambiguous !== undefined || status >= 500) {
    const fault = failed(word === '' ? `${status}` : word, { ...retryAfter(headers), ambiguous: ambiguous ?? true });
    return LIMITED.has(word) ? { ...fault, because: 'calls' } : fault;
  }
  if (word !== '') {
    return { kind: 'refused', error: word, ...(typeof needed === 'string' && { needed: cutText(needed, 200).replace(/[^\w.:, -]/g, '') }) };
  }
  if (status === 401) return { kind: 'refused', error: 'invalid_auth' };
  if (status === 200) return failed('200, and an answer that cannot be read', { ...retryAfter(headers), ambiguous: true });
  return { kind: 'refused', error: `http_${status}` };
}

/** Why Slack did not do it, with what mends it, by its word; `{scope}` in a mend is the scope that is missing. */
export function refusalText({ error, needed = '' }: Omit<SlackRefusal, 'kind'>, mends: Readonly<Record<string, string>>): string {
  if (error.startsWith('http_')) return `Slack: ${error.slice(5)}, not an answer of Slack: a proxy or another server stands in between`;
  const mend = Object.hasOwn(mends, error) ? mends[error] : undefined;
  return `Slack: ${error}${mend === undefined ? '' : `: ${mend.replaceAll('{scope}', needed === '' ? 'a scope' : `the scope ${needed}`)}`}`;
}

/** The object that the body is as JSON; undefined where it is none. */
export function jsonIn(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const failed = (why: string, more: Partial<Retry>): SlackFailure => ({
  kind: 'failed',
  retry: { verdict: 'retry', why: `Slack: ${why}`, ...more },
});

/** Errors before anything was sent: the message cannot have arrived. After all others it may have. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const CERTIFICATE = /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** What a failed fetch means. Codes alone: a message may hold the address, and the address may be the secret. */
export function unreachable(error: unknown, signal: AbortSignal): Retry {
  if (signal.aborted) return { verdict: 'retry', why: 'Slack: no answer in time', ambiguous: true };
  const code = causeCode(error);
  const why = `Slack: cannot be reached (${code === '' ? 'connection failed' : code})`;
  return NOT_SENT.has(code) || CERTIFICATE.test(code) ? { verdict: 'retry', why } : { verdict: 'retry', why, ambiguous: true };
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

/** The answer's bytes, and no more of them than `most`. */
async function boundedBytes(response: Response, most: number): Promise<Buffer | 'too_long' | 'broken'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > most) return 'too_long';
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return 'broken';
  }
}
