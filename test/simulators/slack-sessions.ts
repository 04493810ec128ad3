import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SlackAuditSimulator } from './slack-audit-api.ts';

export interface SlackSession {
  readonly id: number;
  readonly device: 'mobile' | 'web';
  readonly os: string;
  readonly ip: string;
}

/** Somebody in the simulated organization. */
export interface SlackPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly is?: 'bot' | 'primary_owner' | 'deleted';
  sessions: SlackSession[];
}

type Args = Readonly<Record<string, unknown>>;

/** What the next call meets instead of a healthy Slack. `act`: whether Slack does what it was asked all the same. */
export type SessionScript = { readonly on: SessionMethod; readonly act?: boolean } & (
  | { readonly kind: 'error'; readonly error: string; readonly more?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'limited'; readonly seconds: number }
  | { readonly kind: 'reset' | 'hang' }
);

/** Calls a minute: "Rate limits", tiers 2, 3 and 4. `auth.test` has a limit of its own, far above. */
const METHODS = {
  'auth.test': { scope: undefined, perMinute: 600, json: true },
  'users.info': { scope: 'users:read', perMinute: 100, json: false },
  'users.lookupByEmail': { scope: 'users:read.email', perMinute: 50, json: false },
  'admin.users.session.list': { scope: 'admin.users:read', perMinute: 20, json: true },
  'admin.users.session.reset': { scope: 'admin.users:write', perMinute: 20, json: true },
  'admin.users.session.resetBulk': { scope: 'admin.users:write', perMinute: 20, json: true },
  'admin.users.session.invalidate': { scope: 'admin.users:write', perMinute: 20, json: true },
} as const;
export type SessionMethod = keyof typeof METHODS;

export interface SlackSessionsOptions {
  readonly now?: () => number;
  readonly token?: string;
  readonly scopes?: readonly string[];
  /** Whose the token is; not an administrator where `false`. */
  readonly owner?: { readonly id: string; readonly name: string; readonly isAdmin?: boolean };
  readonly people: readonly SlackPerson[];
  /** Where entries appear, and how long after what they tell of. */
  readonly audit?: SlackAuditSimulator;
  readonly lateMs?: number;
}

class SlackError extends Error {
  readonly more: Readonly<Record<string, unknown>>;

  constructor(error: string, more: Readonly<Record<string, unknown>> = {}) {
    super(error);
    this.more = more;
  }
}

const TEAM = 'T0123456789';

/**
 * The part of Slack's Web API by which administrators end sessions: errors are HTTP 200 with `ok: false`, rate limits 429 with Retry-After;
 * `users.*` read forms alone; `list` takes a person with their team, or neither; `resetBulk` only takes the job, which is done later; the
 * audit log tells of it late. docs.slack.dev, pages of `admin.users.session.*`, `users.info`, `users.lookupByEmail`, "Rate limits".
 */
export class SlackSessionsSimulator {
  readonly token: string;
  readonly people: readonly SlackPerson[];
  /** Every call that came, in order, with Slack's word for its fault. */
  readonly calls: { readonly method: string; readonly args: Args; readonly error: string | undefined }[] = [];
  readonly #options: SlackSessionsOptions;
  readonly #now: () => number;
  readonly #owner: { readonly id: string; readonly name: string; readonly isAdmin?: boolean };
  readonly #used = new Map<string, number[]>();
  readonly #scripted: SessionScript[] = [];
  #numbered = 0;

  constructor(options: SlackSessionsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.token = options.token ?? 'xoxp-1111111111-made-up';
    this.people = options.people;
    this.#owner = options.owner ?? { id: 'W0ADMIN0001', name: 'joana' };
  }

  script(...steps: readonly SessionScript[]): void {
    this.#scripted.push(...steps);
  }

  /** Somebody else does the same in Slack's own pages. */
  resetByHand(id: string, by = this.#owner): void {
    this.#tell('user_session_reset_by_admin', by, this.#personEntity(id), { mobile_only: false, web_only: false, non_sso_only: false });
  }

