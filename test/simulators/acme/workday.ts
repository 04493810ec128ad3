import { Chance, DAY, HOUR, MINUTE } from './chance.ts';
import { ALL_POWERFUL, CREDENTIALS, type Host, hostsOf } from './estate.ts';
import { AT_WORK, type Craft, deskOf, isAdmin, OFFICES, type Person, personOf, vpnAddressOf } from './people.ts';

/** The two vaults: Segura for Linux, databases and the network; Osirium for Windows and for support's tasks. */
export type Vault = 'segura' | 'osirium';

/** A person is at work, from one address. Milliseconds since the epoch. */
export interface Shift {
  readonly person: Person;
  readonly from: number;
  readonly to: number;
  readonly address: string;
  readonly inOffice: boolean;
}

/** Somebody asks for the password, or for a session, and somebody else says yes. */
export interface Approval {
  readonly by: Person;
  readonly askedAt: number;
  readonly approvedAt: number;
}

export interface PasswordView {
  readonly at: number;
  readonly shift: Shift;
  readonly host: Host;
  readonly account: string;
  readonly approval?: Approval;
}

/** A session on a machine: through a vault with an account of the machine, or by SSH as oneself. */
export interface MachineSession {
  readonly from: number;
  readonly to: number;
  readonly shift: Shift;
  readonly host: Host;
  readonly account: string;
  readonly vault?: Vault;
  /** Through Segura, for some of the accounts. */
  readonly approval?: Approval;
  /** How much is done in it. */
  readonly commands: number;
}

export interface Workday {
  readonly shifts: readonly Shift[];
  readonly views: readonly PasswordView[];
  readonly sessions: readonly MachineSession[];
}

export interface Pace {
  readonly seed: number;
  /** 1: as at Acme. Live, more of everything makes a demo that moves. */
  readonly density: number;
}

const WEEKEND_SHARE = 0.05;
const HOME_SHARE = 0.35;
const VAULT_OF: Readonly<Record<Craft, Vault>> = {
  linux: 'segura',
  database: 'segura',
  network: 'segura',
  security: 'segura',
  developer: 'segura',
  windows: 'osirium',
  support: 'osirium',
  sales: 'osirium',
  staff: 'osirium',
};
const vaultOf = ({ craft }: Person): Vault => VAULT_OF[craft];

/** What people do on the day that begins at `day` (midnight in UTC; whoever lives elsewhere begins earlier or later). */
export function workdayOf(day: number, { seed, density }: Pace): Workday {
  const shifts = AT_WORK.flatMap((person) => shiftOf(person, day, seed) ?? []);
  const views: PasswordView[] = [];
  const sessions: MachineSession[] = [];
  for (const shift of shifts) {
    const chance = new Chance(seed, 'work', shift.person.login, day, density);
    sessions.push(...sessionsOf(shift, chance, density));
    if (isAdmin(shift.person)) views.push(...viewsOf(shift, chance, density));
  }
  return { shifts, views, sessions };
}

/** When a person works on that day; undefined: not at all. */
function shiftOf(person: Person, day: number, seed: number): Shift | undefined {
  const chance = new Chance(seed, 'shift', person.login, day);
  const weekday = new Date(day).getUTCDay();
  const weekend = weekday === 0 || weekday === 6;
  // Who is ill or away is away.
  if (chance.once(weekend ? 1 - WEEKEND_SHARE : 0.06)) return undefined;
  const habit = new Chance(seed, 'habit', person.login);
  const begins = habit.between(8, 9.75) + chance.between(-0.3, 0.3) - OFFICES[person.office].hoursFromUtc;
  const lasts = weekend ? chance.between(1, 3) : habit.between(7.5, 9) + chance.between(-0.4, 0.8);
  const from = Math.round(day + begins * HOUR);
  const inOffice = !weekend && person.contractor !== true && !chance.once(HOME_SHARE);
  return { person, from, to: Math.round(from + lasts * HOUR), address: inOffice ? deskOf(person) : vpnAddressOf(person), inOffice };
}

