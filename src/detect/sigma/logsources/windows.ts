import { type FieldNames, has, type LogSource, type Route, type RouteTerm, services } from '../logsource.ts';
import { ENDPOINT, ENDPOINT_ROUTES } from './categories.ts';

const channel = (...values: string[]): RouteTerm => has('winlog.channel', ...values);
const code = (...values: string[]): RouteTerm => has('event.code', ...values);

const SYSMON = 'microsoft-windows-sysmon/operational';
const POWERSHELL = ['microsoft-windows-powershell/operational', 'powershellcore/operational'] as const;

/** Services of Sigma's Windows rules, by the channel that Windows writes them to. */
const SERVICES: Readonly<Record<string, Route>> = {
  application: [channel('application')],
  applocker: [
    channel(
      'microsoft-windows-applocker/exe and dll',
      'microsoft-windows-applocker/msi and script',
      'microsoft-windows-applocker/packaged app-deployment',
      'microsoft-windows-applocker/packaged app-execution',
    ),
  ],
  'appmodel-runtime': [channel('microsoft-windows-appmodel-runtime/admin')],
  'appxdeployment-server': [channel('microsoft-windows-appxdeploymentserver/operational')],
  'appxpackaging-om': [channel('microsoft-windows-appxpackaging/operational')],
  'bits-client': [channel('microsoft-windows-bits-client/operational')],
  capi2: [channel('microsoft-windows-capi2/operational')],
  'certificateservicesclient-lifecycle-system': [channel('microsoft-windows-certificateservicesclient-lifecycle-system/operational')],
  'codeintegrity-operational': [channel('microsoft-windows-codeintegrity/operational')],
  'diagnosis-scripted': [channel('microsoft-windows-diagnosis-scripted/operational')],
  'dns-client': [channel('microsoft-windows-dns-client/operational', 'microsoft-windows-dns client events/operational')],
  'dns-server': [channel('dns server')],
  'driver-framework': [channel('microsoft-windows-driverframeworks-usermode/operational')],
  'firewall-as': [channel('microsoft-windows-windows firewall with advanced security/firewall')],
  'iis-configuration': [channel('microsoft-iis-configuration/operational')],
  ldap: [channel('microsoft-windows-ldap-client/debug')],
  'lsa-server': [channel('microsoft-windows-lsa/operational')],
  'microsoft-servicebus-client': [channel('microsoft-servicebus-client')],
  'msexchange-management': [channel('msexchange management')],
  ntlm: [channel('microsoft-windows-ntlm/operational')],
  openssh: [channel('openssh/operational')],
  powershell: [channel(...POWERSHELL)],
  'powershell-classic': [channel('windows powershell')],
  'printservice-admin': [channel('microsoft-windows-printservice/admin')],
  'printservice-operational': [channel('microsoft-windows-printservice/operational')],
  security: [channel('security')],
  'security-mitigations': [
    channel('microsoft-windows-security-mitigations/kernel mode', 'microsoft-windows-security-mitigations/user mode'),
  ],
  'shell-core': [channel('microsoft-windows-shell-core/operational')],
  'smbclient-connectivity': [channel('microsoft-windows-smbclient/connectivity')],
  'smbclient-security': [channel('microsoft-windows-smbclient/security')],
  'smbserver-connectivity': [channel('microsoft-windows-smbserver/connectivity')],
  sysmon: [channel(SYSMON)],
  system: [channel('system')],
  taskscheduler: [channel('microsoft-windows-taskscheduler/operational')],
  'terminalservices-localsessionmanager': [channel('microsoft-windows-terminalservices-localsessionmanager/operational')],
  windefend: [channel('microsoft-windows-windows defender/operational')],
  wmi: [channel('microsoft-windows-wmi-activity/operational')],
};

const sysmon = (...codes: string[]): Route => [channel(SYSMON), code(...codes)];

/** Categories that only Windows has, and the events that they are: Sysmon's, and PowerShell's own. */
const CATEGORIES: Readonly<Record<string, Route>> = {
  create_remote_thread: sysmon('8'),
  create_stream_hash: sysmon('15'),
  dns_query: sysmon('22'),
  driver_load: sysmon('6'),
  file_change: sysmon('2'),
  file_delete: sysmon('23', '26'),
  file_executable_detected: sysmon('29'),
  image_load: sysmon('7'),
  pipe_created: sysmon('17', '18'),
  process_access: sysmon('10'),
  process_tampering: sysmon('25'),
  process_termination: sysmon('5'),
  ps_classic_provider_start: [channel('windows powershell'), code('600')],
  ps_classic_start: [channel('windows powershell'), code('400')],
  ps_module: [channel(...POWERSHELL), code('4103')],
  ps_script: [channel(...POWERSHELL), code('4104')],
  raw_access_thread: sysmon('9'),
  registry_add: sysmon('12'),
  registry_delete: sysmon('12'),
  registry_event: sysmon('12', '13', '14'),
  registry_rename: sysmon('14'),
  registry_set: sysmon('13'),
  sysmon_error: sysmon('255'),
  sysmon_status: sysmon('4', '16'),
  wmi_event: sysmon('19', '20', '21'),
};

/** In the channels, a field is what Windows calls it; here are the names of the event's own header. */
const EVENT: FieldNames = {
  Channel: 'winlog.channel',
  Computer: ['winlog.computer_name', 'host.name'],
  EventID: 'event.code',
  Provider_Name: ['winlog.provider_name', 'event.provider'],
};

/** In the categories, a field is what Sysmon calls it; the ECS name also holds for Windows's own event of the same thing. */
const WINDOWS_ENDPOINT: FieldNames = { ...ENDPOINT, ...EVENT, User: ['winlog.event_data.User', 'user.name'] };

/** Where Windows keeps an event's own data: `EventData`, and for a few events `UserData`. */
const data = (field: string): readonly string[] =>
  field.includes('.') ? [field] : [`winlog.event_data.${field}`, `winlog.user_data.${field}`];

export const WINDOWS: readonly LogSource[] = [
  { product: 'windows', route: [has(['event.module', 'host.os.type'], 'windows')], fields: EVENT, others: data },
  ...services('windows', SERVICES),
  ...Object.entries(ENDPOINT_ROUTES).map(([category, route]) => ({ product: 'windows', category, route, fields: WINDOWS_ENDPOINT })),
  ...Object.entries(CATEGORIES).map(([category, route]) => ({ category, route })),
];
