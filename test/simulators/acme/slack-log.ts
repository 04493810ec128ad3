import type { AuditLogEntry } from '../slack-audit-api.ts';
import type { SlackPerson } from '../slack-sessions.ts';
import { Chance, HOUR, MINUTE, SECOND } from './chance.ts';
import { type Span, within } from './line.ts';
import { AT_WORK, deskOf, mailOf, type Person, personOf } from './people.ts';
import { daysOf, type Pace, type Shift, workdayOf } from './workday.ts';

/** Acme's Slack as its audit log has it: an entry of each sign-in and of each file that is opened, and what Slack itself finds odd. */

const TEAM = { id: 'T0123456789', name: 'Acme', domain: 'acme' } as const;

const CLIENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.46.99 Chrome/140.0.7339.41 Electron/38.1.0 Safari/537.36',
  'com.tinyspeck.chatlyio/25.11.20 (iPhone; iOS 26.1; Scale/3.00)',
] as const;

/** Everybody keeps to one program. */
const clientOf = ({ login }: Person): string => new Chance('slack client', login).pick(CLIENTS);

/** A member ID of the form that Slack gives. */
const memberIdOf = ({ login }: Person): string => `W0${login.toUpperCase()}`;

/** Who administrators' calls are done as: a user for Earshot alone. */
export const EARSHOT_IN_SLACK = { id: 'W0EARSHOT01', name: 'earshot', isAdmin: true } as const;

/** Everybody with a device or two that is signed in. */
export const slackPeople = (): SlackPerson[] =>
  AT_WORK.map((person, i) => ({
    id: memberIdOf(person),
    name: person.name,
    email: mailOf(person),
    sessions: [
      { id: 7_000 + 2 * i, device: 'web', os: 'Windows', ip: deskOf(person) },
      { id: 7_001 + 2 * i, device: 'mobile', os: 'iOS', ip: deskOf(person) },
    ],
  }));

interface Act {
  readonly at: number;
  readonly person: Person;
  readonly address: string;
  readonly client?: string;
  readonly action: string;
  readonly file?: { readonly name: string; readonly type: string; readonly channel: string };
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How long after its time an entry appears. */
const LATE_MS = 1_500;

function entryOf({ at, person, address, client, action, file, details }: Act): AuditLogEntry {
  const second = Math.floor(at / 1_000);
  const chance = new Chance('slack', person.login, at, action, file?.name ?? '');
  const hex = (digits: number) =>
    chance
      .whole(0, 16 ** digits - 1)
      .toString(16)
      .padStart(digits, '0');
  const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`;
  const member = { id: memberIdOf(person), name: person.login, email: mailOf(person), team: TEAM.id };
  const fileId = `F0${hex(8).toUpperCase()}`;
  const entity =
    file === undefined
      ? { type: 'user', user: member }
      : { type: 'file', file: { id: fileId, name: file.name, filetype: file.type, title: file.name } };
  const text = JSON.stringify({
    id,
    date_create: second,
    action,
    actor: { type: 'user', user: member },
    entity,
    context: {
      location: { type: 'workspace', ...TEAM },
      ua: client ?? clientOf(person),
      ip_address: address,
      session_id: 7_000 + 2 * AT_WORK.indexOf(person),
    },
    ...(details !== undefined && { details }),
  });
  return { id, second, visibleAt: at + LATE_MS, action, actor: member.id, entity: file === undefined ? member.id : fileId, text };
}

type File = readonly [name: string, type: string, channel: string];
const FILES: readonly [File, ...File[]] = [
  ['Pipeline-Q4.xlsx', 'xlsx', 'sales'],
  ['Offer-4711.pdf', 'pdf', 'sales'],
  ['On-Call-Rota.xlsx', 'xlsx', 'operations'],
  ['Runbook-Failover.docx', 'docx', 'operations'],
  ['Town-Hall.pptx', 'pptx', 'general'],
  ['Screenshot.png', 'png', 'support'],
  ['Travel-Policy.pdf', 'pdf', 'general'],
  ['Retro-Notes.docx', 'docx', 'engineering'],
];
/** Files that a person opens on a day. */
const FILES_A_DAY = 5;

/** What the audit log has of the stretch. The same stretch of the same story is the same entries. */
export function slackEntries(span: Span, { seed }: Pick<Pace, 'seed'>): AuditLogEntry[] {
  const usual = { seed, density: 1 };
  return daysOf(span)
    .flatMap((day) => workdayOf(day, usual).shifts.flatMap((shift) => shiftActs(shift, usual)))
    .filter(({ at }) => within(at, span))
    .map(entryOf);
}

function shiftActs(shift: Shift, { seed }: Pace): Act[] {
  const { person, address } = shift;
  const chance = new Chance(seed, 'slack', person.login, shift.from);
  const opened = chance.times(chance.near(FILES_A_DAY), shift.from + MINUTE, shift.to).map((at): Act => {
    const [name, type, channel] = chance.pick(FILES);
    return { at, person, address, action: 'file_downloaded', file: { name, type, channel } };
  });
  return [{ at: shift.from, person, address, action: 'user_login' }, ...opened, ...oddities(shift, chance)];
}

/** Slack finds a new address odd now and then; mostly somebody travels, or has a new telephone. */
function oddities({ person, address, from }: Shift, chance: Chance): Act[] {
  if (!chance.once(0.02)) return [];
  const at = from + Math.round(chance.between(MINUTE, HOUR));
  const reason = [chance.pick(['ip_address', 'user_agent'])];
  return [{ at, person, address, action: 'anomaly', details: anomaly(at, reason, person) }];
}

const anomaly = (at: number, reason: readonly string[], person: Person) => ({
  action_timestamp: at * 1_000,
  location: 'Boston, United States',
  previous_ip_address: deskOf(person),
  previous_ua: clientOf(person),
  reason,
});

const LEADS = ['Boston', 'Chicago', 'Denver', 'Austin', 'Seattle', 'Miami', 'Dallas', 'Phoenix', 'Atlanta', 'Detroit'] as const;

/** Matt, who leaves in a few days, runs a program through Slack that takes the leads; within a minute of `start`. */
export function salesmanScrapes(start: number, address: string): AuditLogEntry[] {
  const matt = { person: personOf('mcalloway'), address, client: 'Scrapers Inc' };
  const taken = (seconds: number, name: string): Act => {
    const file = { name, type: name.slice(name.lastIndexOf('.') + 1), channel: 'sales-leads' };
    return { ...matt, at: start + seconds * SECOND, action: 'file_downloaded', file };
  };
  const found = (seconds: number, ...reason: readonly string[]): Act => {
    const at = start + seconds * SECOND;
    return { ...matt, at, action: 'anomaly', details: anomaly(at, reason, matt.person) };
  };
  return [
    { ...matt, at: start, action: 'user_login' },
    ...LEADS.flatMap((city, i) => [taken(3 + 2 * i, `Leads-${city}.csv`), taken(4 + 2 * i, `Contacts-${city}.xlsx`)]),
    taken(24, 'Glengarry-Leads.xlsx'),
    found(26, 'unexpected_scraping', 'user_agent'),
    found(40, 'excessive_downloads'),
  ].map(entryOf);
}
