import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isObject } from './slack-blocks.ts';
import { acceptWebSocket, type ServerSocket } from './websocket-server.ts';

/** How an attempt to tell of something was answered; `payload`: what came with the acknowledgement. */
export interface Acknowledged {
  readonly acknowledged: boolean;
  readonly ms: number;
  readonly payload?: unknown;
}

/** Slack's end of Socket Mode. */
export interface SlackSockets {
  /** Connections that are open. */
  readonly open: number;
  /** The most that were open at once. */
  readonly most: number;
  /** How many were opened by now. */
  readonly opened: number;
  /**
   * Tells the app of something over one of its connections, another each time, and again over the next one where it is not acknowledged in
   * time. `times`: as often, whatever is answered.
   */
  tell(type: 'interactive' | 'slash_commands' | 'events_api', payload: unknown, times?: number): Promise<readonly Acknowledged[]>;
  /** Tells all of them that they will be closed, and closes them `afterMs` later. */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled', afterMs: number): void;
  /** The network fails. */
  drop(): void;
  /** From now on nothing comes from us on those that are open, and they stay open: a connection that is broken half-way. */
  silence(): void;
}

export interface SocketServer extends SlackSockets {
  /** An address for one connection. */
  ticket(): string;
  upgrade(request: IncomingMessage, stream: Duplex): void;
  stop(): void;
}

/** "Using Socket Mode": as long as over HTTP; attempts at once, after a minute and after five, here one after the other. */
const PATIENCE_MS = 3_000;
const ATTEMPTS = 3;
/** "up to 10": what comes beyond is told so (slackapi/node-slack-sdk, issue 1654). */
const MOST = 10;
const PING_MS = 200;

interface Connection {
  readonly socket: ServerSocket;
  silent: boolean;
}

/** `changed`: called after each thing that a test may wait for. */
export function createSlackSockets(address: () => string, changed: () => void): SocketServer {
  const connections = new Set<Connection>();
  const tickets = new Set<string>();
  const waiting = new Map<string, (payload: unknown) => void>();
  let [most, opened, turn] = [0, 0, 0];

  const pinging = setInterval(() => {
    for (const { socket, silent } of connections) if (!silent) socket.ping();
  }, PING_MS).unref();

  const acknowledge = (text: string) => {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value.envelope_id !== 'string') return;
    waiting.get(value.envelope_id)?.(value.payload);
    changed();
  };

  const attempt = async (type: string, payload: unknown, retry: number): Promise<Acknowledged> => {
    const able = [...connections];
    const connection = able[turn++ % Math.max(1, able.length)];
    const began = performance.now();
    if (connection === undefined) return { acknowledged: false, ms: 0 };
    const id = randomUUID();
    const answer = new Promise<Acknowledged>((resolve) => {
      const over = (acknowledged: boolean, given?: unknown) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve({ acknowledged, ms: performance.now() - began, ...(given !== undefined && { payload: given }) });
      };
      const timer = setTimeout(() => over(false), PATIENCE_MS);
      waiting.set(id, (given) => over(true, given));
    });
    const envelope = { envelope_id: id, type, payload, accepts_response_payload: type === 'slash_commands' };
    if (!connection.silent)
      connection.socket.send(JSON.stringify({ ...envelope, retry_attempt: retry, retry_reason: retry === 0 ? '' : 'timeout' }));
    return await answer;
  };

  return {
    get open() {
      return connections.size;
    },
    get most() {
      return most;
    },
    get opened() {
      return opened;
    },
    tell: async (type, payload, times) => {
      const answers: Acknowledged[] = [];
      for (let i = 0; i < (times ?? ATTEMPTS) && (times !== undefined || answers.at(-1)?.acknowledged !== true); i++) {
        answers.push(await attempt(type, payload, i));
      }
      return answers;
    },
    disconnect: (reason, afterMs) => {
      for (const { socket } of connections) {
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'made-up' } }));
        setTimeout(() => socket.close(1_000), afterMs).unref();
      }
    },
    drop: () => {
      for (const { socket } of connections) socket.destroy();
    },
    silence: () => {
      for (const connection of connections) connection.silent = true;
    },
    ticket: () => {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${address()}link/?ticket=${ticket}&app_id=made-up`;
    },
    upgrade: (request, stream) => {
      const ticket = new URL(request.url ?? '/', 'ws://localhost').searchParams.get('ticket') ?? '';
      // An address serves one connection.
      if (!tickets.delete(ticket)) return void stream.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const connection: Connection = {
        silent: false,
        socket: acceptWebSocket(request, stream, {
          onText: acknowledge,
          onClose: () => {
            connections.delete(connection);
            changed();
          },
        }),
      };
      if (connections.size >= MOST) {
        connection.socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
        return connection.socket.close(1_000);
      }
      connections.add(connection);
      opened++;
      most = Math.max(most, connections.size);
      const debug = { host: 'made-up', build_number: 1, approximate_connection_time: 3_600 };
      connection.socket.send(
        JSON.stringify({ type: 'hello', num_connections: connections.size, debug_info: debug, connection_info: { app_id: 'A0123456789' } }),
      );
      changed();
    },
    stop: () => {
      clearInterval(pinging);
      for (const { socket } of connections) socket.destroy();
    },
  };
}
