import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A real program that talks to Earshot: started by a test, ended with it. What it says is kept for when a test fails. */
export class PeerProcess {
  output = '';
  readonly #child: ChildProcess;
  /** Its exit code, when it has ended and all it said is in `output`; null when a signal ended it. */
  readonly exit: Promise<number | null>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.exit = new Promise((resolve) => this.#child.once('close', resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }
}

/** Where the install scripts unpack what is not the system's. */
export const peersFolder = (): string =>
  process.env.EARSHOT_PEERS_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'earshot-peers');

/** Starts rsyslog with a configuration file; it keeps its state in `folder`. */
export const startRsyslog = (folder: string, configFile: string): PeerProcess =>
  new PeerProcess('rsyslogd', ['-n', '-f', configFile, '-i', join(folder, 'rsyslog.pid')], {
    PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
  });

/** Starts the unpacked syslog-ng with a configuration file; it keeps its state in `folder`. */
export function startSyslogNg(folder: string, configFile: string): PeerProcess {
  const root = join(peersFolder(), 'syslog-ng');
  const libraries = [join(root, 'usr/lib/syslog-ng'), ...globSync(join(root, '{usr/lib,lib}/*-linux-gnu'))];
  const modules = globSync(join(root, 'usr/lib/syslog-ng/*/libafsocket.so')).map((path) => join(path, '..'));
  const state = (name: string) => join(folder, `syslog-ng.${name}`);
  const args = ['--foreground', '--no-caps', '--stderr', '--cfgfile', configFile, '--module-path', modules.join(':')];
  const files = ['--persist-file', state('persist'), '--pidfile', state('pid'), '--control', state('ctl')];
  return new PeerProcess(join(root, 'usr/sbin/syslog-ng'), [...args, ...files], { LD_LIBRARY_PATH: libraries.join(':') });
}

const PROGRAMS = {
  rsyslog: () => ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'],
  'syslog-ng': () => [join(peersFolder(), 'syslog-ng/usr/sbin/syslog-ng')],
  exim: () => [join(peersFolder(), 'exim/usr/sbin/exim4')],
};

/** Why a peer cannot be used here; undefined when it can. In CI a missing peer is a failure, not a reason to skip. */
export function missingPeer(name: 'rsyslog' | 'syslog-ng' | 'exim'): string | undefined {
  if (PROGRAMS[name]().some(existsSync) || process.env.CI === 'true') return undefined;
  const why = `${name} is not installed: run scripts/install-test-peers.sh`;
  console.warn(`SKIPPED: ${why}`);
  return why;
}
