import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isObject, isValidBlock, isValidWith } from './slack-blocks.ts';
import { type Answers, type Clicked, clickPayload, postAsSlack, signedCommand } from './slack-clicks.ts';
import { createSlackFiles, type SlackFiles } from './slack-files.ts';
import { type ShownMessage, slackPage } from './slack-page.ts';
import { type Acknowledged, createSlackSockets, type SlackSockets } from './slack-sockets.ts';

/** A message as the simulated workspace keeps it. */
export interface SlackMessage {
  /** Slack's name of the message: seconds and a number, as text. */
  readonly ts: string;
  readonly channel: string;
  /** Of the message that this one replies to. */
  readonly threadTs: string | undefined;
  /** A reply that the channel shows, too. */
  readonly broadcast?: boolean;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> } | undefined;
  /** How often it was edited. */
  readonly edits: number;
  readonly botId: string;
}

type Args = Readonly<Record<string, unknown>>;

/**
 * What the next calls of a method meet instead of a healthy Slack; one entry each. `about`: of those that have this word. `act`: whether Slack does
 * what it was asked all the same.
 */
export type Script = { readonly on?: Method; readonly about?: string; readonly act?: boolean } & (
  | { readonly kind: 'error'; readonly error: string; readonly more?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'hang' | 'reset' }
  | { readonly kind: 'slow'; readonly ms: number }
);

const METHODS = [
  'apps.connections.open',
  'auth.test',
  'chat.postMessage',
  'chat.update',
  'conversations.history',
  'conversations.replies',
  'files.completeUploadExternal',
  'files.getUploadURLExternal',
  'views.publish',
] as const;
export type Method = (typeof METHODS)[number];

export interface SlackApiOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly now?: () => number;
  readonly token?: string;
  /** The app-level token, for sockets. */
  readonly appToken?: string;
  /** What the app knows Slack's requests by. */
  readonly signingSecret?: string;
  /** What the token may do. */
  readonly scopes?: readonly string[];
  /** Posts to a channel that may come at once before one a second is all there is. */
  readonly burst?: number;
  /** Who looks at the channel in a browser: their member ID, and where the app hears of what they click. Absent: they can only look. */
  /** How long a file is looked at before a message can show it; milliseconds. */
  readonly filesTakeMs?: number;
  readonly app?: { readonly url: string; readonly user: string };
  /** False: no rate limits, for tests of something else. */
  readonly limited?: boolean;
  /** Adds to what Slack itself would show: messages of others that are there already. */
  readonly messages?: readonly SlackMessage[];
}

