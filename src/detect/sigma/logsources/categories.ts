import { type FieldNames, has, type LogSource, type Route } from '../logsource.ts';

/** Names of Sigma's generic log sources (appendix "Taxonomy"), which are Sysmon's. */
export const ENDPOINT: FieldNames = {
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
const WEB: FieldNames = {
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

const NETWORK: FieldNames = {
  src_ip: 'source.ip',
  src_port: 'source.port',
  dst_ip: 'destination.ip',
  dst_port: 'destination.port',
  username: 'user.name',
};

const PROCESS: Route = [has('event.category', 'process'), has('event.type', 'start')];

/** The categories that Windows's events have too. */
export const ENDPOINT_ROUTES: Readonly<Record<'process_creation' | 'file_event' | 'network_connection', Route>> = {
  process_creation: PROCESS,
  file_event: [has('event.category', 'file')],
  network_connection: [has('event.category', 'network')],
};

/** The events of each category, whatever the product. */
export const CATEGORIES: readonly LogSource[] = [
  ...Object.entries(ENDPOINT_ROUTES).map(([category, route]) => ({ category, route, fields: ENDPOINT })),
  // The product says which application it is.
  { category: 'application', route: [] },
  { category: 'authentication', route: [has('event.category', 'authentication')], fields: NETWORK },
  { category: 'database', route: [has('event.category', 'database')] },
  { category: 'firewall', route: [has('event.category', 'network')], fields: NETWORK },
  { category: 'iam', route: [has('event.category', 'iam')] },
  { category: 'pam', route: [has(['observer.vendor', 'observer.product'], 'segura', 'senhasegura', 'osirium')] },
  { category: 'proxy', route: [has('event.category', 'web', 'network')], fields: WEB },
  { category: 'webserver', route: [has('event.category', 'web')], fields: WEB },
];
