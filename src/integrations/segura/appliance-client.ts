import type { PacedFetch } from '../../lib/paced-fetch.ts';
import type { Secret } from '../../lib/secret.ts';

export interface ApplianceAccess {
  readonly url: string;
  readonly id: string;
  readonly password: Secret;
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

/** `retry`: it was certainly not done. `unknown`: it may have been. `isAccess`: the client is not let in, or may not do it. */
export type ApplianceFault =
  | { readonly kind: 'retry' | 'unknown'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly isAccess: boolean };

export type ApplianceAnswer = { readonly kind: 'done'; readonly body: unknown } | ApplianceFault;

/** Errors before anything was sent. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const CERTIFICATE = /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;
/** Characters of an answer. */
const MOST = 4_000_000;

/** Segura's A2A interface, for the time of one act: a token by OAuth 2.0's client credentials, then the calls (vendor's pages, "A2A - APIs"). */
export class ApplianceClient {
  readonly #access: ApplianceAccess;
  #token: string | undefined;

  constructor(access: ApplianceAccess) {
    this.#access = access;
  }

  get(path: string): Promise<ApplianceAnswer> {
    return this.#call('GET', path);
  }

  delete(path: string): Promise<ApplianceAnswer> {
    return this.#call('DELETE', path);
  }

  async #call(method: 'GET' | 'DELETE', path: string): Promise<ApplianceAnswer> {
    const refused = await this.#signIn();
    if (refused !== undefined) return refused;
    return await this.#send(path, { method, headers: { authorization: `Bearer ${this.#token}`, accept: 'application/json' } });
  }

  /** Nothing is asked of the vault before this has worked. */
  async #signIn(): Promise<ApplianceFault | undefined> {
    if (this.#token !== undefined) return undefined;
    const { id, password } = this.#access;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: password.reveal() });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const answer = await this.#send('/iso/oauth2/token', { method: 'POST', headers, body: form.toString() });
    if (answer.kind === 'unknown') return { ...answer, kind: 'retry' };
    if (answer.kind !== 'done') return answer.kind === 'refused' ? { ...answer, isAccess: true } : answer;
    const token: unknown = typeof answer.body === 'object' && answer.body !== null ? Reflect.get(answer.body, 'access_token') : undefined;
    if (typeof token !== 'string' || token === '') return { kind: 'refused', why: 'it gave no token', isAccess: true };
    this.#token = token;
    return undefined;
  }

  async #send(path: string, init: RequestInit): Promise<ApplianceAnswer> {
    const { url, fetch, signal } = this.#access;
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(new URL(path, url).href, { ...init, signal });
      status = response.status;
      body = parsed((await response.text()).slice(0, MOST));
    } catch (error) {
      return unreachable(error, signal);
    }
    if (status === 401 || status === 403) return { kind: 'refused', why: `${status}`, isAccess: true };
    if (status === 429) return { kind: 'retry', why: '429, too many calls' };
    const said = faultIn(body);
    if (said !== undefined) return { kind: 'refused', why: said, isAccess: false };
    if (status >= 500) return { kind: 'unknown', why: `${status}` };
    return status >= 200 && status < 300 && body !== undefined
      ? { kind: 'done', body }
      : { kind: 'refused', why: `${status}`, isAccess: false };
  }
}

/** The vault's own word for a fault, behind HTTP 500: `{"response":{"error":true,"error_code":1,"message":…}}`. */
function faultIn(body: unknown): string | undefined {
  const response: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'response') : undefined;
  if (typeof response !== 'object' || response === null || Reflect.get(response, 'error') !== true) return undefined;
  const message: unknown = Reflect.get(response, 'message');
  return typeof message === 'string' ? message.replace(/[^\p{L}\p{N} .,:;'()_-]/gu, '').slice(0, 200) : 'it could not be done';
}

function unreachable(error: unknown, signal: AbortSignal): ApplianceFault {
  if (signal.aborted) return { kind: 'unknown', why: 'no answer in time' };
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  const word = typeof code === 'string' ? code : 'connection failed';
  return { kind: NOT_SENT.has(word) || CERTIFICATE.test(word) ? 'retry' : 'unknown', why: `cannot be reached (${word})` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