export interface SlackApiSimulator {
  /** Where the API is, as the setting wants it; the channel can be read in a browser at `pageUrl`. */
  readonly apiUrl: string;
  readonly pageUrl: string;
  readonly token: string;
  readonly appToken: string;
  readonly sockets: SlackSockets;
  readonly files: Pick<SlackFiles, 'uploads' | 'breakUploads'>;
  readonly channel: string;
  readonly botId: string;
  /** In the order in which they were posted, replies among them. */
  readonly messages: readonly SlackMessage[];
  /** Every call that came, in order: its method, and Slack's word for its fault, if any. */
  readonly calls: readonly { readonly method: string; readonly error: string | undefined; readonly args: Args; readonly at: number }[];
  /** What the app has told those who clicked, in order. */
  readonly responses: readonly { readonly user: string; readonly args: Args }[];
  /** Somebody clicks on a message, and the app at `url` is told of it; `times`: as often, whatever it answers. */
  click(clicked: Clicked & { readonly url: string; readonly times?: number }): Promise<Answers>;
  /** Somebody types `/earshot` and this text, and the app at `url` is told of it; gives its answer. What it says later is in `responses`. */
  command(typed: { readonly url: string; readonly user: string; readonly text: string; readonly channel?: string }): Promise<CommandAnswer>;
  /** A new address at which the app may answer somebody; and how many answers are met by an outage next. */
  answerAddress(user: string): string;
  refuseAnswers(times: number): void;
  /** What each person's Home tab shows. */
  readonly homes: ReadonlyMap<string, { readonly id: string; readonly blocks: readonly unknown[]; readonly version: number }>;
  /** The same, told over a socket. */
  clickOverSocket(clicked: Clicked & { readonly times?: number }): Promise<readonly Acknowledged[]>;
  script(...steps: readonly Script[]): void;
  /** From now on each call of these methods, or each at all, is met so; `undefined` heals. */
  outage(step: Script | undefined): void;
  archive(archived: boolean): void;
  remove(ts: string): void;
  /** Resolves once this is true; it is looked at after each call. */
  until(done: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** `ms`: how long it took; Slack waits three seconds. */
interface CommandAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly ms: number;
}

const CHANNEL = 'C0123456789';
const BOT = 'B0123456789';
/** "Handling user interaction": an address for answers takes five. */
const ANSWERS = 5;
const ALL_SCOPES = ['chat:write', 'channels:history', 'files:write'];
/** Calls that are remembered: a demo runs for days. */
const CALLS = 2_000;
/** Bytes of a request. */
const MOST = 1_048_576;
const NEEDS: Readonly<Record<Method, string | undefined>> = {
  'apps.connections.open': undefined,
  'auth.test': undefined,
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.history': 'channels:history',
  'conversations.replies': 'channels:history',
  'files.completeUploadExternal': 'files:write',
  'files.getUploadURLExternal': 'files:write',
  'views.publish': undefined,
};

/** An address at which the app may answer who clicked, a few times. */
interface Responder {
  readonly user: string;
  left: number;
  /** What was clicked on. */
  readonly ts?: string;
  /** The message under which the answer is shown. */
  readonly under?: string | undefined;
}

/** What one person alone can see. */
interface Whisper {
  readonly ts: string;
  readonly under: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

/** Before the name of a private message, on the page. */
const WHISPER = 'whisper-';
const WHISPERS = 200;

class SlackError extends Error {
  readonly more: Readonly<Record<string, unknown>>;

  constructor(error: string, more: Readonly<Record<string, unknown>> = {}) {
    super(error);
    this.more = more;
  }
}

function fail(error: string): never {
  throw new SlackError(error);
}

/** A store of allowance that fills evenly. */
class Bucket {
  readonly #most: number;
  readonly #perMs: number;
  readonly #now: () => number;
  #allowance: number;
  #at: number;

  constructor(most: number, perMs: number, now: () => number) {
    this.#most = most;
    this.#perMs = perMs;
    this.#now = now;
    this.#allowance = most;
    this.#at = now();
  }

