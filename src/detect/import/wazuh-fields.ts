import type { Logsource } from '../sigma/logsource.ts';
import { ALL, type Expression, item, or } from './expression.ts';
import { jsonField } from './json-field.ts';
import type { PatternType } from './wazuh-pattern.ts';

/** Elements that compare one field that Wazuh's decoders fill, with its name in events of ours. */
export const FIELDS: Readonly<Record<string, { readonly path: string; readonly loosely?: true }>> = {
  srcport: { path: 'source.port' },
  dstport: { path: 'destination.port' },
  user: { path: 'user.name' },
  srcuser: { path: 'user.name', loosely: true },
  dstuser: { path: 'user.name', loosely: true },
  program_name: { path: 'process.name' },
  hostname: { path: 'host.name' },
  id: { path: 'event.code', loosely: true },
  url: { path: 'url.original' },
  action: { path: 'event.action', loosely: true },
  status: { path: 'event.outcome', loosely: true },
  protocol: { path: 'network.protocol', loosely: true },
  location: { path: 'log.file.path', loosely: true },
  srcgeoip: { path: 'source.geo.country_iso_code', loosely: true },
  dstgeoip: { path: 'destination.geo.country_iso_code', loosely: true },
};

export const ADDRESSES: Readonly<Record<string, string>> = { srcip: 'source.ip', dstip: 'destination.ip' };

export const DEFAULT_TYPES: Readonly<Record<string, PatternType>> = { match: 'osmatch', regex: 'osregex', field: 'osregex' };

/** What `same_…` and `different_…` name. */
const GROUP_FIELDS: Readonly<Record<string, string>> = {
  source_ip: 'source.ip',
  src_ip: 'source.ip',
  srcip: 'source.ip',
  dst_ip: 'destination.ip',
  dstip: 'destination.ip',
  src_port: 'source.port',
  dst_port: 'destination.port',
  src_user: 'user.name',
  dst_user: 'user.name',
  agent: 'host.name',
};

export function groupField(name: string): string | undefined {
  if (Object.hasOwn(GROUP_FIELDS, name)) return GROUP_FIELDS[name];
  return Object.hasOwn(FIELDS, name) ? FIELDS[name]?.path : undefined;
}

const DYNAMIC: Readonly<Record<string, string>> = {
  'win.system.channel': 'winlog.channel',
  'win.system.computer': 'winlog.computer_name',
  'win.system.eventID': 'event.code',
  'win.system.providerName': 'winlog.provider_name',
  'audit.auid': 'linux.auditd.auid',
  'audit.command': 'process.name',
  'audit.cwd': 'process.working_directory',
  'audit.exe': 'process.executable',
  'audit.file.name': 'file.path',
  'audit.key': 'linux.auditd.key',
  'audit.pid': 'process.pid',
  'audit.type': 'linux.auditd.type',
  'audit.uid': 'user.id',
};

/** A field of `<field name="…">`: those of Windows and auditd have other names here; of JSON, they are the message's own. */
export function dynamicField(name: string): string {
  const known = Object.hasOwn(DYNAMIC, name) ? DYNAMIC[name] : groupField(name);
  if (known !== undefined) return known;
  const data = /^win\.eventdata\.(.)(.*)$/.exec(name);
  return data ? `winlog.event_data.${data[1]?.toUpperCase()}${data[2]}` : jsonField(name);
}

/** Events as Wazuh's decoders and categories name them. */
export interface Events {
  readonly expression: Expression;
  readonly logsource?: Logsource;
  /** What is not sure of it, and the mend. */
  readonly doubt?: readonly [why: string, mend: string];
}

const programs = (...names: string[]): Events => ({ expression: item('process.name', ...names) });
const source = (logsource: Logsource): Events => ({ expression: ALL, logsource });

const DECODERS: Readonly<Record<string, Events>> = {
  sshd: programs('sshd', 'sshd-session', 'sshd-auth'),
  pam: { expression: or([item('message|contains', 'pam_'), item('process.name', 'pam')]) },
  kernel: programs('kernel'),
  su: programs('su'),
  sudo: programs('sudo'),
  cron: programs('cron', 'crond', 'anacron', 'atd'),
  json: {
    expression: ALL,
    doubt: [
      'any JSON is asked, and of which product is not said: the log source product: linux is taken',
      'Name another: --logsource product=….',
    ],
  },
  auditd: source({ product: 'linux', service: 'auditd' }),
  iptables: source({ category: 'firewall' }),
  'web-accesslog': source({ category: 'webserver' }),
  windows_eventchannel: source({ product: 'windows' }),
  windows: source({ product: 'windows' }),
};

export const eventsOfDecoder = (name: string): Events =>
  (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined) ?? {
    ...programs(name),
    doubt: [
      `decoders are not read: \`${name}\` is taken for messages of the program \`${name}\``,
      'If its messages come from another program, mend `process.name` in the rule.',
    ],
  };

const CATEGORIES: Readonly<Record<string, Events>> = {
  syslog: { expression: ALL },
  firewall: source({ category: 'firewall' }),
  'web-log': source({ category: 'webserver' }),
  squid: source({ category: 'proxy' }),
  windows: source({ product: 'windows' }),
};

/** Undefined for `ossec` and `ids`: events that Wazuh makes itself, and those of Snort. */
export const eventsOfCategory = (name: string): Events | undefined => (Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name] : undefined);
