import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isObject, isValidBlock } from './slack-blocks.ts';
import { slackPage } from './slack-page.ts';

/** A message that the simulated channel shows. */
export interface PostedMessage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the next requests meet instead of a healthy Slack; one entry each. `post`: whether the message appears all the same. */
export type Script =
  | { readonly kind: 'answer'; readonly status: number; readonly word: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'hang'; readonly post: boolean }
  | { readonly kind: 'reset'; readonly post: boolean };

export interface SlackSimulatorOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly now?: () => number;
  /** Messages that may come at once before one a second is all there is. */
  readonly burst?: number;
  /** False: no rate limit, for tests of something else. */
  readonly limited?: boolean;
}

export interface SlackSimulator {
  readonly url: string;
  readonly messages: readonly PostedMessage[];
  /** Every request's status in order; 0 where there was no answer. */
  readonly statuses: readonly number[];
  /** What the next requests meet, in this order. */
  script(...steps: readonly Script[]): void;
  /** Everything is answered so, until `healthy`. */
  outage(status: number, word: string): void;
  healthy(): void;
  /** Resolves with the messages once there are that many. */
  posted(count: number): Promise<readonly PostedMessage[]>;
  /** Resolves once that many requests came, whatever became of them. */
  asked(count: number): Promise<void>;
  stop(): Promise<void>;
}

const SECRET_PATH = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';
/** Bytes of a request. */
const MOST = 1_048_576;

/**
 * Behaves as Slack's incoming webhooks do, on a real port: one message a second with a short burst, then 429 with Retry-After; answers
 * in words; the checks of a payload that hurt in practice. docs.slack.dev, "Sending messages using incoming webhooks", "Rate limits".
 */
export async function startSlackSimulator(options: SlackSimulatorOptions = {}): Promise<SlackSimulator> {
  const now = options.now ?? Date.now;
  const burst = options.burst ?? 4;
  const messages: PostedMessage[] = [];
  const statuses: number[] = [];
  const scripted: Script[] = [];
  const waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  let outage: { status: number; word: string } | undefined;
  let allowance = burst;
  let allowanceAt = now();

  const changed = () => {
    for (const each of waiting.splice(0)) {
      if (each.done()) each.resolve();
      else waiting.push(each);
    }
  };
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      waiting.push({ done, resolve });
      changed();
    });

  const mayPost = (): boolean => {
    if (options.limited === false) return true;
    allowance = Math.min(burst, allowance + (now() - allowanceAt) / 1_000);
    allowanceAt = now();
    if (allowance < 1) return false;
    allowance--;
    return true;
  };
  const post = (body: Record<string, unknown>) => {
    const { text, blocks } = body;
    messages.push({ at: now(), text: typeof text === 'string' ? text : '', blocks: Array.isArray(blocks) ? blocks : [], body });
  };
  const answer = (response: ServerResponse, status: number, word: string, headers: Readonly<Record<string, string>> = {}) => {
    statuses.push(status);
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(word);
    changed();
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET' && request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(
        slackPage(
          messages.map((message, i) => ({ ...message, ts: `${i}` })),
          false,
        ),
      );
      return;
    }
    const bytes = await bodyOf(request);
    if (request.url !== SECRET_PATH) return answer(response, 404, 'no_service');
    if (request.method !== 'POST') return answer(response, 400, 'invalid_payload');
    const checked = checkPayload(bytes);
    const step = scripted.shift();
    if (step !== undefined && step.kind !== 'answer') {
      if (step.post && typeof checked !== 'string') post(checked);
      statuses.push(0);
      if (step.kind === 'reset') request.socket.destroy();
      return changed();
    }
    if (step !== undefined) return answer(response, step.status, step.word, step.headers);
    if (outage !== undefined) return answer(response, outage.status, outage.word);
    if (!mayPost()) return answer(response, 429, 'rate_limited', { 'retry-after': '1' });
    if (typeof checked === 'string') return answer(response, 400, checked);
    post(checked);
    answer(response, 200, 'ok');
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${SECRET_PATH}`,
    messages,
    statuses,
    script: (...steps) => void scripted.push(...steps),
    outage: (status, word) => {
      outage = { status, word };
    },
    healthy: () => {
      outage = undefined;
    },
    posted: async (count) => {
      await until(() => messages.length >= count);
      return messages;
    },
    asked: (count) => until(() => statuses.length >= count),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MOST) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The payload, or Slack's word for what is wrong with it. */
function checkPayload(bytes: Buffer): Record<string, unknown> | string {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    return 'invalid_payload';
  }
  if (!isObject(body)) return 'invalid_payload';
  const blocks = body.blocks ?? [];
  const text = body.text ?? '';
  if (typeof text !== 'string' || !Array.isArray(blocks)) return 'invalid_payload';
  if (text === '' && blocks.length === 0) return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks.length > 50 || !blocks.every(isValidBlock)) return 'invalid_blocks';
  return body;
}
