import { Chance, DAY, HOUR, MINUTE, SECOND } from './acme/chance.ts';
import { CREDENTIALS, fullName, HOSTS, type Host, VAULT } from './acme/estate.ts';
import type { Line } from './acme/line.ts';
import { PEOPLE, type Person } from './acme/people.ts';
import type { Approval, MachineSession, Pace, PasswordView, Shift, Workday } from './acme/workday.ts';

/**
 * A Segura vault, as it writes to a SIEM in the format CEF: names of events, their priorities and the keys of each kind are those of the
 * vendor's tables ("Integration with SIEM", v3.32). Keys that no standard has (`sname`), numbers of message types in `suid` and the text
 * `root duid=35` in `duser` are the product's own.
 */
export interface SeguraEvent {
  readonly id: string;
  /** In the order in which they are sent. */
  readonly keys: Readonly<Record<string, string | number>>;
}

type Priority = 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert';

/** Syslog severity and CEF severity of each priority. */
const PRIORITIES: Readonly<Record<Priority, readonly [syslog: number, cef: number]>> = {
  info: [6, 3],
  notice: [5, 5],
  warning: [4, 6],
  error: [3, 7],
  critical: [2, 8],
  alert: [1, 9],
};

const CATALOGUE: Readonly<Record<string, readonly [name: string, priority: Priority]>> = {
  1: ['Password Viewed', 'notice'],
  8: ['Lost of connectivity', 'warning'],
  9: ['Reestablished Connectivity', 'notice'],
  12: ['Command detected - High Urgency', 'critical'],
  13: ['New request', 'notice'],
  14: ['Request approved', 'notice'],
  15: ['Request Disapproved', 'notice'],
  16: ['Session started', 'notice'],
  17: ['Session finished', 'notice'],
  18: ['Backup performed', 'notice'],
  20: ['Error on change', 'error'],
  21: ['Change Executed', 'notice'],
  22: ['Password confirmed', 'info'],
  31: ['Command detected - Block and interrupt session', 'warning'],
  33: ['Command detected - Allow', 'info'],
  34: ['Session file modified', 'notice'],
  56: ['Session indexed text', 'info'],
  86: ['Accesses at unusual time', 'notice'],
  99: ['Unexpected location', 'notice'],
  102: ['Failed recovery attempt', 'error'],
  118: ['Access unusual target', 'notice'],
  121: ['View unusual credential', 'notice'],
  '1695.001': ['User login', 'notice'],
  '1695.002': ['User logout', 'notice'],
  '1695.003': ['Session expired', 'notice'],
  '1695.010': ['I18N_REGISTER_TWOFACTOR_TOKEN', 'notice'],
  '1695.011': ['I18N_VALIDATE_TWOFACTOR_TOKEN', 'notice'],
  '1695.013': ['I18N_DELETE_TWOFACTOR_TOKEN', 'notice'],
};

const FACILITY_USER = 1;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The line of an event: RFC 3164's header, whose time is to the second and in UTC, then CEF. */
export function seguraLine(at: number, { id, keys }: SeguraEvent): Line {
  const [name = id, priority = 'notice'] = CATALOGUE[id] ?? [];
  const [syslog, severity] = PRIORITIES[priority];
  const extension = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
  const head = `<${FACILITY_USER * 8 + syslog}>${bsdTime(at)} ${VAULT.name} CEF:0|MT4|senhasegura|3.32.0|${id}|${name}|${severity}|`;
  return { at, door: 'segura', text: `${head}${extension.join(' ')}` };
}

