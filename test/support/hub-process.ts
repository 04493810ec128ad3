import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { overSocket } from '../../src/lib/socket-client.ts';
import { freePort } from './free-port.ts';
import { onOwnDisk } from './own-disk.ts';

export interface HubProcessOptions {
  /** For Node, before the program's name. */
  readonly nodeOptions?: readonly string[];
  /** Gives the data folder a file system of its own, of so many bytes, in memory; it is gone when the hub ends. */
  readonly diskBytes?: number;
}

/** A hub as a user starts it, on a folder and ports of its own. */
export class HubProcess {
  readonly dataDir: string;
  readonly configFile: string;
  readonly ports: { readonly syslog: number; readonly relp: number; readonly api: number };
  log = '';
  #child: ChildProcess | undefined;
  readonly #options: HubProcessOptions;

  private constructor(
    dataDir: string,
    ports: HubProcess['ports'],
    settings: Readonly<Record<string, unknown>>,
    options: HubProcessOptions,
  ) {
    this.dataDir = dataDir;
    this.ports = ports;
    this.#options = options;
    this.configFile = join(dataDir, 'earshot.yaml');
    const on = (port: number) => ({ listen: `127.0.0.1:${port}` });
    writeFileSync(
      this.configFile,
      stringify({
        data_dir: join(dataDir, 'data'),
        disk: { warn_free_bytes: 0, min_free_bytes: 0 },
        outbox: { burst: 100 },
        sources: { syslog: { type: 'syslog', udp: on(ports.syslog), tcp: on(ports.syslog), relp: on(ports.relp) }, http: { type: 'http' } },
        ...settings,
        api: { ...on(ports.api), ...(settings.api as object | undefined) },
      }),
    );
  }

  static async create(
    settings: Readonly<Record<string, unknown>> = {},
    options: HubProcessOptions & { readonly dataDir?: string } = {},
  ): Promise<HubProcess> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'earshot-hub-'));
    const [syslog, relp, api] = await Promise.all([freePort(), freePort(), freePort()]);
    return new HubProcess(dataDir, { syslog, relp, api }, settings, options);
  }

  get socketPath(): string {
    return join(this.folder, 'run', 'hub.sock');
  }

  /** The data folder, as this process sees it: a disk of the hub's own is in a mount namespace of its own. */
  get folder(): string {
    const folder = join(this.dataDir, 'data');
    return this.#options.diskBytes === undefined ? folder : join('/proc', `${this.pid ?? 0}`, 'root', folder);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the hub; resolves when it says that it is ready. Rejects when it ends before. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const { nodeOptions = [], diskBytes } = this.#options;
    const hub = [process.execPath, ...nodeOptions, 'bin/earshot.js', 'run', '--config', this.configFile];
    const [command = '', ...args] = diskBytes === undefined ? hub : onOwnDisk(join(this.dataDir, 'data'), diskBytes, hub);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#child = child;
    // Whatever becomes of the test: no hub outlives it.
    const leave = () => void child.kill('SIGKILL');
    process.once('exit', leave);
    child.once('exit', () => process.off('exit', leave));
    const collect = (chunk: Buffer) => {
      this.log += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    while (!(await this.ready())) {
      if (!this.running) throw new Error(`the hub ended while starting:\n${this.log.slice(-4000)}`);
      await sleep(25);
    }
  }

  async ready(): Promise<boolean> {
    return overSocket(this.socketPath, { method: 'GET', path: '/readyz' }).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.running || this.#child === undefined) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  /** Process id of the engine: the hub's child. */
  enginePid(): number | undefined {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => parentOf(pid) === this.pid && commandOf(pid).includes('engine'));
  }

  async get(path: string): Promise<{ status: number; json: unknown }> {
    const { status, body } = await overSocket(this.socketPath, { method: 'GET', path });
    return { status, json: JSON.parse(body.toString('utf8')) };
  }

  async getText(path: string): Promise<{ status: number; text: string }> {
    const { status, body } = await overSocket(this.socketPath, { method: 'GET', path });
    return { status, text: body.toString('utf8') };
  }

  async post(
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; json: unknown }> {
    const reply = await overSocket(this.socketPath, { method: 'POST', path, body, headers });
    return { status: reply.status, json: JSON.parse(reply.body.toString('utf8') || 'null') };
  }
}

/** Runs the command line; its output and exit code. */
export async function earshot(args: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['bin/earshot.js', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}

/** Waits until `check` gives something other than undefined or false; the last failure is the error. */
export async function eventually<T>(check: () => Promise<T | undefined | false>, { withinMs = 30_000, everyMs = 50 } = {}): Promise<T> {
  const end = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`did not come true within ${withinMs} ms`, { cause: last });
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
