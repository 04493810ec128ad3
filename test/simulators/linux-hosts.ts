import { Chance, DAY, HOUR, MINUTE, SECOND } from './acme/chance.ts';
import { CONFIGURATION, type Host, LINUX_HOSTS, MONITOR, VAULT } from './acme/estate.ts';
import type { Line } from './acme/line.ts';
import { PEOPLE } from './acme/people.ts';
import type { MachineSession, Pace, Workday } from './acme/workday.ts';

/** Linux machines, as rsyslog sends what their programs log (RSYSLOG_ForwardFormat: times with fractions and a zone). */

const AUTH = 4;
const AUTHPRIV = 10;
const CRON = 9;
const NOTICE = 5;
const INFO = 6;

export interface Logged {
  readonly at: number;
  readonly host: Pick<Host, 'name'>;
  readonly program: string;
  readonly text: string;
  /** Facility and severity. */
  readonly priority?: number;
  readonly pid?: number;
}

export function linuxLine({ at, host, program, text, pid, priority = AUTHPRIV * 8 + INFO }: Logged): Line {
  const time = new Date(at).toISOString().replace('Z', '000+00:00');
  const tag = pid === undefined ? program : `${program}[${pid}]`;
  return { at, door: 'linux', text: `<${priority}>${time} ${host.name} ${tag}: ${text}` };
}

/** Numbers of processes grow with time, as far as anybody can tell. */
const pidAt = (at: number): number => 2_000 + (Math.floor(at / 100) % 4_000_000);

const uidOf = (account: string): number => {
  if (account === 'root') return 0;
  const person = PEOPLE.findIndex(({ login }) => login === account);
  return person === -1 ? 900 + (account.length % 90) : 1_000 + person;
};

export interface SshSession {
  readonly host: Pick<Host, 'name'>;
  readonly account: string;
  readonly address: string;
  readonly from: number;
  readonly to: number;
  readonly method?: 'password';
}

const portAt = (at: number): number => 32_768 + (Math.floor(at / 7) % 28_000);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const fingerprints = new Map<string, string>();

/** A key is known by its fingerprint: each account has one. */
function fingerprintOf(account: string): string {
  const known = fingerprints.get(account);
  if (known !== undefined) return known;
  const chance = new Chance('key', account);
  const made = Array.from({ length: 43 }, () => BASE64.charAt(chance.whole(0, 63))).join('');
  fingerprints.set(account, made);
  return made;
}

/** A login over SSH, and its end. */
export function sshLines({ host, account, address, from, to, method }: SshSession): Line[] {
  const pid = pidAt(from);
  const port = portAt(from);
  const line = (at: number, text: string, program = 'sshd'): Line => linuxLine({ at, host, program, pid, text });
  const how = method === 'password' ? 'password' : 'publickey';
  const key = method === 'password' ? '' : `: ED25519 SHA256:${fingerprintOf(account)}`;
  return [
    line(from, `Accepted ${how} for ${account} from ${address} port ${port} ssh2${key}`),
    line(from + 30, `pam_unix(sshd:session): session opened for user ${account}(uid=${uidOf(account)}) by (uid=0)`),
    line(to, `Received disconnect from ${address} port ${port}:11: disconnected by user`),
    line(to + 1, `Disconnected from user ${account} ${address} port ${port}`),
    line(to + 2, `pam_unix(sshd:session): session closed for user ${account}`),
  ];
}

export const sshFailed = (at: number, host: Pick<Host, 'name'>, account: string, address: string, known = true): Line[] => {
  const pid = pidAt(at);
  const from = `from ${address} port ${portAt(at)}`;
  const line = (text: string, after = 0): Line => linuxLine({ at: at + after, host, program: 'sshd', pid, text });
  if (known) return [line(`Failed password for ${account} ${from} ssh2`)];
  return [line(`Invalid user ${account} ${from}`), line(`Failed password for invalid user ${account} ${from} ssh2`, 900)];
};

