import type { Logsource } from './logsource.ts';
import { WINDOWS_ENDPOINT, WINDOWS_EVENT, windowsData } from './windows.ts';

/** Values of the attribute `taxonomy`. */
export const TAXONOMY_NAMES = ['sigma', 'ecs'] as const;
export type TaxonomyName = (typeof TAXONOMY_NAMES)[number];

/** Paths that a field may have in Earshot's events; the first that an event has counts. */
type Names = Readonly<Record<string, string | readonly string[]>>;

interface Taxonomy {
  readonly when: Logsource;
  readonly names: Names;
  /** Where fields go that are not in `names` and have no dot. */
  readonly others?: (field: string) => readonly string[];
}

/** Names of Sigma's generic log sources (appendix "Taxonomy"), which are Sysmon's. */
const ENDPOINT: Names = {
  Image: 'process.executable',
  CommandLine: 'process.command_line',
  CurrentDirectory: 'process.working_directory',
  ProcessId: 'process.pid',
  ParentImage: 'process.parent.executable',
  ParentCommandLine: 'process.parent.command_line',
  ParentProcessId: 'process.parent.pid',
  User: 'user.name',
  TargetFilename: 'file.path',
  SourceIp: 'source.ip',
  SourcePort: 'source.port',
  SourceHostname: 'source.domain',
  DestinationIp: 'destination.ip',
  DestinationPort: 'destination.port',
  DestinationHostname: 'destination.domain',
  Protocol: 'network.transport',
};

/** Names of the W3C extended log format, which Sigma uses for proxies and web servers. */
const WEB: Names = {
  'c-ip': 'source.ip',
  'c-uri': ['url.full', 'url.original'],
  'c-uri-extension': 'url.extension',
  'c-uri-query': 'url.query',
  'c-uri-stem': 'url.path',
  'c-useragent': 'user_agent.original',
  'cs-bytes': 'http.request.bytes',
  'cs-cookie': 'http.request.cookies',
  'cs-host': ['url.domain', 'destination.domain'],
  'cs-method': 'http.request.method',
  'cs-referer': 'http.request.referrer',
  'cs-referrer': 'http.request.referrer',
  'cs-uri': ['url.full', 'url.original'],
  'cs-uri-query': 'url.query',
  'cs-uri-stem': 'url.path',
  'cs-user-agent': 'user_agent.original',
  'cs-username': 'user.name',
  'cs-version': 'http.version',
  'r-dns': ['url.domain', 'destination.domain'],
  's-ip': 'destination.ip',
  's-port': 'destination.port',
  'sc-bytes': 'http.response.bytes',
  'sc-status': 'http.response.status_code',
  dst_ip: 'destination.ip',
  src_ip: 'source.ip',
};

const NETWORK: Names = {
  src_ip: 'source.ip',
  src_port: 'source.port',
  dst_ip: 'destination.ip',
  dst_port: 'destination.port',
  username: 'user.name',
};

/** Keys of the Linux audit system. `a0`… are the command's words in EXECVE, and registers in SYSCALL. */
const AUDITD: Names = {
  type: 'linux.auditd.type',
  exe: 'process.executable',
  comm: 'process.name',
  cwd: 'process.working_directory',
  proctitle: 'process.command_line',
  cmd: 'process.command_line',
  name: 'file.path',
  key: 'linux.auditd.key',
  op: 'linux.auditd.op',
  syscall: ['linux.auditd.syscall', 'linux.auditd.syscall_name'],
  SYSCALL: 'linux.auditd.syscall_name',
  uid: 'user.id',
  euid: 'user.effective.id',
  auid: 'linux.auditd.auid',
  acct: ['user.target.name', 'user.name'],
  addr: 'source.ip',
  hostname: 'source.domain',
  terminal: 'linux.tty',
  tty: 'linux.tty',
  pid: 'process.pid',
  ppid: 'process.parent.pid',
  ...Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`a${i}`, [`process.args[${i}]`, `linux.auditd.a${i}`]])),
};

/** The first entry counts whose log source is part of the rule's. */
const TAXONOMIES: readonly Taxonomy[] = [
  { when: { product: 'linux', service: 'auditd' }, names: AUDITD, others: (field) => [`linux.auditd.${field.toLowerCase()}`] },
  ...(['process_creation', 'file_event', 'network_connection'] as const).map((category) => ({
    when: { product: 'windows', category },
    names: { ...ENDPOINT, ...WINDOWS_ENDPOINT },
    others: windowsData,
  })),
  { when: { product: 'windows' }, names: WINDOWS_EVENT, others: windowsData },
  { when: { category: 'process_creation' }, names: ENDPOINT },
  { when: { category: 'file_event' }, names: ENDPOINT },
  { when: { category: 'network_connection' }, names: ENDPOINT },
  { when: { category: 'proxy' }, names: WEB },
  { when: { category: 'webserver' }, names: WEB },
  { when: { category: 'firewall' }, names: NETWORK },
  { when: { category: 'authentication' }, names: NETWORK },
];

const DIMENSIONS = ['product', 'category', 'service'] as const;

/**
 * The paths of a rule's field in Earshot's events. ECS names and names that no table knows are taken as they are, so rules may use
 * ECS directly under either taxonomy.
 */
export function fieldPaths(taxonomy: TaxonomyName, logsource: Logsource): (field: string) => readonly string[] {
  if (taxonomy === 'ecs') return (field) => [field];
  const table = TAXONOMIES.find(({ when }) => DIMENSIONS.every((d) => when[d] === undefined || when[d] === logsource[d]));
  return (field) => {
    const mapped = table !== undefined && Object.hasOwn(table.names, field) ? table.names[field] : undefined;
    if (mapped !== undefined) return typeof mapped === 'string' ? [mapped] : mapped;
    if (table?.others !== undefined && !field.includes('.')) return table.others(field);
    return [field];
  };
}
