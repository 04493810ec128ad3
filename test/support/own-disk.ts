import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system on a folder, in memory and in a mount namespace of its own, for one command after another; gone when it is closed. */
export class OwnDisk {
  readonly #folder: string;
  readonly #holder: ChildProcess;

  private constructor(folder: string, holder: ChildProcess) {
    this.#folder = folder;
    this.#holder = holder;
  }

  static async open(folder: string, bytes: number): Promise<OwnDisk> {
    const [command = '', ...args] = onOwnDisk(folder, bytes, ['sh', '-c', 'echo mounted; exec sleep infinity']);
    const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    return new OwnDisk(folder, holder);
  }

  /** The command line that runs another one where the disk is. */
  inside(command: readonly string[]): string[] {
    const user = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
    return ['nsenter', `--target=${this.#holder.pid}`, '--mount', ...user, `--wd=${process.cwd()}`, ...command];
  }

  /** The disk, as this process sees it. */
  get folder(): string {
    return join('/proc', `${this.#holder.pid}`, 'root', this.#folder);
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }

  /** Takes up the disk until so many bytes are free. */
  async fillUntil(freeBytes: number): Promise<void> {
    writeFileSync(join(this.folder, 'filler'), Buffer.alloc((await this.freeBytes()) - freeBytes, 'x'));
  }

  makeRoom(): void {
    rmSync(join(this.folder, 'filler'));
  }

  async close(): Promise<void> {
    this.#holder.kill();
    await once(this.#holder, 'exit');
  }
}

/** The command line that runs another one with a small file system on `folder`. */
export function onOwnDisk(folder: string, bytes: number, command: readonly string[]): string[] {
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o size=${bytes} tmpfs "$1" && shift && exec "$@"`;
  return ['unshare', ...(process.getuid?.() === 0 ? ['-m'] : ['-Urm']), 'sh', '-c', script, 'sh', folder, ...command];
}

/** Whether this machine lets us mount; where it does not, tests that need it are skipped, but never in CI. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-mount-'));
  const [command = '', ...args] = onOwnDisk(folder, 1024 * 1024, ['true']);
  const permitted = spawnSync(command, args).status === 0;
  rmSync(folder, { recursive: true, force: true });
  if (permitted) return true;
  if (process.env.CI === 'true') throw new Error('This test needs the right to mount a tmpfs (unshare -m), and CI must have it.');
  process.stderr.write('\n*** SKIPPED: this test needs the right to mount a tmpfs (unshare -m). ***\n');
  return false;
}