/** A command with sudo: sudo's own line, and PAM's two. */
export function sudoLines(at: number, host: Pick<Host, 'name'>, account: string, command: string): Line[] {
  const pid = pidAt(at);
  const line = (when: number, text: string, priority = AUTHPRIV * 8 + INFO): Line =>
    linuxLine({ at: when, host, program: 'sudo', pid, text, priority });
  return [
    line(at, `${account.padStart(8)} : TTY=pts/0 ; PWD=/home/${account} ; USER=root ; COMMAND=${command}`, AUTHPRIV * 8 + NOTICE),
    line(at + 3, `pam_unix(sudo:session): session opened for user root(uid=0) by ${account}(uid=${uidOf(account)})`),
    line(at + 1_200, 'pam_unix(sudo:session): session closed for user root'),
  ];
}

export const sudoRefused = (at: number, host: Pick<Host, 'name'>, account: string, command: string): Line =>
  linuxLine({
    at,
    host,
    program: 'sudo',
    pid: pidAt(at),
    priority: AUTHPRIV * 8 + 1,
    text: `${account.padStart(8)} : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/${account} ; USER=root ; COMMAND=${command}`,
  });

export const suToRoot = (at: number, host: Pick<Host, 'name'>, account: string, failed: boolean): Line =>
  linuxLine({
    at,
    host,
    program: 'su',
    pid: pidAt(at),
    priority: AUTH * 8 + NOTICE,
    text: `${failed ? 'FAILED SU ' : ''}(to root) ${account} on pts/1`,
  });

/** What the tools for accounts say. */
export const accountLine = (at: number, host: Pick<Host, 'name'>, program: string, text: string): Line =>
  linuxLine({ at, host, program, pid: pidAt(at), text });

/** A record of the audit system, through audisp's syslog plugin. */
export const auditLine = (at: number, host: Pick<Host, 'name'>, type: string, rest: string): Line =>
  linuxLine({
    at,
    host,
    program: 'audispd',
    text: `type=${type} msg=audit(${(at / 1_000).toFixed(3)}:${Math.floor(at / 50) % 10_000_000}): ${rest}`,
  });

/** Machines whose audit system also reports logins. */
const isAudited = ({ kind }: Host): boolean => kind === 'db' || kind === 'infra';

function auditedLogin({ host, account, address, from, to }: SshSession & { readonly host: Host }): Line[] {
  if (!isAudited(host)) return [];
  const process = `pid=${pidAt(from)} uid=0 auid=${uidOf(account)} ses=${1 + (Math.floor(from / MINUTE) % 9_000)}`;
  const how = `exe="/usr/sbin/sshd" hostname=${address} addr=${address} terminal=ssh res=success`;
  return [
    auditLine(from + 20, host, 'USER_AUTH', `${process} msg='op=PAM:authentication grantors=pam_unix acct="${account}" ${how}'`),
    auditLine(from + 60, host, 'USER_LOGIN', `${process} msg='op=login id=${uidOf(account)} ${how}'`),
    auditLine(to, host, 'USER_END', `${process} msg='op=PAM:session_close grantors=pam_unix acct="${account}" ${how}'`),
  ];
}

const COMMANDS: readonly [string, ...string[]] = [
  '/usr/bin/systemctl status nginx',
  '/usr/bin/systemctl restart app',
  '/usr/bin/journalctl -u app --since today',
  '/usr/bin/apt-get update',
  '/usr/bin/less /var/log/syslog',
  '/usr/bin/ss -tlnp',
  '/usr/bin/docker ps',
  '/usr/bin/tail -n 200 /var/log/nginx/error.log',
  '/usr/bin/df -h',
  '/usr/sbin/nginx -t',
];

/** What the machines see of people's day: also the far end of a vault's session, with the machine's own account. */
export function linuxDay({ sessions }: Workday, { seed }: Pace): Line[] {
  return sessions.filter(({ host }) => LINUX_HOSTS.includes(host)).flatMap((session) => sessionLines(session, seed));
}

function sessionLines(session: MachineSession, seed: number): Line[] {
  const { host, account, shift, vault, from, to, commands } = session;
  const chance = new Chance(seed, 'shell', shift.person.login, from);
  const address = vault === undefined ? shift.address : VAULT.ip;
  const login = { host, account, address, from, to };
  const lines = [...sshLines(login), ...auditedLogin(login)];
  const mistyped = vault === undefined && chance.once(0.08) ? sshFailed(from - 9 * SECOND, host, account, address) : [];
  if (shift.person.craft !== 'linux' || vault !== undefined) return [...mistyped, ...lines];
  const sudos = chance.times(commands, from + MINUTE / 2, to).flatMap((at) => sudoLines(at, host, account, chance.pick(COMMANDS)));
  return [...mistyped, ...lines, ...sudos];
}

