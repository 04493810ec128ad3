import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubProcess } from './hub-process.ts';
import { type Numbered, numbered } from './numbered-messages.ts';
import { RelpClient } from './relp-client.ts';

const WINDOW = 16;
const AGAIN_MS = 20;
const ANSWER_MS = 10_000;
const LINES_A_BODY = 20;
const LINES_A_FILE = 2_000;

/** Sends by RELP until told to stop, and again what was not acknowledged. */
export class RelpSender {
  readonly acknowledged = new Set<string>();
  readonly #port: number;
  readonly #every: number;
  #next = 1;
  #unacknowledged: Numbered[] = [];

  constructor(port: number, every: number) {
    this.#port = port;
    this.#every = every;
  }

  /** Ends when everything that was sent is acknowledged. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted || this.#unacknowledged.length > 0) {
      const client = await RelpClient.open(this.#port).catch(() => undefined);
      if (client === undefined) await sleep(AGAIN_MS);
      else await this.#session(client, stop).catch(() => undefined);
      client?.destroy();
    }
  }

  async #session(client: RelpClient, stop: AbortSignal): Promise<void> {
    do {
      while (!stop.aborted && this.#unacknowledged.length < WINDOW) this.#unacknowledged.push(numbered('relp', this.#next++, this.#every));
      await within(ANSWER_MS, Promise.all(this.#unacknowledged.map((message) => this.#sendOne(client, message))));
      this.#unacknowledged = [];
      await sleep(AGAIN_MS);
    } while (!stop.aborted);
  }

  async #sendOne(client: RelpClient, { id, line }: Numbered): Promise<void> {
    await client.send(line);
    this.acknowledged.add(id);
  }
}

/** Sends three equal lines over one connection, again and again; those whose three acknowledgements all came must be stored three times. */
export class ThriceSender {
  readonly acknowledged = new Set<string>();
  readonly #port: number;
  #next = 1;

  constructor(port: number) {
    this.#port = port;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const { id, line } = numbered('thrice', this.#next++, Number.POSITIVE_INFINITY);
      const client = await RelpClient.open(this.#port).catch(() => undefined);
      if (client === undefined) await sleep(AGAIN_MS);
      const sent = client && within(ANSWER_MS, Promise.all([client.send(line), client.send(line), client.send(line)]));
      await sent?.then(
        () => this.acknowledged.add(id),
        () => undefined,
      );
      client?.destroy();
      await sleep(4 * AGAIN_MS);
    }
  }
}

/** Sends bodies with an Idempotency-Key to the hub's port, each until it is answered with 200; some once more after that. */
export class HttpSender {
  readonly acknowledged = new Set<string>();
  /** Bodies that were sent again after their 200 and not called duplicates. */
  readonly unrecognized: string[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #every: number;
  #next = 1;

  constructor(port: number, token: string, every: number) {
    this.#url = `http://127.0.0.1:${port}/ingest/http`;
    this.#token = token;
    this.#every = every;
  }

  async run(stop: AbortSignal): Promise<void> {
    for (let body = 1; !stop.aborted; body++) {
      const messages = Array.from({ length: LINES_A_BODY }, () => numbered('http', this.#next++, this.#every));
      const key = `body-${body}`;
      await this.#untilTaken(key, messages);
      for (const { id } of messages) this.acknowledged.add(id);
      if (body % 5 === 0 && !(await this.#untilTaken(key, messages))) this.unrecognized.push(key);
      await sleep(2 * AGAIN_MS);
    }
  }

  /** Whether the hub called it a duplicate. */
  async #untilTaken(key: string, messages: readonly Numbered[]): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'text/plain', 'idempotency-key': key };
    const body = messages.map(({ line }) => line).join('\n');
    for (;;) {
      try {
        const reply = await fetch(this.#url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_MS) });
        const answer: unknown = await reply.json();
        if (reply.status === 200)
          return typeof answer === 'object' && answer !== null && 'duplicate' in answer && answer.duplicate === true;
        if (reply.status < 429) throw new TypeError(`${reply.status} ${JSON.stringify(answer)}`);
      } catch (error) {
        // A refusal that is no outage is a fault of the test.
        if (error instanceof TypeError && /^4\d\d /.test(error.message)) throw error;
      }
      await sleep(AGAIN_MS);
    }
  }
}

/** Imports one file after the other with `earshot import`, each until the command says that it is done. */
export class Importer {
  readonly acknowledged = new Set<string>();
  readonly #hub: HubProcess;
  readonly #every: number;
  #next = 1;
  #files = 0;
  #file: { readonly path: string; readonly ids: readonly string[] } | undefined;
  #child: ChildProcess | undefined;

  constructor(hub: HubProcess, every: number) {
    this.#hub = hub;
    this.#every = every;
  }

  /** One run of the command on the file that is not done yet, or else on a new one; `offline`: with `--data-dir`, and no hub runs. */
  async importOnce(mode: 'online' | 'offline'): Promise<void> {
    this.#file ??= this.#newFile();
    const { path, ids } = this.#file;
    const where = ['--config', this.#hub.configFile, ...(mode === 'offline' ? ['--data-dir', join(this.#hub.dataDir, 'data')] : [])];
    const child = spawn(process.execPath, ['bin/earshot.js', 'import', ...where, path], { stdio: 'ignore' });
    this.#child = child;
    const [code] = (await once(child, 'exit')) as [number | null];
    this.#child = undefined;
    if (code !== 0) return;
    for (const id of ids) this.acknowledged.add(id);
    this.#file = undefined;
  }

  get unfinished(): boolean {
    return this.#file !== undefined;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  #newFile(): { path: string; ids: string[] } {
    this.#files++;
    const messages = Array.from({ length: LINES_A_FILE }, () => numbered(`file${this.#files}`, this.#next++, this.#every, 1_500));
    const path = join(this.#hub.dataDir, `import-${this.#files}.log`);
    writeFileSync(path, `${messages.map(({ line }) => line).join('\n')}\n`);
    return { path, ids: messages.map(({ id }) => id) };
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(ms, undefined, { signal: late.signal }).then(() => Promise.reject(new Error(`nothing within ${ms} ms`)));
  timeout.catch(() => undefined);
  return Promise.race([work, timeout]).finally(() => late.abort());
}
