import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from './certificates.ts';
import { PeerProcess, peersFolder } from './peer-process.ts';

export interface EximOptions {
  readonly port: number;
  readonly tls: KeyPair;
  readonly login: { readonly user: string; readonly password: string };
}

const NOBODY = 65_534;

/**
 * A real mail server for example.com on loopback: STARTTLS, sign-in asked of everybody, every address has a mailbox but `nobody`.
 * It keeps all it has in `folder`, which belongs to it from then on.
 */
export class Exim {
  readonly #folder: string;
  readonly #process: PeerProcess;

  constructor(folder: string, options: EximOptions) {
    this.#folder = folder;
    const root = join(folder, 'program');
    const asRoot = process.getuid?.() === 0;
    const id = asRoot ? NOBODY : (process.getuid?.() ?? NOBODY);
    // A cache in somebody's home is not for the user it runs as.
    if (!existsSync(root)) cpSync(join(peersFolder(), 'exim'), root, { recursive: true, verbatimSymlinks: true });
    for (const each of ['spool', 'log', 'mail']) mkdirSync(join(folder, each), { recursive: true });
    // The package's user is looked up by its name, whoever runs the server.
    writeFileSync(join(folder, 'passwd'), `Debian-exim:x:${id}:${id}::/:/bin/false\n`);
    writeFileSync(join(folder, 'group'), `Debian-exim:x:${id}:\nmail:x:${id}:\n`);
    writeFileSync(join(folder, 'exim.conf'), configuration(folder, root, options));
    if (asRoot) execFileSync('chown', ['-R', `${id}:${id}`, folder]);
    const command = [join(root, 'usr/sbin/exim4'), '-C', join(folder, 'exim.conf'), '-bdf', '-q1m'];
    const libraries = globSync(join(root, '{usr/lib,lib}/*-linux-gnu'));
    this.#process = new PeerProcess('setpriv', asRoot ? [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', ...command] : command, {
      LD_LIBRARY_PATH: libraries.join(':'),
      LD_PRELOAD: globSync(join(root, 'usr/lib/*-linux-gnu/libnss_wrapper.so')).join(':'),
      NSS_WRAPPER_PASSWD: join(folder, 'passwd'),
      NSS_WRAPPER_GROUP: join(folder, 'group'),
    });
  }

  /** What it delivered, as it lies in a mailbox, oldest first. */
  delivered(mailbox: string): string[] {
    return globSync(join(this.#folder, 'mail', mailbox, 'new', '*'))
      .sort()
      .map((file) => readFileSync(file, 'utf8'));
  }

  /** What it logged of mails; empty before the first. */
  get log(): string {
    return globSync(join(this.#folder, 'log', 'main*'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('');
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

const configuration = (folder: string, root: string, { port, tls, login }: EximOptions) => `
keep_environment = *
exim_path = ${root}/usr/sbin/exim4
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
pid_file_path = ${folder}/exim.pid
primary_hostname = mail.example.com
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_certificate = ${tls.certificate}
tls_privatekey = ${tls.key}
tls_advertise_hosts = *
auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = recipients
acl_smtp_data = accept

begin acl
recipients:
  deny message = sign in first
       !authenticated = *
  deny message = no such user
       local_parts = nobody
  accept domains = example.com

begin routers
mailboxes:
  driver = accept
  local_parts = soc : lead
  transport = \${local_part_data}

begin transports
${['soc', 'lead'].map((box) => `${box}:\n  driver = appendfile\n  directory = ${folder}/mail/${box}\n  maildir_format`).join('\n')}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${login.user}}}{eq{$auth3}{${login.password}}}}}
  server_set_id = $auth2
`;
