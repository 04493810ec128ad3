import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type EngineMessage, STOP } from './server.ts';

export interface EngineProcessOptions {
  readonly dataDir: string;
  readonly runDir: string;
  readonly maxMemoryBytes: number;
  readonly telemetry: Telemetry;
}

/** How a start ended. */
export type Started = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly locked: boolean };

/** Threads for statements: one for each session, and some for files and compression. */
const THREADS = '12';
const LAST_WORDS = 5;

/** One life of the engine process. */
export class EngineProcess {
  /** Settles once: when it listens, or when it ended before. */
  readonly started: Promise<Started>;
  /** Settles when the process is gone, with why. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #lastWords: string[] = [];

  constructor({ dataDir, runDir, maxMemoryBytes, telemetry }: EngineProcessOptions) {
    const server = fileURLToPath(new URL('./server.ts', import.meta.url));
    const args = ['--disable-warning=ExperimentalWarning', server, '--data', dataDir, '--run', runDir, '--memory', `${maxMemoryBytes}`];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Nothing of the hub's own: its environment may hold tokens, and the engine needs none of it.
      env: { PATH: process.env.PATH, HOME: runDir, TZ: 'UTC', LANG: 'C.UTF-8', UV_THREADPOOL_SIZE: THREADS },
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(this.#describeEnd(code, signal)));
      this.#child.once('error', (error) => resolve(error.message));
    });
    this.started = new Promise((resolve) => {
      this.#child.on('message', (message: EngineMessage) => {
        if ('ready' in message) resolve({ ok: true });
        else resolve({ ok: false, why: message.failed, locked: message.locked });
      });
      void this.ended.then((why) => resolve({ ok: false, why, locked: false }));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line, telemetry));
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Lets running statements end. */
  terminate(): void {
    if (this.#child.connected) this.#child.send(STOP, () => undefined);
  }

  /** A hung engine does not hear anything gentler. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(line: string, telemetry: Telemetry): void {
    const text = line.slice(0, 2000);
    this.#lastWords.push(text);
    if (this.#lastWords.length > LAST_WORDS) this.#lastWords.shift();
    telemetry.log('warn', `engine: ${text}`);
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const words = this.#lastWords.join(' / ');
    return words === '' ? `The engine process ended with ${how}` : `The engine process ended with ${how}: ${words}`;
  }
}
