import { createServer } from 'node:http';

/** An entry of the simulated log. */
export interface AuditLogEntry {
  readonly id: string;
  /** Its `date_create`, in seconds since the epoch. */
  readonly second: number;
  /** From when on Slack shows it, in milliseconds since the epoch. */
  readonly visibleAt: number;
  readonly action: string;
  readonly actor: string;
  readonly entity: string;
  /** Its JSON, byte for byte as it is sent. */
  readonly text: string;
}

/** What the next calls meet instead of a healthy Slack; one entry each. */
export type AuditScript =
  | { readonly kind: 'error'; readonly status: number; readonly error: string }
  /** Whatever a proxy or an outage says. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'reset' }
  /** No entry, and a cursor: `limit` is what Slack returns "optimistically", and the end is where there is no cursor, whatever the count. */
  | { readonly kind: 'empty_page' }
  /** All cursors given so far are forgotten, before the call is answered. */
  | { readonly kind: 'forget_cursors' };

export interface SlackAuditOptions {
  /** Slack's clock, in milliseconds since the epoch. */
  readonly now?: () => number;
  readonly token?: string;
  /** How long a cursor holds. */
  readonly cursorMs?: number;
  /** Calls a minute for the whole organization, and how many may come at once. */
  readonly perMinute?: number;
  readonly burst?: number;
}

export interface AuditCall {
  readonly at: number;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly error: string | undefined;
  /** How many entries were sent. */
  readonly entries: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly entries?: number;
  readonly error?: string;
}

interface Cursor {
  readonly query: string;
  /** The last entry that was sent: those behind it are next. */
  readonly after: AuditLogEntry | undefined;
  readonly until: number;
}

const MOST_LIMIT = 9_999;
const MOST_ACTIONS = 30;
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const SIGN_IN_PAGE = '<!DOCTYPE html>\n<html><body>Unauthorized</body></html>';

/**
 * Slack's audit API as "Using the Audit Logs API" and what it does tell of it: the newest first, `oldest` and `latest` inclusive, a page
 * longer than `limit` where entries share a second, cursors that run out, 50 calls a minute for the whole organization, faults by HTTP
 * status, and a wrong token told in no JSON at all.
 */
export class SlackAuditSimulator {
  readonly token: string;
  readonly calls: AuditCall[] = [];
  readonly #options: Required<SlackAuditOptions>;
  readonly #cursors = new Map<string, Cursor>();
  #log: AuditLogEntry[] = [];
  #sorted = true;
  #scripted: AuditScript[] = [];
  #allowance: number;
  #filledAt: number;
  #numbered = 0;

  constructor(options: SlackAuditOptions = {}) {
    this.#options = { now: Date.now, token: 'xoxp-0000000000-made-up', cursorMs: 300_000, perMinute: 50, burst: 10, ...options };
    this.token = this.#options.token;
    this.#allowance = this.#options.burst;
    this.#filledAt = this.#options.now();
  }

  add(...entries: readonly AuditLogEntry[]): void {
    for (const entry of entries) this.#log.push(entry);
    this.#sorted = false;
  }

  script(...steps: readonly AuditScript[]): void {
    this.#scripted.push(...steps);
  }

  /** Another tool of the organization makes calls. */
  spendElsewhere(calls: number): void {
    this.#fill();
    this.#allowance = Math.max(0, this.#allowance - calls);
  }

