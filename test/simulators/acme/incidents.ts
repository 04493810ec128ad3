import { crmLine, downloadAct, signInAct } from '../http-app.ts';
import { accountLine, auditLine, sshFailed, sshLines, sudoLines, sudoRefused, suToRoot } from '../linux-hosts.ts';
import { signInFailed } from '../pam-osirium.ts';
import {
  commandLine,
  recordingModified,
  recoveryFailed,
  secondFactorRemoved,
  sessionLines,
  signedIn,
  unusual,
  viewLines,
} from '../pam-segura.ts';
import { Chance, DAY, HOUR, MINUTE, midnight, SECOND } from './chance.ts';
import { ALL_POWERFUL, hostOf, LINUX_HOSTS } from './estate.ts';
import type { Line } from './line.ts';
import { deskOf, type Person, personOf, vpnAddressOf } from './people.ts';
import type { Shift } from './workday.ts';

/** Addresses from which nobody at Acme works. */
const STRANGER = '203.0.113.66';
const CAFE = '203.0.113.90';

const shift = (login: string, at: number, address?: string): Shift => {
  const person = personOf(login);
  return { person, from: at, to: at + 2 * HOUR, address: address ?? vpnAddressOf(person), inOffice: false };
};

/**
 * What went wrong at Acme before `now`, most of it in the last week, and what only looked so. Each line is at a clock time of a day before, or so many
 * hours before `now`.
 */
export function plantedLines(now: number, seed: number): Line[] {
  const clock = (daysBefore: number, hours: number, minutes: number) => midnight(now) - daysBefore * DAY + hours * HOUR + minutes * MINUTE;
  const before = (hours: number) => now - Math.round(hours * HOUR);
  return [
    ...salesmanTakesTheLeads(before(30), before(6)),
    ...passwordAtNight(clock(1, 3, 7)),
    ...passwordsByTheDozen(before(3.4)),
    ...guessedRoot(before(74)),
    ...contractorCut(before(52), before(9)),
    ...wentOnTooLong(before(7)),
    ...secondFactorGone(before(20)),
    ...recordingChanged(before(98)),
    ...recoveryTried(clock(4, 22, 41)),
    ...changesOfAccounts(before),
    ...auditTrail(before),
    ...theWeekBefore(before),
    ...oddities(now, seed),
  ].sort((a, b) => a.at - b.at);
}

/** Matt leaves in a few days. He takes the leads with him, with a program that nobody else uses. */
function salesmanTakesTheLeads(first: number, second: number): Line[] {
  const matt = { person: personOf('mcalloway'), address: CAFE };
  const client = 'Scrapers Inc/1.0';
  return [first, second].flatMap((start, round) => [
    crmLine({ ...signInAct({ ...matt, from: start }), client }),
    ...Array.from({ length: 17 }, (_, i) =>
      crmLine({
        ...downloadAct(start + (5 + i * 14) * SECOND, matt, `Leads-${round + 1}-${String(i + 1).padStart(2, '0')}.csv`, 400_000 + i * 731),
        client,
      }),
    ),
    crmLine({ ...downloadAct(start + 5 * MINUTE, matt, 'Glengarry-Leads.xlsx', 18_204_113), client }),
  ]);
}

/** At three in the morning, without a request. */
function passwordAtNight(at: number): Line[] {
  const night = shift('wchen', at - 2 * MINUTE, CAFE);
  const host = hostOf('db01');
  return [
    signedIn(night),
    unusual('86', at - MINUTE, night),
    ...viewLines({ at, shift: night, host, account: ALL_POWERFUL[host.kind] }),
    unusual('121', at + 30 * SECOND, night),
    ...sshLines({ host, account: 'root', address: CAFE, from: at + 4 * MINUTE, to: at + 26 * MINUTE, method: 'password' }),
    auditLine(at + 9 * MINUTE, host, 'CONFIG_CHANGE', 'auid=0 ses=71 op=set audit_enabled=0 old=1 res=1'),
    auditLine(at + 24 * MINUTE, host, 'CONFIG_CHANGE', 'auid=0 ses=71 op=set audit_enabled=1 old=0 res=1'),
  ];
}

/** One password after another: somebody collects them. */
function passwordsByTheDozen(start: number): Line[] {
  const collector = shift('xdubois', start, vpnAddressOf(personOf('xdubois')));
  return LINUX_HOSTS.slice(0, 18).flatMap((host, i) =>
    viewLines({ at: start + i * 11 * SECOND, shift: collector, host, account: i % 3 === 0 ? 'root' : 'deploy' }),
  );
}