export function bsdTime(at: number): string {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)}`;
}

/** Segura's own number of a user. */
const userId = (person: Person): number => 40 + PEOPLE.indexOf(person);

const nameOf = ({ name }: Person): string => name;
const deviceOf = (host: Host): string => `${host.name} (${host.ip})`;

export const signedIn = ({ from, person, address }: Shift): Line =>
  seguraLine(from, {
    id: '1695.001',
    keys: {
      dvc: VAULT.ip,
      spid: pidOf(from),
      src: address,
      suid: userId(person),
      sname: nameOf(person),
      suser: person.login,
      requestMethod: 'POST',
      act: 'User login',
      msg: 'Successfully authenticated.',
    },
  });

const secondFactor = (id: '1695.011' | '1695.013', at: number, { person, address }: Pick<Shift, 'person' | 'address'>): Line =>
  seguraLine(at, {
    id,
    keys: {
      dvc: VAULT.ip,
      spid: pidOf(at),
      src: address,
      suid: userId(person),
      sname: nameOf(person),
      suser: person.login,
      msg: `Two-factor authentication token has been ${id === '1695.011' ? 'validated' : 'deleted'}`,
    },
  });

export const secondFactorRemoved = (at: number, who: Pick<Shift, 'person' | 'address'>): Line => secondFactor('1695.013', at, who);

const signedOut = ({ to, person, address }: Shift, id: '1695.002' | '1695.003'): Line =>
  seguraLine(to, {
    id,
    keys: {
      dvc: VAULT.ip,
      spid: pidOf(to),
      src: address,
      suid: userId(person),
      sname: nameOf(person),
      suser: person.login,
      msg: id === '1695.002' ? 'User logged out.' : 'User session expired.',
    },
  });

/** Somebody looks at a password: with its request and its approval before, where there were any. */
export function viewLines({ at, shift, host, account, approval }: PasswordView): Line[] {
  const { person } = shift;
  const viewed = seguraLine(at, {
    id: '1',
    keys: {
      msg: `Password ${deviceOf(host)} - Local User - ${account} viewed by user ${person.login}`,
      suid: 164,
      sname: nameOf(person),
      suser: person.login,
      spid: pidOf(at),
      src: shift.address,
      duser: `${account} duid=${accountId(host, account)}`,
      dst: host.ip,
      dhost: fullName(host),
    },
  });
  if (approval === undefined) return [viewed];
  const wish = `view password for credential ${account} on device ${deviceOf(host)}`;
  return [...requestLines({ shift, host, account, approval, wish, action: 'View password', until: approval.askedAt + HOUR }), viewed];
}

interface Asked extends Pick<PasswordView, 'shift' | 'host' | 'account'> {
  readonly approval: Approval;
  /** What for, in the words of the message, and as the label has it. */
  readonly wish: string;
  readonly action: string;
  /** The window begins when it is asked for. */
  readonly until: number;
}

/** A request, and the answer of somebody else. */
function requestLines({ shift: { person }, host, account, approval, wish, action, until }: Asked): Line[] {
  const { by, askedAt, approvedAt } = approval;
  const about = `Request details: Action to ${wish}`;
  const keys = (who: Person, when: number, msg: string) => ({
    msg,
    suid: userId(who),
    sname: nameOf(who),
    suser: who.login,
    spid: pidOf(when),
    dst: host.ip,
    duser: account,
    cs1Label: 'Change Request',
    cs1: requestCode(askedAt),
    cs2Label: 'Validity Start',
    cs2: stamp(askedAt),
    cs3Label: 'Validity End',
    cs3: stamp(until),
    cs4Label: 'Approver',
    cs4: nameOf(by),
    cs5Label: 'Requester',
    cs5: nameOf(person),
    cs6Label: 'Action',
    cs6: action,
  });
  const asked = `User '${nameOf(person)}' created a request. ${about}`;
  const approved = `Request approved by ${nameOf(by)} on ${stamp(approvedAt)}. Code: ${requestCode(askedAt)} Requester: ${nameOf(person)} Requested on: ${stamp(askedAt)} ${about}`;
  return [
    seguraLine(askedAt, { id: '13', keys: keys(person, askedAt, asked) }),
    seguraLine(approvedAt, { id: '14', keys: keys(by, approvedAt, approved) }),
  ];
}

/** How long a session may last that was asked for. */
const GRANTED_MS = 4 * HOUR;

/** A recorded session, from start to end; afterwards its text is indexed. Where it was asked for, with the request and the answer before. */
export function sessionLines({ from, to, shift, host, account, approval }: Omit<MachineSession, 'commands' | 'vault'>): Line[] {
  const { person, address } = shift;
  const kind = host.kind === 'windows' ? 'Privileged Domain User' : 'Privileged Local User';
  const keys = (word: 'started' | 'ended') => ({
    msg: `Session ${word} for ${deviceOf(host)} - ${kind} - ${account} by user ${nameOf(person)} (${person.login})`,
    suid: 153,
    sname: nameOf(person),
    suser: person.login,
    spid: pidOf(from),
    src: address,
    dst: host.ip,
    dhost: fullName(host),
    dpt: host.kind === 'windows' ? 3389 : 22,
    duser: account,
  });
  const wish = `start session for credential ${account} on device ${deviceOf(host)}`;
  const until = (approval?.askedAt ?? from) + GRANTED_MS;
  return [
    ...(approval === undefined ? [] : requestLines({ shift, host, account, approval, wish, action: 'Start session', until })),
    seguraLine(from, { id: '16', keys: keys('started') }),
    seguraLine(to, { id: '17', keys: keys('ended') }),
    seguraLine(to + 3 * MINUTE, {
      id: '56',
      keys: { msg: 'A text of a session has been indexed', suid: 153, sname: 'Asynchronous Script: 21', suser: 'asc_21', spid: pidOf(to) },
    }),
  ];
}

/** An audited command: allowed, or forbidden so that the session is cut. */
export const commandLine = (
  id: '12' | '31' | '33',
  at: number,
  { shift, host, account }: Omit<MachineSession, 'commands' | 'vault' | 'from' | 'to'>,
): Line =>
  seguraLine(at, {
    id,
    keys: {
      msg: `An audited command was detected! Action: ${id === '31' ? 'Command blocked and session terminated' : 'Command notified and allowed'}`,
      suid: userId(shift.person),
      sname: nameOf(shift.person),
      suser: shift.person.login,
      spid: pidOf(at),
      src: shift.address,
      dst: host.ip,
      dhost: fullName(host),
      dpt: 22,
      duser: account,
    },
  });

/** What the behavior analysis of the vault thinks. */
export const unusual = (id: '86' | '99' | '118' | '121', at: number, { person, address }: Pick<Shift, 'person' | 'address'>): Line =>
  seguraLine(at, {
    id,
    keys: {
      msg: {
        86: 'Some accesses occurred at an unusual time',
        99: 'A user logged in from an unexpected location',
        118: 'A user accessed an unusual target',
        121: 'A user viewed an unusual credential',
      }[id],
      suid: userId(person),
      sname: nameOf(person),
      suser: person.login,
      spid: pidOf(at),
      src: address,
    },
  });

export const recoveryFailed = (at: number, address: string): Line =>
  seguraLine(at, {
    id: '102',
    keys: {
      msg: 'Recovery attempt failed. The key fractions are invalid',
      requestMethod: 'POST',
      act: 'Recovery attempt failed',
      sourceServiceName: 'Master Key',
      src: address,
      originIP: address,
      country: 'Brazil',
      state: 'Sao Paulo',
      city: 'Taboao da Serra',
    },
  });

export const recordingModified = (at: number, file: number): Line =>
  seguraLine(at, {
    id: '34',
    keys: {
      msg: 'A session file was modified!',
      suid: 12,
      sname: 'Asynchronous Script: 12',
      suser: 'asc_12',
      spid: pidOf(at),
      cs1Label: 'Id',
      cs1: file,
      cs2Label: 'Initial Size',
      cs2: 1_048_576,
      cs3Label: 'Final Size',
      cs3: 524_288,
      cs4Label: 'Initial Checksum',
      cs4: 'f5751777b74f8e2f2d36c6f1e3b1a5d0',
      cs5Label: 'Final Checksum',
      cs5: '284f15555745489014f2e0c8a7b6d9e3',
    },
  });

/** All that people's day makes in the vault. */
export function seguraDay({ shifts, views, sessions }: Workday, { seed }: Pace): Line[] {
  const users = new Set([
    ...views.map(({ shift }) => shift),
    ...sessions.filter(({ vault }) => vault === 'segura').map(({ shift }) => shift),
  ]);
  return [
    ...shifts.filter((shift) => users.has(shift)).flatMap((shift) => signInLines(shift, seed)),
    ...views.flatMap(viewLines),
    ...sessions.filter(({ vault }) => vault === 'segura').flatMap((session) => [...sessionLines(session), ...auditedLines(session, seed)]),
  ];
}

function signInLines(shift: Shift, seed: number): Line[] {
  const chance = new Chance(seed, 'vault', shift.person.login, shift.from);
  return [
    signedIn(shift),
    secondFactor('1695.011', shift.from + 9 * SECOND, shift),
    signedOut(shift, chance.once(0.3) ? '1695.003' : '1695.002'),
  ];
}

/** Now and then an audited command is seen, and allowed. */
function auditedLines(session: MachineSession, seed: number): Line[] {
  const chance = new Chance(seed, 'audited', session.shift.person.login, session.from);
  return chance.once(0.12) ? [commandLine('33', Math.round(chance.between(session.from, session.to)), session)] : [];
}

/** What the vault does by itself: passwords confirmed and changed, backups, devices lost and found. */
export function seguraNight(day: number, { seed, density }: Pace): Line[] {
  const chance = new Chance(seed, 'vault', day, density);
  const lines: Line[] = [];
  for (const host of HOSTS) {
    for (const account of CREDENTIALS[host.kind]) lines.push(...rotationLines(day, host, account, chance));
    if (chance.once(0.05 * density)) lines.push(...connectivityLines(Math.round(day + chance.between(0, DAY - HOUR)), host, chance));
  }
  for (const hour of [1, 7, 13, 19]) lines.push(backupLine(day + hour * HOUR + chance.whole(0, 50) * SECOND));
  return lines;
}

function rotationLines(day: number, host: Host, account: string, chance: Chance): Line[] {
  const script = (id: '20' | '21' | '22', at: number, msg: string): Line =>
    seguraLine(at, {
      id,
      keys: { msg, suid: 9, sname: 'Asynchronous Script: 17', spid: pidOf(at), dst: host.ip, dhost: fullName(host), duser: account },
    });
  const confirmedAt = Math.round(day + chance.between(2, 3) * HOUR);
  const lines = [script('22', confirmedAt, `Password ${deviceOf(host)} - Local User - ${account} confirmed`)];
  const changedAt = Math.round(day + chance.between(3, 4) * HOUR);
  if (chance.once(0.02)) {
    const why = `The device '${deviceOf(host)}' does not have SSH connectivity`;
    lines.push(script('20', changedAt, `Error changing password '${deviceOf(host)} - Local User - ${account}': ${why}`));
  } else if (chance.once(0.4))
    lines.push(script('21', changedAt, `Password ${deviceOf(host)} - Local User - ${account} changed by user asc_17`));
  return lines;
}

function connectivityLines(lostAt: number, host: Host, chance: Chance): Line[] {
  const line = (id: '8' | '9', at: number, words: string): Line =>
    seguraLine(at, {
      id,
      keys: {
        msg: `The device ${deviceOf(host)} ${words} SSH connectivity`,
        suid: 8,
        sname: 'Asynchronous Script: 9',
        spid: pidOf(at),
        dst: host.ip,
        dhost: fullName(host),
        dpt: 22,
      },
    });
  return [line('8', lostAt, 'lost'), line('9', Math.round(lostAt + chance.between(1, 40) * MINUTE), 'has recovered')];
}

const backupLine = (at: number): Line =>
  seguraLine(at, {
    id: '18',
    keys: {
      msg: "Backup sent to server 'localhost:/srv/backup' via local",
      suid: 15,
      sname: 'Asynchronous Script: 8',
      spid: pidOf(at),
      dhost: 'localhost',
    },
  });

const pidOf = (at: number): number => 1_000 + (Math.floor(at / SECOND) % 30_000);
const requestCode = (at: number): string => `S${String(Math.floor(at / MINUTE) % 1_000_000).padStart(6, '0')}`;
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const accountId = (host: Host, account: string): number =>
  (HOSTS.indexOf(host) + 1) * 10 + Math.max(0, CREDENTIALS[host.kind].indexOf(account));