  /** The same without a network. */
  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = await request.text();
    const answer = this.answer(
      new URL(request.url).pathname,
      body,
      request.headers.get('content-type') ?? '',
      request.headers.get('authorization'),
    );
    if (answer === 'hang') return await hanging(init?.signal ?? undefined);
    if (answer === 'reset') throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    return Response.json(answer.body, { status: answer.status, headers: answer.headers });
  };

  answer(path: string, body: string, type: string, authorization: string | null): Answer | 'reset' | 'hang' {
    const name = path.replace(/^\/api\//, '');
    const method = Object.keys(METHODS).find((each): each is SessionMethod => each === name);
    const args = argsOf(body, type, method === undefined || METHODS[method].json);
    const note = (error: string | undefined) => void this.calls.push({ method: name, args, error });
    if (method === undefined) {
      note('unknown_method');
      return ok200({ ok: false, error: 'unknown_method' });
    }
    const at = this.#scripted.findIndex(({ on }) => on === method);
    const step = at < 0 ? undefined : this.#scripted.splice(at, 1)[0];
    if (step?.act === true) this.#run(method, args, authorization);
    if (step !== undefined) {
      note(step.kind === 'error' ? step.error : step.kind);
      if (step.kind === 'error') return ok200({ ok: false, error: step.error, ...step.more });
      return step.kind === 'limited' ? limited(step.seconds) : step.kind;
    }
    const wait = this.#wait(method);
    if (wait > 0) {
      note('ratelimited');
      return limited(wait);
    }
    const answer = this.#run(method, args, authorization);
    note(typeof answer.error === 'string' ? answer.error : undefined);
    return ok200(answer);
  }

  get #scopes(): readonly string[] {
    return this.#options.scopes ?? Object.values(METHODS).flatMap((each) => each.scope ?? []);
  }

  #wait(method: SessionMethod): number {
    const now = this.#now();
    const used = (this.#used.get(method) ?? []).filter((at) => at > now - 60_000);
    const { perMinute } = METHODS[method];
    if (used.length >= perMinute) return Math.ceil(((used[0] ?? now) + 60_000 - now) / 1_000);
    this.#used.set(method, [...used, now]);
    return 0;
  }

  #run(method: SessionMethod, args: Args, authorization: string | null): Readonly<Record<string, unknown>> {
    try {
      if (authorization === null) throw new SlackError('not_authed');
      if (authorization !== `Bearer ${this.token}`) throw new SlackError('invalid_auth');
      const { scope } = METHODS[method];
      if (scope !== undefined && !this.#scopes.includes(scope))
        throw new SlackError('missing_scope', { needed: scope, provided: this.#scopes.join(',') });
      if (method.startsWith('admin.') && this.#owner.isAdmin === false) throw new SlackError('not_an_admin');
      return { ok: true, ...this.#act(method, args) };
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      return { ok: false, error: error.message, ...error.more };
    }
  }

  #act(method: SessionMethod, args: Args): Readonly<Record<string, unknown>> {
    switch (method) {
      case 'auth.test':
        return { url: 'https://acme.enterprise.slack.com/', user: this.#owner.name, user_id: this.#owner.id, team_id: 'E0EXAMPLE' };
      case 'users.info':
        return { user: userOf(this.#person(args.user), this.#scopes.includes('users:read.email')) };
      case 'users.lookupByEmail': {
        const found = this.people.find(({ email }) => email === args.email);
        if (found === undefined) throw new SlackError('users_not_found');
        return { user: userOf(found, true) };
      }
      case 'admin.users.session.list': {
        if ((args.user_id === undefined) !== (args.team_id === undefined)) throw new SlackError('invalid_arguments');
        const of = args.user_id === undefined ? this.people : [this.#person(args.user_id)];
        return { active_sessions: of.flatMap(listed), response_metadata: { next_cursor: '' } };
      }
      case 'admin.users.session.reset': {
        const person = this.#resettable(args.user_id);
        this.#end(person, args);
        this.#tell('user_session_reset_by_admin', this.#owner, this.#personEntity(person.id), flagsOf(args));
        return {};
      }
      case 'admin.users.session.resetBulk':
        return this.#bulk(args);
      case 'admin.users.session.invalidate': {
        const person = this.#person(args.user_id);
        if (person.is === 'primary_owner') throw new SlackError('cannot_invalidate_primary_owner');
        if (typeof args.session_id !== 'number') throw new SlackError('invalid_arguments');
        if (!person.sessions.some(({ id }) => id === args.session_id)) throw new SlackError('session_not_found');
        person.sessions = person.sessions.filter(({ id }) => id !== args.session_id);
        this.#tell('user_session_invalidated', this.#owner, this.#personEntity(person.id), {});
        return {};
      }
    }
  }

  /** It takes the job; whom it could not sign out, the log alone tells. */
  #bulk(args: Args): Readonly<Record<string, unknown>> {
    const ids: readonly unknown[] = Array.isArray(args.user_ids) ? args.user_ids : [];
    if (ids.length === 0 || ids.length > 1_000) throw new SlackError('invalid_arguments');
    const found = ids.map((id) => this.people.find((each) => each.id === id));
    const good = found.filter((each) => each !== undefined && each.is === undefined);
    for (const person of good) if (person !== undefined) this.#end(person, args);
    const names = (of: readonly (string | undefined)[]) => JSON.stringify(of.filter((each) => each !== undefined));
    const failed = ids.filter((id) => !good.some((each) => each?.id === id)).map(String);
    const enterprise = { type: 'enterprise', enterprise: { id: 'E0EXAMPLE', name: 'Acme', domain: 'acme' } };
    // Lists as a text with JSON in it: polymorphic, as the audit log has them.
    const details = { ...flagsOf(args), succeeded_users: names(good.map((each) => each?.id)), failed_users: names(failed) };
    if (good.length > 0) this.#tell('bulk_session_reset_by_admin', this.#owner, enterprise, details);
    return {};
  }

  #person(id: unknown): SlackPerson {
    const found = this.people.find((each) => each.id === id);
    if (found === undefined) throw new SlackError('user_not_found');
    return found;
  }

  #resettable(id: unknown): SlackPerson {
    const person = this.#person(id);
    if (person.is === 'bot') throw new SlackError('cannot_reset_bot');
    if (person.is === 'primary_owner') throw new SlackError('cannot_reset_primary_owner');
    return person;
  }

  #end(person: SlackPerson, args: Args): void {
    const { mobile_only: mobile, web_only: web } = flagsOf(args);
    person.sessions = person.sessions.filter(({ device }) => (mobile && device === 'web') || (web && device === 'mobile'));
  }

  #personEntity(id: string): object {
    const { name, email } = this.#person(id);
    return { type: 'user', user: { id, name, email, team: TEAM } };
  }

  /** Writes it down in the audit log. */
  #tell(action: string, by: { readonly id: string; readonly name: string }, entity: object, details: object): void {
    const now = this.#now();
    const second = Math.floor(now / 1_000);
    const id = `5e551045-0000-4000-8000-${String(++this.#numbered).padStart(12, '0')}`;
    const actor = { type: 'user', user: { id: by.id, name: by.name, email: `${by.name}@example.com`, team: TEAM } };
    const context = {
      location: { type: 'enterprise', id: 'E0EXAMPLE', name: 'Acme', domain: 'acme' },
      ua: 'earshot',
      ip_address: '192.0.2.10',
      session_id: 0,
    };
    const text = JSON.stringify({ id, date_create: second, action, actor, entity, context, details });
    const visibleAt = now + (this.#options.lateMs ?? 0);
    this.#options.audit?.add({ id, second, visibleAt, action, actor: by.id, entity: '', text });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const ok200 = (body: unknown): Answer => ({ status: 200, headers: {}, body });
const limited = (seconds: number): Answer => ({
  status: 429,
  headers: { 'retry-after': `${seconds}` },
  body: { ok: false, error: 'ratelimited' },
});

const flagsOf = (args: Args) => ({ mobile_only: args.mobile_only === true, web_only: args.web_only === true, non_sso_only: false });

/** The mail address is there with the scope for it alone (docs.slack.dev, "users.info"). */
const userOf = ({ id, name, email, is }: SlackPerson, hasMail: boolean) => ({
  id,
  team_id: TEAM,
  name: name.split(' ')[0]?.toLowerCase(),
  deleted: is === 'deleted',
  real_name: name,
  is_bot: is === 'bot',
  is_primary_owner: is === 'primary_owner',
  profile: { ...(hasMail && { email }), real_name: name },
});

const listed = ({ id, sessions }: SlackPerson) =>
  sessions.map((session) => {
    const seen = { device_hardware: session.device === 'mobile' ? 'Phone' : 'Computer', os: session.os, os_version: '1', ip: session.ip };
    return { user_id: id, team_id: TEAM, session_id: session.id, created: seen, recent: seen };
  });

function argsOf(body: string, type: string, json: boolean): Args {
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  // Methods that take no JSON see no arguments in it.
  return json ? (JSON.parse(body === '' ? '{}' : body) as Args) : {};
}

const hanging = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** Serves it over HTTP, on a port of its own unless one is given. */
export async function serveSlackSessions(
  simulator: SlackSessionsSimulator,
  port = 0,
): Promise<{ readonly apiUrl: string; stop(): Promise<void> }> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url = '/', headers } = request;
    const body = Buffer.concat(chunks).toString('utf8');
    const answer = simulator.answer(url, body, headers['content-type'] ?? '', headers.authorization ?? null);
    if (answer === 'hang') return;
    if (answer === 'reset') request.socket.destroy();
    else response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
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
