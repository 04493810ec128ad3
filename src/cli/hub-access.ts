import { once } from 'node:events';
import { App } from '../app.ts';
import { socketPathOf } from '../hub.ts';
import { buildApis } from '../hub-api.ts';
import { EarshotError, ERRORS, type ErrorCode } from '../lib/errors.ts';
import { overSocket } from '../lib/socket-client.ts';
import { createLogger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/registry.ts';
import type { Call } from './command.ts';
import { needConfiguration } from './configuration.ts';

interface HubRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Buffer | object;
}

/** The hub of a folder, as commands use it: the running one over its socket, else its parts opened for this command. */
export interface HubAccess {
  /** The answer's JSON. Throws an {@link EarshotError} with the problem's code and words when it is refused. */
  ask<T>(request: HubRequest): Promise<T>;
  readonly running: boolean;
  close(): Promise<void>;
}

/** Opens the hub that `--data-dir` and `--config` name. */
export async function openHub(call: Call): Promise<HubAccess> {
  const configuration = needConfiguration(call);
  const socket = socketPathOf(configuration.dataDir);
  const running = await overSocket(socket, { method: 'GET', path: '/healthz' }).then(
    () => true,
    () => false,
  );
  if (running) return { ask: (request) => askOver(socket, request), running, close: async () => undefined };

  const metrics = new MetricsRegistry(createLogger({ ...configuration.settings.log, level: 'warn' }));
  const app = await App.start({ ...configuration, telemetry: metrics, mode: 'command' });
  const { trusted } = buildApis({ app, metrics, reload: async () => ({ faults: [], notes: [] }) });
  await trusted.ready();
  return {
    running,
    ask: async ({ method, path, body }) => {
      const { statusCode, rawPayload } = await trusted.inject({ method, url: path, ...payloadOf(body) });
      return answerOf(statusCode, rawPayload);
    },
    close: async () => {
      await trusted.close();
      await app.close();
    },
  };
}

async function askOver<T>(socket: string, { method, path, body }: HubRequest): Promise<T> {
  const { payload, headers } = payloadOf(body);
  const reply = await overSocket(socket, { method, path, ...(payload !== undefined && { body: payload }), ...(headers && { headers }) });
  return answerOf(reply.status, reply.body);
}

function payloadOf(body: HubRequest['body']): { payload?: Buffer; headers?: Record<string, string> } {
  if (body === undefined) return {};
  if (Buffer.isBuffer(body)) return { payload: body, headers: { 'content-type': 'application/octet-stream' } };
  return { payload: Buffer.from(JSON.stringify(body)), headers: { 'content-type': 'application/json' } };
}

function answerOf<T>(status: number, body: Buffer): T {
  const answer = JSON.parse(body.toString('utf8')) as T & { code?: string; detail?: string };
  if (status < 400) return answer;
  throw new EarshotError(isErrorCode(answer.code) ? answer.code : 'EAR_HUB_REFUSED', answer.detail ?? `the hub answered ${status}`);
}

const isErrorCode = (code: string | undefined): code is ErrorCode => code !== undefined && Object.hasOwn(ERRORS, code);

/** Resolves at Ctrl-C or SIGTERM; work under way is then to stop at its next safe place. */
export function interrupted(): AbortSignal {
  const stop = new AbortController();
  void Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => stop.abort());
  return stop.signal;
}