/** Guessed until it opened; then a second root. */
function guessedRoot(start: number): Line[] {
  const host = hostOf('mail01');
  const opened = start + 14 * MINUTE;
  return [
    ...Array.from({ length: 160 }, (_, i) => sshFailed(start + i * 5 * SECOND, host, 'root', STRANGER)).flat(),
    ...sshLines({ host, account: 'root', address: STRANGER, from: opened, to: opened + 20 * MINUTE, method: 'password' }),
    accountLine(opened + 2 * MINUTE, host, 'useradd', 'new user: name=mailadm, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/0'),
    auditLine(opened + 2 * MINUTE, host, 'EXECVE', 'argc=7 a0="useradd" a1="-o" a2="-u" a3="0" a4="-g" a5="0" a6="mailadm"'),
    auditLine(
      opened + 3 * MINUTE,
      host,
      'PATH',
      'item=1 name="/root/.ssh/authorized_keys" inode=1234 dev=fd:01 mode=0100600 ouid=0 ogid=0 rdev=00:00 nametype=CREATE cap_fp=0',
    ),
    auditLine(opened + 5 * MINUTE, host, 'DAEMON_END', 'op=terminate auid=0 uid=0 ses=9 pid=611 subj=unconfined res=success'),
    accountLine(opened + 70 * MINUTE, host, 'userdel', "delete user 'mailadm'"),
  ];
}

/** The vault cuts a contractor's session, twice. */
const contractorCut = (...times: readonly number[]): Line[] =>
  times.flatMap((at) => {
    const session = { shift: shift('bromario', at), host: hostOf('app03'), account: 'svc_app' };
    return [...sessionLines({ ...session, from: at - 8 * MINUTE, to: at + SECOND }), commandLine('31', at, session)];
  });

/** Approved for four hours, and left open for longer. */
function wentOnTooLong(from: number): Line[] {
  const approval = { by: personOf('msilva'), askedAt: from - 20 * MINUTE, approvedAt: from - 6 * MINUTE };
  return sessionLines({ shift: shift('pmurray', from), host: hostOf('web03'), account: 'deploy', from, to: from + 5 * HOUR, approval });
}

function secondFactorGone(at: number): Line[] {
  const who = { person: personOf('nreddy'), address: STRANGER };
  return [unusual('99', at - 4 * MINUTE, who), secondFactorRemoved(at, who), unusual('118', at + 12 * MINUTE, who)];
}

const recordingChanged = (at: number): Line[] => [recordingModified(at, 4711)];
const recoveryTried = (at: number): Line[] => [recoveryFailed(at, '192.0.2.131')];

/** Accounts and rights that changed on the machines; most of it was asked for. */
function changesOfAccounts(before: (hours: number) => number): Line[] {
  const newcomer = (hours: number, host: string, login: string) => [
    accountLine(
      before(hours),
      hostOf(host),
      'useradd',
      `new user: name=${login}, UID=1200, GID=1200, home=/home/${login}, shell=/bin/bash, from=/dev/pts/0`,
    ),
    accountLine(before(hours) + 20 * SECOND, hostOf(host), 'usermod', `add '${login}' to group 'sudo'`),
    accountLine(before(hours) + 21 * SECOND, hostOf(host), 'usermod', `add '${login}' to shadow group 'sudo'`),
  ];
  return [
    ...newcomer(119, 'web02', 'dferreira'),
    ...newcomer(14, 'app05', 'kmensah'),
    accountLine(before(66), hostOf('ci01'), 'gpasswd', 'user zwright added by root to group docker'),
    accountLine(before(41), hostOf('db03'), 'usermod', "change user 'svc_backup' shell from '/usr/sbin/nologin' to '/bin/bash'"),
    ...sshLines({ host: hostOf('web04'), account: 'www-data', address: '198.51.100.24', from: before(37), to: before(36.8) }),
    ...sudoLines(before(90), hostOf('bastion01'), 'sito', '/usr/sbin/visudo'),
    ...sudoLines(before(11), hostOf('app07'), 'vrao', '/usr/bin/tee /etc/sudoers.d/90-vrao'),
  ];
}

function auditTrail(before: (hours: number) => number): Line[] {
  const keys = (hours: number, host: string, login: string) =>
    auditLine(
      before(hours),
      hostOf(host),
      'PATH',
      `item=0 name="/home/${login}/.ssh/authorized_keys" inode=1234 dev=fd:01 mode=0100600 ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL cap_fp=0`,
    );
  return [
    auditLine(before(130), hostOf('ldap01'), 'CONFIG_CHANGE', 'auid=1004 ses=2 op=remove_rule key="identity" list=4 res=1'),
    auditLine(before(129.9), hostOf('ldap01'), 'CONFIG_CHANGE', 'auid=1004 ses=2 op=add_rule key="identity" list=4 res=1'),
    auditLine(before(22), hostOf('web06'), 'CONFIG_CHANGE', 'auid=1008 ses=5 op=remove_rule key="exec" list=4 res=1'),
    keys(104, 'app02', 'akowalski'),
    keys(17, 'web01', 'pmurray'),
  ];
}

