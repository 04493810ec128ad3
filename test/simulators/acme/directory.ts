import { stringify } from 'yaml';
import { DAY } from './chance.ts';
import { adminAccountOf, isAdmin, mailOf, PEOPLE, type Person } from './people.ts';

/** Acme's people as the identity directory has them, in Earshot's YAML: one person, all names. */
export const directoryYaml = (now: number): string => stringify({ people: PEOPLE.map((person) => entryOf(person, now)) });

function entryOf(person: Person, now: number): Record<string, unknown> {
  const { login, name, title, department, office, manager, contractor, leavesInDays, left } = person;
  return {
    id: login,
    name,
    names: isAdmin(person) ? [adminAccountOf(person)] : [],
    emails: [mailOf(person)],
    title,
    department,
    ...(manager !== undefined && { manager }),
    groups: [`office ${office}`, ...(contractor === true ? ['contractors'] : []), ...(isAdmin(person) ? ['administrators'] : [])],
    ...(isAdmin(person) && { privileged: true }),
    ...(leavesInDays !== undefined && { leaving_date: dayOf(now + leavesInDays * DAY) }),
    ...(left === true && { active: false, leaving_date: dayOf(now - 12 * DAY) }),
  };
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Named lists that Acme keeps, by their names, each as the YAML of its file. */
export const listsYaml = (): Readonly<Record<string, string>> => ({
  acme_offices: list('cidr', 'Desks in the offices', ['192.0.2.0/25', '192.0.2.128/25']),
  acme_vpn: list('cidr', 'Addresses that the VPN gives to people at home', ['198.51.100.180/30', '198.51.100.184/29', '198.51.100.192/26']),
  acme_servers: list('cidr', 'Machines and appliances', ['198.51.100.0/25']),
  acme_service_accounts: list('account', 'Programs log in with these, people never', [
    'monitor',
    'deploy',
    'svc_backup',
    'svc_app',
    'svc_sql',
    'svc_monitor',
  ]),
  acme_known_clients: list('user_agent', 'Programs that may be used with the CRM', ['Mozilla/5.0*', 'AcmeCRM/*']),
});

const list = (kind: string, reason: string, values: readonly string[]): string =>
  stringify({ kind, reason, author: 'tadeyemi', entries: values.map((value) => ({ value })) });
