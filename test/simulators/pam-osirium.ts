import { Chance, HOUR, MINUTE, SECOND } from './acme/chance.ts';
import { fullName, hostsOf, PXM } from './acme/estate.ts';
import type { Line } from './acme/line.ts';
import { adminAccountOf, type Person } from './acme/people.ts';
import type { MachineSession, Pace, Shift, Workday } from './acme/workday.ts';

/**
 * An Osirium PxM Platform (with its automated tasks, PPA), as it writes CEF: by the rules of Osirium's own library (Osirium/format_cef):
 * keys in alphabetical order, only keys of the dictionary, times as `Nov 20 2026 23:50:01`, `\`, `=` and `|` escaped. Osirium publishes
 * no list of its events: numbers and names of events here are made up.
 */
export interface OsiriumEvent {
  readonly id: number;
  readonly name: string;
  /** 0 to 10. */
  readonly severity: number;
  readonly keys: Readonly<Record<string, string | number>>;
}

const FACILITY_AUDIT = 13;

/** The line of an event: RFC 5424's header, then CEF. */
export function osiriumLine(at: number, { id, name, severity, keys }: OsiriumEvent): Line {
  const all: Record<string, string | number> = { ...keys, dvchost: `${PXM.name}.example.com`, rt: cefTime(at) };
  const extension = Object.keys(all)
    .sort()
    .map((key) => `${key}=${escapeValue(`${all[key]}`)}`)
    .join(' ');
  const syslog = severity >= 7 ? 3 : severity >= 5 ? 5 : 6;
  const head = `<${FACILITY_AUDIT * 8 + syslog}>1 ${new Date(at).toISOString()} ${PXM.name} pxm - ${id} -`;
  return { at, door: 'osirium', text: `${head} CEF:0|Osirium|PxM Platform|8.1.2|${id}|${escapeHeader(name)}|${severity}|${extension}` };
}

const escapeHeader = (text: string): string => text.replace(/[\\|]/g, '\\$&');
const escapeValue = (text: string): string => text.replace(/[\\=]/g, '\\$&');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `%b %d %Y %H:%M:%S`, in UTC. */
export function cefTime(at: number): string {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)}`;
}

const whoKeys = (person: Person, address: string) => ({ src: address, suser: person.login, suid: `EXAMPLE\\${person.login}` });

const signIn = ({ from, person, address }: Shift): Line =>
  osiriumLine(from, {
    id: 1001,
    name: 'User logged on',
    severity: 3,
    keys: { ...whoKeys(person, address), act: 'logon', outcome: 'success', msg: `${person.name} logged on` },
  });

export const signInFailed = (at: number, { person, address }: Pick<Shift, 'person' | 'address'>): Line =>
  osiriumLine(at, {
    id: 1002,
    name: 'User logon failed',
    severity: 6,
    keys: {
      ...whoKeys(person, address),
      act: 'logon',
      outcome: 'failure',
      reason: 'wrong password',
      msg: `${person.name} failed to log on`,
    },
  });

const signOut = ({ to, person, address }: Shift): Line =>
  osiriumLine(to, {
    id: 1003,
    name: 'User logged off',
    severity: 2,
    keys: { ...whoKeys(person, address), act: 'logoff', outcome: 'success', msg: `${person.name} logged off` },
  });

function connectionLines({ from, to, shift, host, account }: MachineSession): Line[] {
  const { person, address } = shift;
  const keys = {
    ...whoKeys(person, address),
    app: host.kind === 'windows' ? 'RDP' : 'SSH',
    dhost: fullName(host),
    dst: host.ip,
    dpt: host.kind === 'windows' ? 3389 : 22,
    duser: account,
  };
  return [
    osiriumLine(from, {
      id: 2001,
      name: 'Device connection started',
      severity: 4,
      keys: { ...keys, act: 'connect', outcome: 'success', msg: `${person.name} connected to ${host.name} as ${account}` },
    }),
    osiriumLine(to, {
      id: 2002,
      name: 'Device connection ended',
      severity: 3,
      keys: { ...keys, act: 'disconnect', start: cefTime(from), end: cefTime(to), msg: `${person.name} disconnected from ${host.name}` },
    }),
  ];
}

const TASKS = [
  'Reset domain password',
  'Unlock account',
  'Restart print spooler',
  'Add mailbox delegate',
  'Free disk space',
  'Create shared folder | finance',
] as const;

/** Tasks that people start and the platform does, with rights that they do not have. */
function taskLines(shift: Shift, { seed, density }: Pace): Line[] {
  if (shift.person.craft !== 'support' && shift.person.craft !== 'windows') return [];
  const chance = new Chance(seed, 'tasks', shift.person.login, shift.from, density);
  const hosts = hostsOf('windows');
  return chance.times(chance.near(9 * density), shift.from, shift.to).map((at) => {
    const host = chance.pick(hosts);
    const failed = chance.once(0.06);
    const task = chance.pick(TASKS);
    return osiriumLine(at, {
      id: failed ? 3003 : 3002,
      name: failed ? 'Task failed' : 'Task completed',
      severity: failed ? 6 : 3,
      keys: {
        ...whoKeys(shift.person, shift.address),
        act: task,
        dhost: fullName(host),
        dst: host.ip,
        duser: adminAccountOf(shift.person),
        outcome: failed ? 'failure' : 'success',
        msg: `Task "${task}" by ${shift.person.name}${failed ? ': exit code=1' : ''}`,
      },
    });
  });
}

export function osiriumDay({ shifts, sessions }: Workday, pace: Pace): Line[] {
  const own = sessions.filter(({ vault }) => vault === 'osirium');
  const users = new Set(own.map(({ shift }) => shift));
  return [
    ...shifts.filter((shift) => users.has(shift)).flatMap((shift) => [...slips(shift, pace.seed), signIn(shift), signOut(shift)]),
    ...own.flatMap(connectionLines),
    ...shifts.flatMap((shift) => taskLines(shift, pace)),
  ];
}

/** A mistyped password, as happens in the morning. */
function slips(shift: Shift, seed: number): Line[] {
  const chance = new Chance(seed, 'slip', shift.person.login, shift.from);
  return chance.once(0.12) ? [signInFailed(shift.from - 20 * SECOND, shift)] : [];
}

/** The platform looks after the passwords of the accounts that it keeps. */
export function osiriumNight(day: number, { seed, density }: Pace): Line[] {
  const chance = new Chance(seed, 'osirium', day, density);
  return hostsOf('windows', 'network').flatMap((host) =>
    chance.times(chance.near(4 * density), day, day + 24 * HOUR - MINUTE).map((at) =>
      osiriumLine(at, {
        id: 4001,
        name: 'Account credentials verified',
        severity: 1,
        keys: {
          act: 'verify',
          dhost: fullName(host),
          dst: host.ip,
          duser: 'osirium_mgmt',
          outcome: 'success',
          msg: `${host.name} is in sync`,
        },
      }),
    ),
  );
}
