import { cutText } from '../../lib/cut-text.ts';
import { type AuditPage, readAuditPage } from './audit-page.ts';
import type { SlackAuditSettings } from './audit-settings.ts';
import { boundedBytes, retryAfter, unreachable } from './transport.ts';

/** Which entries; times in seconds since the epoch, both ends inclusive. */
export interface AuditQuery {
  readonly oldest?: number | undefined;
  readonly latest?: number | undefined;
  readonly cursor?: string | undefined;
}

export type AuditAnswer =
  /** `date`: Slack's clock, in seconds. */
  | { readonly kind: 'page'; readonly page: AuditPage; readonly date: number | undefined }
  | { readonly kind: 'cursor_rejected' }
  | { readonly kind: 'too_long' }
  /** The calls of the whole organization are used up. */
  | { readonly kind: 'limited'; readonly afterMs: number | undefined }
  /** It will not be better until somebody mends it. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly afterMs: number | undefined };

interface AuditAccess {
  readonly settings: SlackAuditSettings;
  readonly limit: number;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** Asks once for a page of the audit log. Other than the Web API, this one tells errors by HTTP status too; not all of them are JSON. */
export async function callAuditLogs(query: AuditQuery, { settings, limit, fetch, signal }: AuditAccess): Promise<AuditAnswer> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout_secs * 1_000)]);
  let response: Response;
  try {
    response = await fetch(addressOf(query, settings, limit), {
      headers: { authorization: `Bearer ${settings.token.reveal()}`, accept: 'application/json' },
      redirect: 'manual',
      signal: within,
    });
  } catch (error) {
    return { kind: 'failed', why: unreachable(error, within).why, afterMs: undefined };
  }
  const { afterMs } = retryAfter(response.headers);
  const body = await boundedBytes(response, settings.max_body_bytes);
  if (response.status === 429) return { kind: 'limited', afterMs };
  if (body === 'too_long') return { kind: 'too_long' };
  if (body === 'broken') return { kind: 'failed', why: 'Slack: the answer broke off', afterMs };
  if (response.status !== 200) return faultOf(response.status, wordOf(body), afterMs);
  const page = readAuditPage(body);
  if (page !== undefined) return { kind: 'page', page, date: dateOf(response.headers) };
  const word = wordOf(body);
  return word === '' ? { kind: 'failed', why: 'Slack: 200, and an answer that cannot be read', afterMs } : faultOf(200, word, afterMs);
}

function addressOf({ oldest, latest, cursor }: AuditQuery, settings: SlackAuditSettings, limit: number): string {
  const { api_url: base, anomalies_only: anomalies, actions, actor, entity } = settings;
  const url = new URL('logs', base.endsWith('/') ? base : `${base}/`);
  const action = anomalies ? 'anomaly' : actions.join(',');
  for (const [name, value] of Object.entries({ limit, oldest, latest, action, actor, entity, cursor }))
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  return url.href;
}

/** What to do, by Slack's word. */
const MENDS: Readonly<Record<string, string>> = {
  invalid_authentication: 'use the token of an owner of the organization',
  missing_authentication: 'use the token of an owner of the organization',
  user_not_authorized: 'the token must be of an owner of the organization, with the scope auditlogs:read',
  team_not_authorized: 'install the app on the organization, not on a workspace',
  feature_not_enabled: 'the audit log is part of Slack Enterprise plans alone',
  invalid_action: 'mend `actions`: Slack does not know one of them',
  invalid_workspace: 'mend `entity`: Slack does not know it',
};
const PASSING = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

function faultOf(status: number, word: string, afterMs: number | undefined): AuditAnswer {
  if (word === 'rate_limited' || word === 'ratelimited') return { kind: 'limited', afterMs };
  if (word === 'invalid_cursor') return { kind: 'cursor_rejected' };
  if (status >= 500 || PASSING.has(word)) return { kind: 'failed', why: `Slack: ${word === '' ? status : word}`, afterMs };
  const known = word === '' && (status === 401 || status === 403) ? 'invalid_authentication' : word;
  const mend = MENDS[known];
  return { kind: 'refused', why: `Slack: ${known === '' ? status : known}${mend === undefined ? '' : `: ${mend}`}` };
}

/** Slack's word for its fault; '' where the body has none. */
function wordOf(body: Buffer): string {
  try {
    const { error }: { readonly error?: unknown } = JSON.parse(body.toString('utf8', 0, 65_536)) ?? {};
    return typeof error === 'string' ? cutText(error, 80).replace(/[^\w.:-]/g, '') : '';
  } catch {
    return '';
  }
}

function dateOf(headers: Headers): number | undefined {
  const ms = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000);
}