/** How many sessions on machines a day has, and on which. */
const HABITS: Readonly<Partial<Record<Craft, { readonly sessions: number; readonly kinds: readonly Host['kind'][] }>>> = {
  linux: { sessions: 10, kinds: ['web', 'app', 'infra', 'bastion'] },
  database: { sessions: 7, kinds: ['db'] },
  network: { sessions: 6, kinds: ['network'] },
  windows: { sessions: 9, kinds: ['windows'] },
  security: { sessions: 3, kinds: ['infra'] },
  developer: { sessions: 3, kinds: ['app'] },
  support: { sessions: 4, kinds: ['windows'] },
};

function sessionsOf(shift: Shift, chance: Chance, density: number): MachineSession[] {
  const habit = HABITS[shift.person.craft];
  if (habit === undefined) return [];
  const hosts = hostsOf(...habit.kinds);
  return chance.times(chance.near(habit.sessions * density), shift.from, shift.to - 20 * MINUTE).map((from) => {
    const host = chance.pick(hosts);
    const lasts = chance.once(0.2) ? chance.between(30, 90) : chance.between(2, 20);
    const vaulted = mustUseVault(shift.person, host) || chance.once(0.35);
    const account = vaulted ? chance.pick(CREDENTIALS[host.kind]) : shift.person.login;
    const vault = vaulted ? vaultOf(shift.person) : undefined;
    return {
      from,
      to: Math.round(from + lasts * MINUTE),
      shift,
      host,
      account,
      ...(vault !== undefined && { vault }),
      ...(vault === 'segura' && NEEDS_APPROVAL.has(account) && { approval: approvalOf(shift.person, from, chanceOfApproval(shift, from)) }),
      commands: chance.whole(0, 6),
    };
  });
}

/** Accounts that nobody has without another's word: neither a session nor the password. */
const NEEDS_APPROVAL: ReadonlySet<string> = new Set(['deploy', 'dba_adm', 'netops', 'ops', 'srv_admin']);

/** Of the accounts of a machine, those that need an approval, or those that need none; all where it has none such. */
function accountsOf({ kind }: Host, needsApproval: boolean): readonly [string, ...string[]] {
  const [first, ...rest] = CREDENTIALS[kind].filter((account) => NEEDS_APPROVAL.has(account) === needsApproval);
  return first === undefined ? CREDENTIALS[kind] : [first, ...rest];
}

/** Dice of its own: whether an account needs an approval must not change the rest of the day. */
const chanceOfApproval = ({ person }: Shift, at: number): Chance => new Chance('approval', person.login, at);

const mustUseVault = ({ contractor, craft }: Person, { kind }: Host): boolean =>
  contractor === true || craft === 'support' || kind === 'windows' || kind === 'network' || kind === 'db';

/** Passwords are looked at where no session would do; of an all-powerful account only with an approval, and seldom. */
function viewsOf(shift: Shift, chance: Chance, density: number): PasswordView[] {
  const { person } = shift;
  const kinds = HABITS[person.craft]?.kinds ?? ['infra'];
  return chance.times(chance.near(1.8 * density), shift.from + HOUR, shift.to).map((at) => {
    const host = chance.pick(hostsOf(...kinds));
    const approval = chance.once(0.7) ? approvalOf(person, at, chance) : undefined;
    const powerful = approval !== undefined && chance.once(0.05 / density);
    return {
      at,
      shift,
      host,
      account: powerful ? ALL_POWERFUL[host.kind] : chance.pick(accountsOf(host, approval !== undefined)),
      ...(approval !== undefined && { approval }),
    };
  });
}

function approvalOf(person: Person, at: number, chance: Chance): Approval {
  const by = personOf(person.login === 'msilva' ? 'tadeyemi' : chance.once(0.5) ? 'msilva' : (person.manager ?? 'tadeyemi'));
  const approvedAt = at - Math.round(chance.between(1, 25) * MINUTE);
  return { by, approvedAt, askedAt: approvedAt - Math.round(chance.between(1, 30) * MINUTE) };
}

/** The days whose work may reach into the stretch: Acme lives in several time zones. */
export function daysOf({ from, to }: { readonly from: number; readonly to: number }): number[] {
  const days: number[] = [];
  for (let day = from - (from % DAY) - DAY; day < to + DAY; day += DAY) days.push(day);
  return days;
}
