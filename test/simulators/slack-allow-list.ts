import { createServer } from 'node:http';

/** What the next call meets instead of a healthy Slack. */
export type AllowListScript = 'silent_no' | 'limited' | 'reset_after_write' | { readonly error: string };

export interface AllowList {
  cidrs: string[];
  asns: number[];
}

/**
 * Slack's allow list of anomalies (`admin.audit.anomaly.allow.getItem`, `updateItem`; docs.slack.dev, their pages and "Anomalous events"):
 * an update takes the place of the whole list; the pages call the numbers `trusted_asns` in their tables and `trusted_asn` in their samples, so
 * which of them counts is told, and whether an answer has the other too, empty; addresses are kept with the bits of their host; an update that
 * did not succeed and is no error is `{"ok":false}`; errors are HTTP 200.
 */
export class SlackAllowListSimulator {
  readonly token = 'xoxp-2222222222-made-up';
  readonly list: AllowList;
  /** Methods that were called, with their arguments. */
  readonly calls: { readonly method: string; readonly args: Readonly<Record<string, unknown>> }[] = [];
  readonly #asnName: 'trusted_asn' | 'trusted_asns';
  readonly #other: Readonly<Record<string, readonly number[]>>;
  readonly #hasScope: boolean;
  readonly #scripted: AllowListScript[] = [];

  constructor(
    list: AllowList,
    {
      asnName = 'trusted_asn',
      hasBoth = false,
      hasScope = true,
    }: { asnName?: 'trusted_asn' | 'trusted_asns'; hasBoth?: boolean; hasScope?: boolean } = {},
  ) {
    this.list = list;
    this.#asnName = asnName;
    this.#other = hasBoth ? { [asnName === 'trusted_asn' ? 'trusted_asns' : 'trusted_asn']: [] } : {};
    this.#hasScope = hasScope;
  }

  /** Of the next calls, one each. */
  script(...steps: readonly AllowListScript[]): void {
    this.#scripted.push(...steps);
  }

  /** The same without a network. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const answer = this.answer(new URL(request.url).pathname, await request.text(), request.headers.get('authorization'));
    if (answer === 'reset') throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    return Response.json(answer.body, { status: answer.status, headers: answer.headers ?? {} });
  };

  answer(path: string, body: string, authorization: string | null): Answer | 'reset' {
    const method = path.replace(/^\/api\//, '');
    const args: Readonly<Record<string, unknown>> = JSON.parse(body || '{}');
    this.calls.push({ method, args });
    const step = this.#scripted.shift();
    if (step === 'limited') return { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } };
    if (step === 'silent_no') return { status: 200, body: { ok: false } };
    if (typeof step === 'object') return { status: 200, body: { ok: false, error: step.error } };
    if (authorization !== `Bearer ${this.token}`) return { status: 200, body: { ok: false, error: 'invalid_auth' } };
    if (!this.#hasScope) return { status: 200, body: { ok: false, error: 'missing_scope', needed: 'admin' } };
    if (method === 'admin.audit.anomaly.allow.getItem')
      return { status: 200, body: { ok: true, trusted_cidr: this.list.cidrs, [this.#asnName]: this.list.asns, ...this.#other } };
    if (method !== 'admin.audit.anomaly.allow.updateItem') return { status: 200, body: { ok: false, error: 'unknown_method' } };
    const { trusted_cidr: cidrs = [], [this.#asnName]: asns = [] } = args;
    if (!isList(cidrs, (each) => typeof each === 'string' && /^[\d.]+\/\d+$/.test(each)) || !isList(asns, Number.isInteger))
      return { status: 200, body: { ok: false, error: 'invalid_field_or_data' } };
    Object.assign(this.list, { cidrs, asns });
    return step === 'reset_after_write' ? 'reset' : { status: 200, body: { ok: true } };
  }
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

const isList = (value: unknown, fits: (each: unknown) => boolean): boolean => Array.isArray(value) && value.every(fits);

/** Serves it over HTTP, on a port of its own. */
export async function serveSlackAllowList(simulator: SlackAllowListSimulator): Promise<{ readonly apiUrl: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = simulator.answer(request.url ?? '/', Buffer.concat(chunks).toString('utf8'), request.headers.authorization ?? null);
      if (answer === 'reset') request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    apiUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
