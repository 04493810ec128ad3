import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { overSocket } from '../../src/lib/socket-client.ts';
import { eventually } from './hub-process.ts';

/** The demo, as a user starts it. */
export class DemoProcess {
  readonly folder: string;
  said = '';
  #child: ChildProcess;

  constructor(folder: string, ...options: readonly string[]) {
    this.folder = folder;
    const child = spawn(process.execPath, ['bin/earshot.js', 'demo', '--data-dir', folder, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const leave = () => void child.kill('SIGKILL');
    process.once('exit', leave);
    child.once('exit', () => process.off('exit', leave));
    const collect = (chunk: Buffer) => {
      this.said += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.#child = child;
  }

  /** With the past only, so that nothing moves while it is looked at; in a folder of its own. */
  static ofThePast(): DemoProcess {
    return new DemoProcess(mkdtempSync(join(tmpdir(), 'earshot-demo-')), '--once', '--seed', '1');
  }

  /** The link that signs in once; resolves when all of the past is stored. */
  async whenStored(): Promise<string> {
    await this.until(/of the past are in/, 300_000);
    return /http:\S+\/setup#\S+/.exec(this.said)?.[0] ?? '';
  }

  async until(words: RegExp, withinMs = 90_000): Promise<RegExpExecArray> {
    return await eventually(
      async () => {
        const found = words.exec(this.said);
        if (found === null && this.#child.exitCode !== null) throw new Error(`the demo ended: ${this.said}`);
        return found ?? undefined;
      },
      { withinMs },
    );
  }

  async get<T>(path: string): Promise<T> {
    const { body } = await overSocket(join(this.folder, 'data', 'run', 'hub.sock'), { method: 'GET', path });
    return JSON.parse(body.toString()) as T;
  }

  async stop(): Promise<number | null> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
    return this.#child.exitCode;
  }

  /** Where the simulated Slack channel is; the demo must have begun. */
  get channel(): URL {
    const { notifiers } = parse(readFileSync(join(this.folder, 'earshot.yaml'), 'utf8')) as {
      readonly notifiers: { readonly slack: { readonly api_url: string } };
    };
    return new URL('/', notifiers.slack.api_url);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
