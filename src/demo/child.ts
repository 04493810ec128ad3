import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/**
 * A program of the demo: Node on a file, with its output in a log. It has a process group of its own, so that Ctrl-C is the demo's to
 * hear; and a channel, by which it learns that the demo is gone.
 */
export class Child {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #log: string;

  constructor(program: string, args: readonly string[], log: string) {
    this.#log = log;
    const to = openSync(log, 'a', 0o600);
    this.#process = fork(program, [...args], { stdio: ['ignore', to, to, 'ipc'], detached: true });
    closeSync(to);
    this.ended = once(this.#process, 'exit').then(() => undefined);
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  onMessage(hear: (message: unknown) => void): void {
    this.#process.on('message', hear);
  }

  /** The end of its log, for people. */
  lastWords(): string {
    return readFileSync(this.#log, 'utf8').slice(-2_000);
  }

  async stop(): Promise<void> {
    if (this.running) this.#process.kill('SIGTERM');
    await this.ended;
  }
}