  /** 0 when it may go; else the whole seconds to wait. */
  take(): number {
    const now = this.#now();
    this.#allowance = Math.min(this.#most, this.#allowance + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#allowance < 1) return Math.ceil((1 - this.#allowance) / this.#perMs / 1_000);
    this.#allowance--;
    return 0;
  }
}

/**
 * Behaves as the part of Slack's Web API that posts and reads messages, on a real port: errors are HTTP 200 with `ok: false`, rate limits
 * are 429 with Retry-After (one post a second and channel; tier 3, some 50 calls a minute, for the rest), arguments come as JSON or as a
 * form. docs.slack.dev, "Using the Slack Web API", "Rate limits", and the pages of the methods.
 */
export async function startSlackApi(options: SlackApiOptions = {}): Promise<SlackApiSimulator> {
  const now = options.now ?? Date.now;
  const token = options.token ?? 'xoxb-0000000000-made-up';
  const appToken = options.appToken ?? 'xapp-1-A0123456789-0000000000-made-up';
  const scopes = options.scopes ?? ALL_SCOPES;
  const messages: SlackMessage[] = [...(options.messages ?? [])];
  const calls: { method: string; error: string | undefined; args: Args; at: number }[] = [];
  const scripted: Script[] = [];
  const waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  const buckets = new Map<string, Bucket>();
  const signingSecret = options.signingSecret ?? 'made-up-signing-secret';
  const responses: { user: string; args: Args }[] = [];
  const homes = new Map<string, { readonly id: string; readonly blocks: readonly unknown[]; readonly version: number }>();
  const responders = new Map<string, Responder>();
  const whispers: Whisper[] = [];
  let outage: Script | undefined;
  let archived = false;
  let lastTs = 0;
  let refused = 0;

  const sockets = createSlackSockets(
    () => `ws://127.0.0.1:${port}/`,
    () => changed(),
  );

  const files = createSlackFiles(() => `http://127.0.0.1:${port}/`, options.filesTakeMs ?? 0, now);

  const changed = () => {
    for (const each of waiting.splice(0)) {
      if (each.done()) each.resolve();
      else waiting.push(each);
    }
  };

  const limit = (method: Method, args: Args): number => {
    if (options.limited === false) return 0;
    const posts = method === 'chat.postMessage';
    const key = posts ? `${method} ${args.channel}` : method;
    const bucket = buckets.get(key) ?? (posts ? new Bucket(options.burst ?? 4, 1 / 1_000, now) : new Bucket(50, 50 / 60_000, now));
    buckets.set(key, bucket);
    return bucket.take();
  };

  const newTs = (): string => {
    lastTs = Math.max(lastTs + 1, now() * 1_000);
    return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`;
  };

  /** "chat.postMessage", "Post to a DM": a member ID stands for the conversation with them, which has an ID of its own; nothing else takes it. */
  const inChannel = (args: Args, takesPeople = false): string => {
    const channel = String(args.channel);
    if (takesPeople && /^[UW][A-Z0-9]+$/.test(channel)) return `D${channel.slice(1)}`;
    if (channel !== CHANNEL && !/^D[A-Z0-9]+$/.test(channel)) throw new SlackError('channel_not_found');
    return channel;
  };

  const shown = (message: SlackMessage, metadata: boolean) => ({
    type: 'message',
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    bot_id: message.botId,
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    ...(message.edits > 0 && { edited: { user: 'U0BOT', ts: message.ts } }),
    ...(metadata && message.metadata !== undefined && { metadata: message.metadata }),
  });

  const page = (all: readonly SlackMessage[], args: Args, newestFirst: boolean) => {
    const [oldest, latest] = [Number(args.oldest ?? 0), Number(args.latest ?? Number.POSITIVE_INFINITY)];
    const inclusive = isTrue(args.inclusive);
    const within = all.filter(({ ts }) => {
      const at = Number(ts);
      return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
    });
    const ordered = newestFirst ? within.toReversed() : within;
    const from = args.cursor === undefined || args.cursor === '' ? 0 : Number(Buffer.from(String(args.cursor), 'base64').toString());
    if (!Number.isSafeInteger(from)) throw new SlackError('invalid_cursor');
    const most = Math.max(1, Math.min(Number(args.limit ?? 100), 999));
    const end = from + most;
    const more = end < ordered.length;
    return {
      messages: ordered.slice(from, end).map((message) => shown(message, isTrue(args.include_all_metadata))),
      has_more: more,
      response_metadata: { next_cursor: more ? Buffer.from(`${end}`).toString('base64') : '' },
    };
  };

  const act = (method: Method, args: Args): Record<string, unknown> => {
    switch (method) {
      case 'apps.connections.open':
        return { url: sockets.ticket() };
      case 'auth.test':
        return { url: 'https://acme.slack.com/', team: 'Acme', user: 'earshot', team_id: 'T0123456789', user_id: 'U0BOT', bot_id: BOT };
      case 'chat.postMessage': {
        const channel = inChannel(args, true);
        if (archived) throw new SlackError('is_archived');
        const content = contentOf(args, 40_000, isValidWith(files.isShown));
        const threadTs = typeof args.thread_ts === 'string' ? args.thread_ts : undefined;
        if (threadTs !== undefined && !messages.some(({ ts }) => ts === threadTs)) throw new SlackError('thread_not_found');
        // "chat.postMessage": shown in the channel, too.
        const broadcast = threadTs !== undefined && isTrue(args.reply_broadcast);
        const own = { ...(broadcast && { broadcast }), metadata: metadataOf(args), edits: 0, botId: BOT };
        const message = { ts: newTs(), channel, threadTs, ...content, ...own };
        messages.push(message);
        return { channel, ts: message.ts, message: shown(message, true) };
      }
      case 'chat.update': {
        const channel = inChannel(args);
        const at = messages.findIndex(({ ts }) => ts === args.ts);
        const message = messages[at];
        if (message === undefined) throw new SlackError('message_not_found');
        if (message.botId !== BOT) throw new SlackError('cant_update_message');
        const content = contentOf(args, 4_000);
        messages[at] = { ...message, ...content, metadata: metadataOf(args) ?? message.metadata, edits: message.edits + 1 };
        return { channel, ts: message.ts, text: content.text };
      }
      case 'files.getUploadURLExternal':
        return files.begin(args) ?? fail('invalid_arguments');
      case 'files.completeUploadExternal':
        return files.complete(args) ?? fail('file_not_found');
      case 'views.publish': {
        const { user_id: user, view } = args;
        if (typeof user !== 'string' || !isObject(view) || view.type !== 'home') throw new SlackError('invalid_arguments');
        // "Home tab views": at most 100 blocks.
        if (!Array.isArray(view.blocks) || view.blocks.length > 100 || !view.blocks.every(isValidBlock))
          throw new SlackError('invalid_blocks');
        const { id = `V${user.slice(1)}`, version = 0 } = homes.get(user) ?? {};
        homes.set(user, { id, blocks: view.blocks, version: version + 1 });
        return { view: { id, type: 'home', blocks: view.blocks, hash: `${version + 1}` } };
      }
      case 'conversations.history': {
        const here = inChannel(args);
        return page(
          messages.filter(({ channel, threadTs }) => threadTs === undefined && channel === here),
          args,
          true,
        );
      }
      case 'conversations.replies': {
        inChannel(args);
        const thread = messages.filter(({ ts, threadTs }) => ts === args.ts || threadTs === args.ts);
        if (thread.length === 0) throw new SlackError('thread_not_found');
        return page(thread, args, false);
      }
    }
  };

  const answerOf = (method: Method, args: Args, authorization: string | undefined): Record<string, unknown> => {
    if (authorization === undefined) throw new SlackError('not_authed');
    const wanted = method === 'apps.connections.open' ? appToken : token;
    const other = wanted === token ? appToken : token;
    if (authorization === `Bearer ${other}`) throw new SlackError('not_allowed_token_type');
    if (authorization !== `Bearer ${wanted}`) throw new SlackError('invalid_auth');
    const needed = NEEDS[method];
    if (needed !== undefined && !scopes.includes(needed)) throw new SlackError('missing_scope', { needed, provided: scopes.join(',') });
    return { ok: true, ...act(method, args) };
  };

  /** What the app tells one person, under the message that they clicked on; or instead of what it told them before. */
  const whisper = ({ under = '', ts: clicked }: Responder, args: Args): void => {
    const at = whispers.findIndex(({ ts }) => ts === clicked);
    const { text, blocks } = contentOf(args, 40_000);
    const said = { ts: newTs(), under, text, blocks };
    if (at >= 0 && isTrue(args.replace_original)) whispers[at] = said;
    else whispers.push(said);
    if (whispers.length > WHISPERS) whispers.shift();
  };

  const payloadOf = (clicked: Clicked, under?: string): object => {
    const path = `/actions/T0123456789/${responders.size + 1}/made-up`;
    responders.set(path, { user: clicked.user, left: ANSWERS, ts: clicked.message.ts, under });
    return clickPayload(clicked, `http://127.0.0.1:${port}${path}`, now() + responders.size / 1_000);
  };

  const answerAddress = (user: string): string => {
    const path = `/commands/T0123456789/${responders.size + 1}/made-up`;
    responders.set(path, { user, left: ANSWERS });
    return `http://127.0.0.1:${port}${path}`;
  };

  const click = async ({ url, times = 1, ...clicked }: Clicked & { url: string; times?: number }, under?: string): Promise<Answers> => {
    const payload = payloadOf(clicked, under);
    const answers: Answers[number][] = [];
    for (let time = 0; time < times; time++) answers.push(...(await postAsSlack(url, payload, signingSecret)));
    return answers;
  };

  /** Somebody looks at the channel in a browser, and clicks. */
  const clickOnPage = async (form: URLSearchParams, { url, user }: { readonly url: string; readonly user: string }): Promise<void> => {
    const [named, block, action, choice] = ['ts', 'block', 'action', 'choice'].map((name) => form.get(name) ?? undefined);
    const own = whispers.find(({ ts }) => `${WHISPER}${ts}` === named);
    const message = messages.find(({ ts }) => ts === (own?.under ?? named));
    if (message === undefined || action === undefined) return;
    const of = own === undefined ? { message } : { message: { ...message, ts: own.ts, blocks: own.blocks }, isPrivate: true };
    await click(
      { ...of, user, action, url, ...(block !== undefined && { alert: block }), ...(choice !== undefined && { choice }) },
      message.ts,
    );
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'GET' && path === '/') {
      const shown = slackPage(shownOf(messages, whispers), options.app !== undefined);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(shown);
      return;
    }
    if (request.method === 'POST' && path === '/click' && options.app !== undefined) {
      const { 'sec-fetch-site': site = 'none' } = request.headers;
      const here = site === 'same-origin' || site === 'none';
      if (here) await clickOnPage(new URLSearchParams(await bodyOf(request)), options.app);
      response.writeHead(here ? 303 : 403, here ? { location: '/' } : {}).end();
      return;
    }
    if (files.serve(request, response, path)) return;
    const args = argsOf(await bodyOf(request), request.headers['content-type'] ?? '');
    const responder = responders.get(path);
    if (responder !== undefined && refused > 0) {
      refused -= 1;
      response.writeHead(503).end('<html>');
      return changed();
    }
    if (responder !== undefined) {
      responder.left -= 1;
      if (responder.left >= 0) {
        responses.push({ user: responder.user, args });
        if (responder.under !== undefined) whisper(responder, args);
      }
      response.writeHead(responder.left >= 0 ? 200 : 404).end(responder.left >= 0 ? 'ok' : 'used_url');
      return changed();
    }
    const name = path.replace(/^\/api\//, '');
    const note = (error: string | undefined) => {
      if (calls.length === CALLS) calls.shift();
      calls.push({ method: name, error, args, at: now() });
    };
    const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const type = typeof body === 'string' ? 'text/plain' : 'application/json; charset=utf-8';
      response.writeHead(status, { 'content-type': type, ...headers }).end(text);
      changed();
    };
    const method = METHODS.find((each) => each === name);
    if (method === undefined) {
      note('unknown_method');
      return send(200, { ok: false, error: 'unknown_method', req_method: name });
    }
    const at = scripted.findIndex(({ on = method, about = '' }) => on === method && (about === '' || JSON.stringify(args).includes(about)));
    const step = at < 0 ? undefined : scripted.splice(at, 1)[0];
    const met = step ?? (outage?.on === undefined || outage.on === method ? outage : undefined);
    const run = (): Record<string, unknown> => {
      try {
        return answerOf(method, args, request.headers.authorization);
      } catch (error) {
        if (!(error instanceof SlackError)) throw error;
        return { ok: false, error: error.message, ...error.more };
      }
    };
    if (met?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, met.ms));
    else if (met !== undefined) {
      if (met.act === true) run();
      note(met.kind === 'error' ? met.error : met.kind);
      if (met.kind === 'error') return send(200, { ok: false, error: met.error, ...met.more });
      if (met.kind === 'answer') return send(met.status, met.body, met.headers);
      if (met.kind === 'reset') request.socket.destroy();
      return changed();
    }
    const wait = limit(method, args);
    if (wait > 0) {
      note('ratelimited');
      return send(429, { ok: false, error: 'ratelimited' }, { 'retry-after': `${wait}` });
    }
    const answer = run();
    note(typeof answer.error === 'string' ? answer.error : undefined);
    send(200, answer);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.on('upgrade', (request, stream) => sockets.upgrade(request, stream));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    pageUrl: `http://127.0.0.1:${port}/`,
    token,
    appToken,
    sockets,
    files,
    channel: CHANNEL,
    botId: BOT,
    messages,
    calls,
    responses,
    homes,
    click: (clicked) => click(clicked),
    answerAddress,
    refuseAnswers: (times) => {
      refused = times;
    },
    command: async ({ url, user, text, channel = 'C0000000007' }) => {
      const more = { channel_id: channel, response_url: answerAddress(user) };
      const { body, headers } = signedCommand(user, text, signingSecret, now(), more);
      const began = performance.now();
      const answer = await fetch(url, { method: 'POST', headers, body });
      return { status: answer.status, json: await answer.json(), ms: performance.now() - began };
    },
    clickOverSocket: ({ times, ...clicked }) => sockets.tell('interactive', payloadOf(clicked), times),
    script: (...steps) => void scripted.push(...steps),
    outage: (step) => {
      outage = step;
    },
    archive: (to) => {
      archived = to;
    },
    remove: (ts) => {
      const at = messages.findIndex((message) => message.ts === ts);
      if (at >= 0) messages.splice(at, 1);
    },
    until: (done) =>
      new Promise((resolve) => {
        waiting.push({ done, resolve });
        changed();
      }),
    stop: () =>
      new Promise((resolve) => {
        sockets.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function shownOf(messages: readonly SlackMessage[], whispers: readonly Whisper[]): ShownMessage[] {
  const shown = ({ ts, text, blocks, edits }: SlackMessage) => ({ ts, at: Number(ts) * 1_000, text, blocks, edited: edits > 0 });
  const under = (root: string) =>
    whispers
      .filter((each) => each.under === root)
      .map(({ ts, text, blocks }) => ({ ts: `${WHISPER}${ts}`, at: Number(ts) * 1_000, text, blocks }));
  return messages
    .filter(({ threadTs }) => threadTs === undefined)
    .slice(-200)
    .map((root) => ({
      ...shown(root),
      replies: messages.filter(({ threadTs }) => threadTs === root.ts).map(shown),
      whispers: under(root.ts),
    }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MOST) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** In a form, what is not a text is JSON. */
function argsOf(body: string, type: string): Args {
  if (!type.startsWith('application/json')) {
    return Object.fromEntries([...new URLSearchParams(body)].map(([name, value]) => [name, /^[[{]/.test(value) ? parsed(value) : value]));
  }
  const args = parsed(body);
  return isObject(args) ? args : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

/** Text and blocks, checked as Slack does. A post's text that is too long is cut; an edit's is refused. */
function contentOf(
  args: Args,
  mostText: number,
  isValid: (block: unknown) => boolean = isValidBlock,
): { readonly text: string; readonly blocks: readonly unknown[] } {
  const text = typeof args.text === 'string' ? args.text : '';
  const blocks = args.blocks ?? [];
  if (!Array.isArray(blocks) || blocks.length > 50 || !blocks.every(isValid)) throw new SlackError('invalid_blocks');
  if (text === '' && blocks.length === 0) throw new SlackError('no_text');
  if (text.length > mostText && mostText === 4_000) throw new SlackError('msg_too_long');
  return { text: text.slice(0, mostText), blocks };
}

function metadataOf({ metadata }: Args): SlackMessage['metadata'] {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata) || typeof metadata.event_type !== 'string' || !isObject(metadata.event_payload)) {
    throw new SlackError('invalid_metadata_format');
  }
  if (JSON.stringify(metadata).length > 8_000) throw new SlackError('metadata_too_large');
  return { event_type: metadata.event_type, event_payload: metadata.event_payload };
}
