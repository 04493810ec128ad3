import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from '../app.ts';
import { socketPathOf } from '../hub.ts';
import { buildApis } from '../hub-api.ts';
import { EarshotError, ERRORS, type ErrorCode } from '../lib/errors.ts';
import { overSocket } from '../lib/socket-client.ts';
import { createLogger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/registry.ts';
import { type Call, UsageError } from './command.ts';
import { type Configuration, needConfiguration } from './configuration.ts';

interface HubRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
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

/** How long a command waits for another one, or for a hub that starts or stops. */
const BUSY_MS = 60_000;
const BUSY_LOOK_MS = 200;
/** A hub that does not answer `/healthz` in this time hangs: better said than waited for. */
const ALIVE_MS = 10_000;

/**
 * Opens the hub that `--data-dir` and `--config` name. Commands on a folder without a hub take turns. `mustExist`: to look into a folder
 * that is not there is a slip of the keyboard, and "nothing found" would be a lie.
 */
export async function openHub(call: Call, { mustExist = false } = {}): Promise<HubAccess> {
  const configuration = needConfiguration(call);
  const { dataDir } = configuration;
  if (mustExist && !existsSync(dataDir))
    throw new UsageError(`there is no data folder ${dataDir}: no hub has run there, and nothing was imported (--data-dir, --config)`);
  const socket = socketPathOf(dataDir);
  const until = Date.now() + BUSY_MS;
  for (let told = false; ; told = true) {
    if (await answers(socket)) return overItsSocket(socket, dataDir);
    try {
      return await openParts(configuration);
    } catch (error) {
      if (!(error instanceof EarshotError && error.code === 'EAR_DATA_DIR_BUSY') || Date.now() > until) throw error;
      if (!told) process.stderr.write(`waiting for another command, or a hub that starts or stops, on ${dataDir}\n`);
      await sleep(BUSY_LOOK_MS);
    }
  }
}

/** The hub that runs on the folder; undefined where none does. */
export async function runningHub(dataDir: string): Promise<HubAccess | undefined> {
  const socket = socketPathOf(dataDir);
  return (await answers(socket)) ? overItsSocket(socket, dataDir) : undefined;
}

/** False when nobody listens there: no hub has run, or the one that did was killed and left its socket behind. */
async function answers(socket: string): Promise<boolean> {
  try {
    await overSocket(socket, { method: 'GET', path: '/healthz', signal: AbortSignal.timeout(ALIVE_MS) });
    return true;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || name === 'TimeoutError')
      throw new EarshotError('EAR_HUB_REFUSED', `the hub does not answer on ${socket}`, { cause: error });
    if (code === 'EACCES') throw new EarshotError('EAR_HUB_REFUSED', `${socket} belongs to another user`, { cause: error });
    return false;
  }
}

const overItsSocket = (socket: string, dataDir: string): HubAccess => ({
  ask: (request) => askOver(socket, dataDir, request),
  running: true,
  close: async () => undefined,
});

async function openParts(configuration: Configuration): Promise<HubAccess> {
  const metrics = new MetricsRegistry(createLogger({ ...configuration.settings.log, level: 'warn' }));
  const app = await App.start({ ...configuration, telemetry: metrics, mode: 'command' });
  const { trusted } = buildApis({
    app,
    metrics,
    lineFaults: () => [],
    reload: async () => ({ applied: false, faults: ['no hub runs'], notes: [] }),
  });
  await trusted.ready();
  return {
    running: false,
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

async function askOver<T>(socket: string, dataDir: string, { method, path, body }: HubRequest): Promise<T> {
  const { payload, headers } = payloadOf(body);
  try {
    const reply = await overSocket(socket, { method, path, ...(payload !== undefined && { body: payload }), ...(headers && { headers }) });
    return answerOf(reply.status, reply.body);
  } catch (cause) {
    if (cause instanceof EarshotError) throw cause;
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new EarshotError('EAR_HUB_REFUSED', `the hub on ${dataDir} ended before it answered (${why})`, { cause });
  }
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

/**
 * Aborted at Ctrl-C or SIGTERM; work under way is then to stop at its next safe place. A second signal ends the process at once:
 * whatever it was doing is safe in the raw log, or was not acknowledged.
 */
export function interrupted(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
