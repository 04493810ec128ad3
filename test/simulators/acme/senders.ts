import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { RelpClient } from '../../support/relp-client.ts';
import type { Door, Line } from './line.ts';

/** How a system reaches its door. */
export type Way =
  | {
      readonly kind: 'tls';
      readonly port: number;
      /** PEM file of the authority that the hub's certificate must come from. */
      readonly caFile: string;
      /** PEM files of the certificate by which the hub knows the sender. */
      readonly certificateFile: string;
      readonly keyFile: string;
    }
  | { readonly kind: 'relp'; readonly port: number }
  | { readonly kind: 'http'; readonly url: string; readonly token: string };

/** Hands lines over until they are taken: a hub that is away is waited for. */
export interface Sender {
  /** Resolves when the hub has the lines, as far as the protocol says so. Rejects when `stop` is aborted, or the hub refuses them for good. */
  send(lines: readonly Line[], stop: AbortSignal): Promise<void>;
  close(): void;
}

const AGAIN_MS = 1_000;
/** As librelp: so many messages without an answer. */
const RELP_WINDOW = 256;
const LINES_A_BODY = 2_000;

export type Senders = Readonly<Record<Door, Sender>>;

export const senderOf = (way: Way): Sender =>
  way.kind === 'relp' ? relpSender(way.port) : way.kind === 'http' ? httpSender(way.url, way.token) : streamSender(() => tlsSocket(way));

/** The hub will never take it: to send it again would change nothing. */
class Refused extends Error {}

/** A connection that is made when it is needed, and anew when it broke; what was under way is then sent again. */
function persistent<C>(
  open: () => Promise<C>,
  use: (connection: C, lines: readonly Line[]) => Promise<void>,
  close: (c: C) => void,
): Sender {
  let connection: C | undefined;
  let complained = '';
  const drop = () => {
    if (connection !== undefined) close(connection);
    connection = undefined;
  };
  return {
    send: async (lines, stop) => {
      for (;;) {
        stop.throwIfAborted();
        try {
          connection ??= await open();
          return await use(connection, lines);
        } catch (error) {
          drop();
          stop.throwIfAborted();
          if (error instanceof Refused) throw error;
          const why = error instanceof Error ? error.message : String(error);
          if (why !== complained) console.error(`not taken, and sent again: ${why}`);
          complained = why;
          await sleep(AGAIN_MS, undefined, { signal: stop });
        }
      }
    },
    close: drop,
  };
}

function relpSender(port: number): Sender {
  return persistent(
    () => RelpClient.open(port),
    async (client, lines) => {
      for (let i = 0; i < lines.length; i += RELP_WINDOW) {
        await Promise.all(lines.slice(i, i + RELP_WINDOW).map(({ text }) => client.send(text)));
      }
    },
    (client) => client.destroy(),
  );
}

/** RFC 5425 and 6587: each message behind its length. What the socket has taken counts as sent: the protocol knows no more. */
function streamSender(open: () => Promise<Socket>): Sender {
  return persistent(
    open,
    (socket, lines) =>
      new Promise((resolve, reject) => {
        const frames = lines.map(({ text }) => `${Buffer.byteLength(text)} ${text}`).join('');
        socket.once('close', reject);
        socket.write(frames, (error) => {
          socket.off('close', reject);
          if (error) reject(error);
          else resolve();
        });
      }),
    (socket) => socket.destroy(),
  );
}

async function tlsSocket({ port, caFile, certificateFile, keyFile }: Extract<Way, { kind: 'tls' }>): Promise<Socket> {
  const [ca, cert, key] = [caFile, certificateFile, keyFile].map((file) => readFileSync(file));
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca, cert, key });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
  return socket;
}

/** A body counts once, however often it is sent: the key is made of what is in it. */
function httpSender(url: string, token: string): Sender {
  const post = async (body: string): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-ndjson',
        'idempotency-key': createHash('sha256').update(body).digest('hex'),
      },
    });
    const answer = await response.text();
    if (response.status === 429 || response.status >= 500) throw new Error('the hub is busy');
    if (!response.ok) throw new Refused(`the hub refused a body: ${response.status} ${answer.slice(0, 300)}`);
  };
  return persistent(
    async () => post,
    async (send, lines) => {
      for (let i = 0; i < lines.length; i += LINES_A_BODY) {
        const part = lines.slice(i, i + LINES_A_BODY);
        await send(part.map(({ text }) => `${text}\n`).join(''));
      }
    },
    () => undefined,
  );
}
