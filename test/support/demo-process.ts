import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './hub-process.ts';

/** The demo as a user starts it, with the past only, so that nothing moves while it is looked at; on free ports and a folder that goes away. */
export class DemoProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'earshot-demo-'));
  readonly #child = spawn(process.execPath, ['src/main.ts', 'demo', '--once', '--seed', '1', '--data-dir', this.folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  #said = '';

  constructor() {
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
  }

  /** The link that signs in once; resolves when all of the past is stored. */
  whenStored(): Promise<string> {
    return eventually(async () => (this.#said.includes('of the past are in') ? /http:\S+\/setup#\S+/.exec(this.#said)?.[0] : undefined), {
      withinMs: 300_000,
    });
  }

  async stop(): Promise<void> {
    const ended = this.#child.exitCode === null && once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
