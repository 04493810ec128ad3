import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EarshotError } from '../../lib/errors.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { EngineClient } from './client.ts';
import { EngineProcess } from './engine-process.ts';
import { Supervisor, type SupervisorTimes } from './supervisor.ts';

export interface EngineOptions {
  /** Folder of the engine's data; nothing else is in it. */
  readonly dataDir: string;
  /** Folder of the socket; made for this user alone. Its path must be short: a socket's is at most 107 bytes. */
  readonly runDir: string;
  readonly telemetry: Telemetry;
  readonly maxMemoryBytes?: number;
  readonly insertTimeoutMs?: number;
  readonly times?: Partial<SupervisorTimes>;
}

const MAX_MEMORY_BYTES = 600 * 1024 ** 2;
const MAX_SOCKET_PATH = 107;

/** The embedded engine: chDB in a process of its own, restarted when it dies or hangs. */
export class EmbeddedEngine extends EngineClient {
  readonly socketPath: string;
  readonly #supervisor: Supervisor;

  constructor(socketPath: string, supervisor: Supervisor, insertTimeoutMs: number | undefined) {
    super({ socketPath }, { silence: () => supervisor.silence, ...(insertTimeoutMs !== undefined && { insertTimeoutMs }) });
    this.socketPath = socketPath;
    this.#supervisor = supervisor;
  }

  /** Restarts since the start. */
  get restarts(): number {
    return this.#supervisor.restarts;
  }

  /** Absent while no process runs. */
  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  /** Calls back at once when it runs, and each time it was started again. Returns how to stop listening. */
  onUp(listener: () => void): () => void {
    if (this.pid !== undefined) listener();
    return this.#supervisor.on('up', listener);
  }

  onDown(listener: (why: string) => void): () => void {
    return this.#supervisor.on('down', listener);
  }

  /** Lets running statements end for a few seconds, then stops the process. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
    await this.close();
  }
}

/** Starts the engine and waits until it answers. Throws an EarshotError when it cannot be started, or another hub has the data folder. */
export async function startEngine(options: EngineOptions): Promise<EmbeddedEngine> {
  const { dataDir, runDir, telemetry, insertTimeoutMs } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  chmodSync(runDir, 0o700);
  const socketPath = join(runDir, 'engine.sock');
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    throw new EarshotError(
      'EAR_CONFIG_INVALID',
      `The path ${socketPath} is longer than ${MAX_SOCKET_PATH} bytes: choose a shorter folder.`,
    );
  }
  const pinger = new EngineClient({ socketPath });
  const start = () => new EngineProcess({ dataDir, runDir, maxMemoryBytes: options.maxMemoryBytes ?? MAX_MEMORY_BYTES, telemetry });
  const supervisor = new Supervisor(start, (timeoutMs) => pinger.ping(timeoutMs), telemetry, options.times);
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    await pinger.close();
    throw error;
  }
  return new EmbeddedEngine(socketPath, supervisor, insertTimeoutMs);
}