  answer(url: URL, authorization: string | undefined): Answer {
    const query = Object.fromEntries(url.searchParams);
    const step = this.#scripted.shift();
    if (step?.kind === 'forget_cursors') this.#cursors.clear();
    if (step?.kind === 'reset') throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    const answer = this.#answer(url, query, authorization, step);
    this.calls.push({ at: this.#options.now(), query, status: answer.status, error: answer.error, entries: answer.entries ?? 0 });
    return { ...answer, headers: { date: new Date(this.#options.now()).toUTCString(), ...answer.headers } };
  }

  /** The same without a network: for a clock that does not run by itself. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { status, headers, body } = this.answer(new URL(request.url), request.headers.get('authorization') ?? undefined);
    return new Response(body, { status, headers });
  };

  #answer(url: URL, query: Readonly<Record<string, string>>, authorization: string | undefined, step: AuditScript | undefined): Answer {
    if (step?.kind === 'error') return fault(step.status, step.error);
    if (step?.kind === 'answer') return { status: step.status, headers: step.headers ?? {}, body: step.body };
    if (authorization !== `Bearer ${this.token}`) return { status: 401, headers: { 'content-type': 'text/html' }, body: SIGN_IN_PAGE };
    const wait = this.#take();
    if (wait > 0) return fault(429, 'rate_limited', { 'retry-after': String(wait) });
    if (!url.pathname.endsWith('/logs')) return fault(404, 'bad_endpoint');
    return this.#logs(query, step?.kind === 'empty_page');
  }

  #logs(query: Readonly<Record<string, string>>, isEmpty: boolean): Answer {
    const { limit = '100', oldest = '0', latest = '9999999999', cursor, ...filters } = query;
    const numbers = [limit, oldest, latest];
    if (!numbers.every((text) => /^\d+$/.test(text)) || Number(oldest) > Number(latest)) return fault(400, 'invalid_range');
    const actions = filters.action === undefined ? [] : filters.action.split(',');
    if (actions.length > MOST_ACTIONS) return fault(400, 'invalid_action');
    const asked = JSON.stringify({ oldest, latest, filters });
    const from = cursor === undefined ? undefined : this.#cursors.get(cursor);
    if (cursor !== undefined && (from === undefined || from.until < this.#options.now() || from.query !== asked))
      return fault(400, 'invalid_cursor');

    const until = this.#options.now() + this.#options.cursorMs;
    if (isEmpty) return pageOf([], this.#cursor({ query: asked, after: from?.after, until }));
    const [entries, more] = this.#page(
      { oldest: Number(oldest), latest: Number(latest), after: from?.after },
      Number(limit),
      (entry) =>
        [actions.length === 0 || actions.includes(entry.action), (filters.actor ?? entry.actor) === entry.actor].every(Boolean) &&
        (filters.entity ?? entry.entity) === entry.entity,
    );
    const last = entries.at(-1);
    return pageOf(entries, more && last !== undefined ? this.#cursor({ query: asked, after: last, until }) : '');
  }

  #page(
    { oldest, latest, after }: { readonly oldest: number; readonly latest: number; readonly after: AuditLogEntry | undefined },
    limit: number,
    wanted: (entry: AuditLogEntry) => boolean,
  ): [AuditLogEntry[], boolean] {
    const log = this.#newestFirst();
    const now = this.#options.now();
    const page: AuditLogEntry[] = [];
    for (let i = firstUpTo(log, latest, after); i < log.length; i++) {
      const entry = log[i];
      if (entry === undefined || entry.second < oldest) break;
      if (entry.visibleAt > now || !wanted(entry)) continue;
      if (page.length >= Math.min(limit, MOST_LIMIT) && entry.second !== page.at(-1)?.second) return [page, true];
      page.push(entry);
    }
    return [page, false];
  }

  #cursor(cursor: Cursor): string {
    const name = Buffer.from(`next:${++this.#numbered}`).toString('base64');
    this.#cursors.set(name, cursor);
    return name;
  }

  #newestFirst(): readonly AuditLogEntry[] {
    if (!this.#sorted) this.#log = this.#log.sort(order);
    this.#sorted = true;
    return this.#log;
  }

  #fill(): void {
    const now = this.#options.now();
    this.#allowance = Math.min(this.#options.burst, this.#allowance + ((now - this.#filledAt) * this.#options.perMinute) / 60_000);
    this.#filledAt = now;
  }

  /** 0 when the call may be made; else the seconds to wait. */
  #take(): number {
    this.#fill();
    if (this.#allowance < 1) return Math.ceil(((1 - this.#allowance) * 60) / this.#options.perMinute);
    this.#allowance -= 1;
    return 0;
  }
}

const order = (a: AuditLogEntry, b: AuditLogEntry): number => b.second - a.second || Number(a.id > b.id) - Number(a.id < b.id);

/** The first place, in a log with the newest first, that is not after this second and is behind this entry. */
function firstUpTo(log: readonly AuditLogEntry[], latest: number, after: AuditLogEntry | undefined): number {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = log[middle];
    const before = entry !== undefined && (entry.second > latest || (after !== undefined && order(entry, after) <= 0));
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

const pageOf = (entries: readonly AuditLogEntry[], next: string): Answer => ({
  status: 200,
  headers: JSON_TYPE,
  body: `{"entries":[${entries.map(({ text }) => text).join(', ')}],"response_metadata":{"next_cursor":"${next}"}}`,
  entries: entries.length,
});

const fault = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body: JSON.stringify({ ok: false, error }),
  error,
});

/** An entry as Slack writes them, with what a reader may stumble over: escapes, brackets in texts, lists called `entries`. */
export function auditLogEntry(n: number, second: number, about: Partial<AuditLogEntry> = {}): AuditLogEntry {
  const id = `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const { action = 'file_downloaded', actor = 'W0123456789', entity = 'F0123456789' } = about;
  const text = `{"id":"${id}", "date_create":${second},"action":"${action}","actor":{"type":"user","user":{"id":"${actor}","name":"J\\u00fcrgen \\"J]\\" Ö","email":"juergen@example.com","team":"T0123456789"}},"entity":{"type":"file","file":{"id":"${entity}","name":"a,b}].xlsx\\\\","filetype":"xlsx","title":"n ${n}"}},"context":{"location":{"type":"workspace","id":"T0123456789","name":"acme","domain":"acme"},"ua":"Mozilla/5.0","ip_address":"192.0.2.${n % 250}","session_id":${n}},"details":{"entries":[1,{"x":[]}],"n":1.0}}`;
  return { id, second, visibleAt: second * 1_000, action, actor, entity, text, ...about };
}

/** Serves it over HTTP, on a port of its own unless one is given. */
export async function serveSlackAudit(
  simulator: SlackAuditSimulator,
  port = 0,
): Promise<{ readonly apiUrl: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    try {
      const { status, headers, body } = simulator.answer(new URL(request.url ?? '/', 'http://127.0.0.1'), request.headers.authorization);
      response.writeHead(status, headers).end(body);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    apiUrl: `http://127.0.0.1:${bound}/audit/v1/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
