import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '../lib/result.ts';
import { selfSigned } from './certificate.ts';

const demoPorts = z.object({
  api: z.number(),
  segura: z.number(),
  osirium: z.number(),
  linux: z.number(),
  slack: z.number(),
  slackAudit: z.number(),
  slackAdmin: z.number(),
});
export type DemoPorts = z.output<typeof demoPorts>;

const demoState = z.object({
  seed: z.number(),
  /** When the demo was first started: its story is told from there. Milliseconds since the epoch, as all times here. */
  toldAt: z.number(),
  /** Everything before it was sent, and taken. */
  until: z.number(),
  ports: demoPorts,
});
export type DemoState = z.output<typeof demoState>;

const STATE_FILE = 'demo.json';

/** PEM files of a certificate and its key. */
interface Pair {
  readonly certificate_file: string;
  readonly key_file: string;
}

/** A folder of the demo's own: what the hub keeps, its configuration, certificate and log, and how far the story is told. */
export class DemoFolder {
  readonly path: string;
  state: DemoState;

  private constructor(path: string, state: DemoState) {
    this.path = path;
    this.state = state;
  }

  /** Opens the folder, or makes it. A folder that is not a demo's is left alone: why is said. */
  static open(path: string, begin: () => DemoState, fresh: boolean): Result<DemoFolder, string> {
    const known = existsSync(join(path, STATE_FILE));
    if (!known && existsSync(path) && readdirSync(path).length > 0)
      return err(`${path} holds something that is not a demo: name another folder with --data-dir`);
    if (known && fresh) rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const state = known && !fresh ? readState(join(path, STATE_FILE)) : begin();
    if (state === undefined) return err(`${join(path, STATE_FILE)} cannot be read; begin anew with --fresh`);
    const folder = new DemoFolder(path, state);
    folder.keep({});
    return ok(folder);
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a file that only this user may read. */
  write(name: string, content: string): string {
    const file = this.file(name);
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return file;
  }

  keep(change: Partial<DemoState>): void {
    this.state = { ...this.state, ...change };
    this.write(STATE_FILE, JSON.stringify(this.state));
  }

  /** The certificate of the syslog listeners, which senders trust. */
  certificate(now: number): Pair {
    return this.#pairOf('demo', 'Earshot demo', now);
  }

  /** The certificate by which the listeners know a sender; its own authority, so that it is the only one that is let in. */
  senderCertificate(name: string, now: number): Pair {
    return this.#pairOf(name, name, now);
  }

  #pairOf(file: string, commonName: string, now: number): Pair {
    const pair = { certificate_file: this.file(`${file}.pem`), key_file: this.file(`${file}.key`) };
    if (!existsSync(pair.certificate_file) || !existsSync(pair.key_file)) {
      const { certificate, key } = selfSigned(commonName, now);
      this.write(`${file}.key`, key);
      this.write(`${file}.pem`, certificate);
    }
    return pair;
  }
}

function readState(file: string): DemoState | undefined {
  try {
    return demoState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