/** Calmer than the last one, so that there is something to compare with. */
const theWeekBefore = (before: (hours: number) => number): Line[] => [
  ...contractorCut(before(301)),
  ...sudoLines(before(268), hostOf('app01'), 'akowalski', '/usr/sbin/visudo'),
  accountLine(before(226), hostOf('git01'), 'usermod', "add 'zwright' to group 'docker'"),
  auditLine(before(203), hostOf('db02'), 'CONFIG_CHANGE', 'auid=1011 ses=2 op=remove_rule key="identity" list=4 res=1'),
  recordingModified(before(190), 4208),
];

const CURIOUS = ['apatel', 'jtorres', 'lnovak', 'smenon', 'yhassan', 'rsouza'] as const;
const SHELLS = ['jsilva', 'akowalski', 'pmurray', 'vrao', 'sito', 'dferreira'] as const;

/** What three weeks have of slips, shells and nights on call. */
function oddities(now: number, seed: number): Line[] {
  const chance = new Chance(seed, 'oddities');
  const times = (count: number) => chance.times(3 * count, now - 21 * DAY, now - HOUR / 2);
  const apps = LINUX_HOSTS.filter(({ kind }) => kind === 'app');
  const host = () => apps[chance.whole(0, apps.length - 1)] ?? hostOf('app01');
  return [
    ...times(5).map((at) => sudoRefused(at, host(), chance.pick(CURIOUS), '/usr/bin/cat /var/log/auth.log')),
    ...times(9).flatMap((at) => sudoLines(at, host(), chance.pick(SHELLS), chance.once(0.5) ? '/bin/bash' : '/usr/bin/su -')),
    ...times(8).flatMap((at) => {
      const [where, who] = [host(), chance.pick(SHELLS)];
      return [suToRoot(at, where, who, true), suToRoot(at + 7 * SECOND, where, who, false)];
    }),
    ...times(3).map((at) => unusual('86', at, atDesk(personOf(chance.pick(SHELLS))))),
    ...times(12).map((at) => signInFailed(at, atDesk(personOf('gmarsh')))),
  ];
}

const atDesk = (person: Person) => ({ person, address: deskOf(person) });

/** Within two minutes of `start`, before eyes: a guessed root password at a machine, and what the intruder does with it. */
export function liveIncident(start: number): Line[] {
  const host = hostOf('git01');
  const at = (seconds: number) => start + seconds * SECOND;
  const nisha = shift('nreddy', at(15), STRANGER);
  return [
    signedIn(nisha),
    unusual('99', at(18), nisha),
    ...viewLines({ at: at(24), shift: nisha, host, account: 'root' }),
    ...Array.from({ length: 24 }, (_, i) => sshFailed(at(28 + i), host, 'root', STRANGER)).flat(),
    ...sshLines({ host, account: 'root', address: STRANGER, from: at(54), to: at(118), method: 'password' }),
    accountLine(at(64), host, 'useradd', 'new user: name=gitsvc, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/0'),
    accountLine(at(70), host, 'usermod', "add 'gitsvc' to group 'sudo'"),
    auditLine(
      at(78),
      host,
      'PATH',
      'item=1 name="/root/.ssh/authorized_keys" inode=991 dev=fd:01 mode=0100600 ouid=0 ogid=0 rdev=00:00 nametype=CREATE cap_fp=0',
    ),
    auditLine(at(90), host, 'CONFIG_CHANGE', 'auid=0 ses=12 op=set audit_enabled=0 old=1 res=1'),
    ...Array.from({ length: 12 }, (_, i) =>
      crmLine(downloadAct(at(60 + i * 4), { person: personOf('mcalloway'), address: CAFE }, `Leads-3-${i + 1}.csv`, 380_000)),
    ),
  ].sort((one, other) => one.at - other.at);
}

/** Where the salesman of the story sits. */
export const SCRAPING_FROM = CAFE;

/** Within a minute of `start`: a database administrator looks at root's password without a request, and opens one machine after another. */
export function administratorGoesRound(start: number): Line[] {
  const wei = shift('wchen', start);
  const sessions = (['db01', 'db02', 'dwh01'] as const).map((name, i) => {
    const host = hostOf(name);
    const from = start + (14 + i * 9) * SECOND;
    return { shift: wei, host, account: ALL_POWERFUL[host.kind], from, to: from + 5 * MINUTE };
  });
  const [first] = sessions;
  return [
    signedIn(wei),
    unusual('86', start + 4 * SECOND, wei),
    ...viewLines({ at: start + 8 * SECOND, shift: wei, host: hostOf('db01'), account: ALL_POWERFUL.db }),
    ...sessions.flatMap(sessionLines),
    ...(first === undefined ? [] : [commandLine('12', start + 40 * SECOND, first)]),
  ].sort((one, other) => one.at - other.at);
}