/** What machines do without people: cron, the monitoring's logins, rollouts, and the internet knocking at the bastions. */
export function linuxBackground(day: number, { seed, density }: Pace): Line[] {
  return [
    ...LINUX_HOSTS.flatMap((host) => [...cronLines(day, host, seed, density), ...monitoringLines(day, host, seed, density)]),
    ...rolloutLines(day, seed, density),
    ...scannerLines(day, seed, density),
  ];
}

const JOBS: readonly (readonly [minutes: number, user: string, command: string])[] = [
  [60, 'root', '   cd / && run-parts --report /etc/cron.hourly'],
  [30, 'root', 'command -v debian-sa1 > /dev/null && debian-sa1 1 1'],
  [60, 'www-data', '/usr/bin/php /srv/app/cron.php'],
];

function cronLines(day: number, host: Host, seed: number, density: number): Line[] {
  const chance = new Chance(seed, 'cron', host.name);
  const delay = chance.whole(0, 59);
  return JOBS.filter(([, user]) => user === 'root' || host.kind === 'web' || host.kind === 'app').flatMap(([minutes, user, command]) => {
    const every = Math.max(1, Math.round(minutes / density)) * MINUTE;
    return Array.from({ length: Math.floor(DAY / every) }, (_, i) => day + i * every + delay * SECOND).flatMap((at) => {
      const line = (after: number, text: string): Line =>
        linuxLine({ at: at + after, host, program: 'CRON', pid: pidAt(at), text, priority: (after === 2 ? CRON : AUTHPRIV) * 8 + INFO });
      if (minutes < 60) return [line(2, `(${user}) CMD (${command})`)];
      return [
        line(0, `pam_unix(cron:session): session opened for user ${user}(uid=${uidOf(user)}) by (uid=0)`),
        line(2, `(${user}) CMD (${command})`),
        line(900, `pam_unix(cron:session): session closed for user ${user}`),
      ];
    });
  });
}

function monitoringLines(day: number, host: Host, seed: number, density: number): Line[] {
  const chance = new Chance(seed, 'monitor', host.name);
  const every = Math.round((45 * MINUTE) / density);
  const begins = Math.round(chance.between(0, every));
  return Array.from({ length: Math.floor((DAY - begins) / every) }, (_, i) => day + begins + i * every).flatMap((from) =>
    sshLines({ host, account: 'monitor', address: MONITOR.ip, from, to: from + 4 * SECOND }),
  );
}

/** Configuration management goes over the web and app machines, one after another, a few times a day. */
function rolloutLines(day: number, seed: number, density: number): Line[] {
  const chance = new Chance(seed, 'rollout', day, density);
  const hosts = LINUX_HOSTS.filter(({ kind }) => kind === 'web' || kind === 'app');
  return chance.times(chance.near(6 * density), day + 8 * HOUR, day + 19 * HOUR).flatMap((start) =>
    hosts.flatMap((host, i) => {
      const from = start + i * 20 * SECOND;
      const commands = ['/usr/bin/apt-get install -y app', '/usr/bin/systemctl restart app'];
      return [
        ...sshLines({ host, account: 'deploy', address: CONFIGURATION.ip, from, to: from + 15 * SECOND }),
        ...commands.flatMap((command, step) => sudoLines(from + (3 + step * 5) * SECOND, host, 'deploy', command)),
      ];
    }),
  );
}

const GUESSES = ['admin', 'test', 'oracle', 'ubuntu', 'git', 'pi', 'user', 'ftpuser', 'postgres', 'minecraft'] as const;

function scannerLines(day: number, seed: number, density: number): Line[] {
  const chance = new Chance(seed, 'scanners', day, density);
  const bastions = LINUX_HOSTS.filter(({ kind }) => kind === 'bastion');
  return bastions.flatMap((host) =>
    chance.times(chance.near(700 * density), day, day + DAY).flatMap((at) => {
      const address = chance.once(0.1) ? `2001:db8:bad::${chance.whole(1, 99)}` : `203.0.113.${chance.whole(128, 254)}`;
      const known = chance.once(0.3);
      return sshFailed(at, host, known ? 'root' : chance.pick(GUESSES), address, known);
    }),
  );
}
