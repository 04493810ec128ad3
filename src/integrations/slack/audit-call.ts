import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { type AuditPage, readAuditPage } from './audit-page.ts';
import { CALLS_OF_ORGANIZATION, type SlackAuditSettings } from './audit-settings.ts';
import { paceOf } from './client.ts';
import { exchange, faultOf, refusalText } from './exchange.ts';

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

/** Calls that all sources together make at once: Slack bears "sporadic bursts". */
const BURST = 5;

interface AuditAccess {
  readonly settings: SlackAuditSettings;
  readonly limit: number;
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

/** Asks once for a page of the audit log. All sources with the same token share what Slack gives the organization. */
export async function callAuditLogs(query: AuditQuery, { settings, limit, fetch, signal }: AuditAccess): Promise<AuditAnswer> {
  const { api_url: apiUrl, token, timeout_secs: secs, max_body_bytes: most } = settings;
  const init = { headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' } };
  const pace = { ...paceOf('audit.logs', CALLS_OF_ORGANIZATION, { apiUrl, token }), burst: BURST };
  const within = AbortSignal.any([signal, AbortSignal.timeout(secs * 1_000)]);
  const answer = await exchange({ url: addressOf(query, settings, limit), init, pace, most }, { fetch, signal: within });
  const page = answer.kind === 'answer' && answer.status === 200 ? readAuditPage(answer.body) : undefined;
  if (answer.kind === 'answer' && page !== undefined) return { kind: 'page', page, date: dateOf(answer.headers) };
  const fault = answer.kind === 'answer' ? faultOf(answer) : answer;
  if (fault.kind === 'refused') {
    return fault.error === 'invalid_cursor' ? { kind: 'cursor_rejected' } : { kind: 'refused', why: refusalText(fault, MENDS) };
  }
  const { why, afterMs } = fault.retry;
  if (fault.because === 'calls') return { kind: 'limited', afterMs };
  return fault.because === 'length' ? { kind: 'too_long' } : { kind: 'failed', why, afterMs };
}

function addressOf({ oldest, latest, cursor }: AuditQuery, settings: SlackAuditSettings, limit: number): string {
  const { api_url: base, anomalies_only: anomalies, actions, actor, entity } = settings;
  const url = new URL('logs', base);
  const action = anomalies ? 'anomaly' : actions.join(',');
  for (const [name, value] of Object.entries({ limit, oldest, latest, action, actor, entity, cursor }))
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  return url.href;
}

/** What to do, by Slack's word. */
const MENDS: Readonly<Record<string, string>> = {
  invalid_auth: 'use the token of an owner of the organization',
  invalid_authentication: 'use the token of an owner of the organization',
  missing_authentication: 'use the token of an owner of the organization',
  user_not_authorized: 'the token must be of an owner of the organization, with the scope auditlogs:read',
  team_not_authorized: 'install the app on the organization, not on a workspace',
  feature_not_enabled: 'the audit log is part of Slack Enterprise plans alone',
  invalid_action: 'mend `actions`: Slack does not know one of them',
  invalid_workspace: 'mend `entity`: Slack does not know it',
};

function dateOf(headers: Headers): number | undefined {
  const ms = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1_000);
}
