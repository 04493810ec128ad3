import { Chance, DAY, HOUR, MINUTE, SECOND } from './acme/chance.ts';
import { CRM } from './acme/estate.ts';
import type { Door, Line } from './acme/line.ts';
import { mailOf, OFFICES, type Person } from './acme/people.ts';
import type { Pace, Shift, Workday } from './acme/workday.ts';

/** Two programs that send JSON over HTTP, one ECS document a line: the CRM's audit log, and the readers of badges at the doors. */

const CLIENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'AcmeCRM/7.2 (iPhone; iOS 18.6)',
] as const;

/** Everybody keeps to one program. */
const clientOf = ({ login }: Person): string => new Chance('client', login).pick(CLIENTS);

const jsonLine = (door: Door, at: number, fields: Readonly<Record<string, unknown>>): Line => ({
  at,
  door,
  text: JSON.stringify({ '@timestamp': new Date(at).toISOString(), ecs: { version: '9.3.0' }, ...fields }),
});

export interface CrmAct {
  readonly at: number;
  readonly person: Person;
  readonly address: string;
  readonly action: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly message: string;
  readonly client?: string;
  readonly outcome?: 'success' | 'failure';
  readonly file?: string;
  readonly bytes?: number;
}

export const crmLine = ({ at, person, address, action, category, type, message, client, outcome = 'success', file, bytes }: CrmAct): Line =>
  jsonLine('crm', at, {
    message,
    event: { kind: 'event', dataset: 'acme.crm', module: 'acme', action, category, type, outcome },
    user: { name: person.login, email: mailOf(person), full_name: person.name },
    source: { ip: address },
    user_agent: { original: client ?? clientOf(person) },
    service: { name: 'crm' },
    host: { name: CRM.name },
    ...(file !== undefined && { file: { name: file, ...(bytes !== undefined && { size: bytes }) } }),
  });

const FILES = [
  'Pipeline-Q4.xlsx',
  'Offer-4711.pdf',
  'Price-List.pdf',
  'Territory-North.xlsx',
  'Renewals.csv',
  'Contract-Draft.docx',
] as const;
const CUSTOMERS = ['Northwind', 'Contoso', 'Initech', 'Globex', 'Umbrella', 'Hooli', 'Vandelay', 'Wonka'] as const;

export const signInAct = (
  { from, person, address }: Pick<Shift, 'from' | 'person' | 'address'>,
  outcome: 'success' | 'failure' = 'success',
): CrmAct => ({
  at: from,
  person,
  address,
  action: 'user_login',
  category: ['authentication'],
  type: ['start'],
  outcome,
  message: outcome === 'success' ? `${person.name} signed in` : `${person.name} failed to sign in`,
});

export const downloadAct = (at: number, { person, address }: Pick<Shift, 'person' | 'address'>, file: string, bytes: number): CrmAct => ({
  at,
  person,
  address,
  action: 'file_downloaded',
  category: ['file'],
  type: ['access'],
  file,
  bytes,
  message: `${person.name} downloaded ${file}`,
});

export const crmDay = ({ shifts }: Workday, pace: Pace): Line[] => shifts.flatMap((shift) => crmShift(shift, pace));

const PER_DAY: Readonly<Partial<Record<Person['craft'], number>>> = { sales: 170, support: 130, staff: 40, developer: 8 };

function crmShift(shift: Shift, { seed, density }: Pace): Line[] {
  const acts = PER_DAY[shift.person.craft];
  if (acts === undefined) return [];
  const chance = new Chance(seed, 'crm', shift.person.login, shift.from, density);
  const slip = chance.once(0.1) ? [crmLine(signInAct({ ...shift, from: shift.from - 12 * SECOND }, 'failure'))] : [];
  const work = chance.times(chance.near(acts * density), shift.from + SECOND, shift.to).map((at) => crmLine(actOf(at, shift, chance)));
  return [...slip, crmLine(signInAct(shift)), ...work];
}

function actOf(at: number, shift: Shift, chance: Chance): CrmAct {
  const { person, address } = shift;
  const customer = chance.pick(CUSTOMERS);
  if (chance.once(0.06)) return downloadAct(at, shift, chance.pick(FILES), chance.whole(20_000, 900_000));
  const viewed = chance.once(0.75);
  return {
    at,
    person,
    address,
    action: viewed ? 'record_viewed' : 'record_changed',
    category: ['database'],
    type: [viewed ? 'access' : 'change'],
    message: `${person.name} ${viewed ? 'looked at' : 'changed'} the record of ${customer}`,
  };
}

const ENTRANCES = ['main entrance', 'garage', 'floor 2', 'floor 3', 'server room'] as const;

/** Badges of those who come to an office. */
export const doorsDay = ({ shifts }: Workday, pace: Pace): Line[] =>
  shifts.filter(({ inOffice }) => inOffice).flatMap((shift) => badgeLines(shift, pace));

interface DoorEvent {
  readonly action: string;
  readonly category: string;
  readonly type: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly person?: Person;
}

const doorLine = (at: number, { action, category, type, message, labels, person }: DoorEvent): Line =>
  jsonLine('doors', at, {
    message,
    event: { kind: 'event', dataset: 'acme.doors', module: 'acme', action, category: [category], type: [type], outcome: 'success' },
    ...(person !== undefined && { user: { name: person.login, full_name: person.name } }),
    labels,
  });

function badgeLines({ person, from, to }: Shift, { seed, density }: Pace): Line[] {
  const chance = new Chance(seed, 'badge', person.login, from);
  const { office } = person;
  const line = (at: number, entrance: string, way: 'in' | 'out'): Line =>
    doorLine(at, {
      action: `badge_${way}`,
      category: 'authentication',
      type: way === 'in' ? 'start' : 'end',
      message: `${person.name} went ${way} at ${entrance}, ${office}`,
      labels: { entrance, office },
      person,
    });
  const walks = chance.times(chance.near(5 * density), from + MINUTE, to - MINUTE).map((at) => line(at, chance.pick(ENTRANCES), 'in'));
  return [line(from - 4 * MINUTE, 'main entrance', 'in'), ...walks, line(Math.min(to + 3 * MINUTE, from + DAY), 'main entrance', 'out')];
}

/** The readers say every hour that they are there: so their silence means something on a Sunday too. */
export const doorsBackground = (day: number): Line[] =>
  Object.keys(OFFICES).flatMap((office, i) =>
    Array.from({ length: 24 }, (_, hour) =>
      doorLine(day + hour * HOUR + i * 97 * SECOND, {
        action: 'reader_alive',
        category: 'host',
        type: 'info',
        message: `the readers of ${office} work`,
        labels: { office },
      }),
    ),
  );
