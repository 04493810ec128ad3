import type { EcsCategory, EcsEventType, EcsOutcome } from '../../model/ecs-words.ts';
import type { EventWords } from '../../normalize/mapping.ts';

/** What people do is `segura.pam`; what the vault does by itself, and how it fares, is `segura.system`. */
export type Dataset = 'segura.pam' | 'segura.system';

/** What a number in `suid` or `spid` is: the vendor puts four things there. */
export type NumberOf = 'user' | 'message type' | 'notification' | 'process';

/**
 * One kind of event.
 *
 * Ids are the vendor's list of event ids. The message types in `suid` and `spid` (8, 9, 15, 17, 153, 164) are another list, in which the same
 * numbers mean other things: they never choose a kind.
 */
export interface Kind {
  readonly words: EventWords & { readonly outcome: EcsOutcome };
  readonly dataset: Dataset;
  /** CEF event ids; none where the vendor's list of ids has no such event. */
  readonly ids: readonly string[];
  /** As the vendor's lists write them, each kind's first. Case and punctuation do not count. */
  readonly names: readonly string[];
  /** Absent: the vendor does not say what the number is. */
  readonly suid?: NumberOf;
  readonly spid?: NumberOf;
  /** What its `msg` looks like. Some of the vendor's own examples carry the text of another kind. */
  readonly says?: RegExp;
  /** Only a name for many: `act` may say more. */
  readonly isBroad?: true;
  /** How urgent, or how many days are left, where kinds differ by that alone. */
  readonly urgency?: 'low' | 'medium' | 'high' | 'critical';
  readonly daysLeft?: number;
}

type More = Pick<Kind, 'suid' | 'spid' | 'says' | 'isBroad' | 'urgency' | 'daysLeft'>;
type Row = (
  action: string,
  ids: readonly string[],
  names: readonly string[],
  category: EcsCategory | readonly EcsCategory[],
  type: readonly EcsEventType[],
  outcome: EcsOutcome,
  more?: More,
) => Kind;

const rowOf =
  (dataset: Dataset): Row =>
  (action, ids, names, category, type, outcome, more = {}) => ({
    words: { action, category: typeof category === 'string' ? [category] : category, type, outcome },
    dataset,
    ids,
    names,
    ...more,
  });

const person = rowOf('segura.pam');
const system = rowOf('segura.system');

const NOTICE: More = { suid: 'message type', spid: 'notification' };
const USER: More = { suid: 'user' };
const USER_TYPE: More = { suid: 'user', spid: 'message type' };
const USER_PROCESS: More = { suid: 'user', spid: 'process' };

/** What people see and change: passwords, protected information, requests for them. */
const SECRETS: readonly Kind[] = [
  person('password_viewed', ['1'], ['Password Viewed'], 'iam', ['info'], 'success', { ...NOTICE, says: /^Password .* viewed by user / }),
  person('password_changed', ['2'], ['Password changed'], 'iam', ['user', 'change'], 'success', {
    suid: 'notification',
    says: /^Password .* changed by user /,
  }),
  person('information_viewed', ['5'], ['Information viewed'], 'iam', ['info'], 'success', {
    ...USER_TYPE,
    says: /^Information '.*' viewed\.?$/,
  }),
  person('information_changed', ['6'], ['Information changed'], 'iam', ['change'], 'success', {
    ...USER_TYPE,
    says: /^Information '.*' changed\.?$/,
  }),
  person('access_requested', ['13'], ['New request', 'Password Access Request'], 'iam', ['info'], 'success', {
    ...USER_PROCESS,
    says: /^User '.*' created a request\./,
  }),
  person('request_approved', ['14'], ['Request approved'], 'iam', ['change'], 'success', {
    ...USER_PROCESS,
    says: /^Request approved by /,
  }),
  person('request_denied', ['15'], ['Request Disapproved', 'Request Denied'], 'iam', ['info'], 'failure', {
    ...USER_PROCESS,
    says: /^Request (?:denied|disapproved) by /,
  }),
  person('credential_owner_set', ['35'], ['Credential Owner configuration'], 'iam', ['admin', 'change'], 'success'),
  person('audit_trail', ['36'], ['Audit trail'], 'iam', ['info'], 'unknown', { isBroad: true }),
  person('request_password_viewed', ['58'], ['Request password view'], 'iam', ['info'], 'success'),
  person('credential_used_for_network', ['44'], ['Credential use for network access'], ['iam', 'network'], ['info', 'access'], 'success'),
  person('cloud_session_by_another', ['100'], ['IAM session without owner'], ['iam', 'session'], ['info', 'start'], 'success'),
  person('cloud_key_viewed_by_another', ['101'], ['IAM key view without owner'], 'iam', ['info'], 'success'),
];

/** Sessions through the vault, their commands and their recordings. */
const SESSIONS: readonly Kind[] = [
  person('session_started', ['16'], ['Session started'], 'session', ['start'], 'success', { ...NOTICE, says: /^Session started for / }),
  person('session_ended', ['17'], ['Session finished', 'Session Ended'], 'session', ['end'], 'success', {
    ...NOTICE,
    says: /^Session (?:ended|finished) for /,
  }),
  person('command_detected', [], ['Audited Commands Executed'], 'process', ['info'], 'success', USER),
  person('command_detected', ['10'], ['Command detected - Low Urgency'], 'process', ['info'], 'success', { ...USER, urgency: 'low' }),
  person('command_detected', ['11'], ['Command detected - Medium Urgency'], 'process', ['info'], 'success', { ...USER, urgency: 'medium' }),
  person('command_detected', ['12'], ['Command detected - High Urgency'], 'process', ['info'], 'success', { ...USER, urgency: 'high' }),
  person(
    'command_blocked_session_ended',
    ['31'],
    ['Command detected - Block and interrupt session', 'Detected Command - Block and Terminate Session'],
    ['intrusion_detection', 'session'],
    ['denied', 'end'],
    'failure',
    { ...USER_TYPE, says: /^An audited command was detected! Action: "?Command blocked and session terminated/ },
  ),
  person(
    'command_blocked',
    ['32'],
    ['Command detected - Block', 'Detected Command - Block'],
    ['intrusion_detection', 'process'],
    ['denied', 'info'],
    'failure',
    { ...USER_TYPE, says: /^An audited command was detected! Action: "?Command blocked/ },
  ),
  person('command_allowed', ['33'], ['Command detected - Allow'], ['intrusion_detection', 'process'], ['allowed', 'info'], 'success', {
    ...USER,
    says: /^An audited command was detected! Action: "?Command notified and allowed/,
  }),
  person('recording_generated', ['57'], ['Generate video for download'], 'file', ['creation'], 'success'),
  person('recording_download_scheduled', ['96'], ['Video scheduled for download'], 'file', ['info'], 'success'),
  system('session_text_indexed', ['56'], ['Session indexed text'], 'file', ['info'], 'success'),
  system('session_file_modified', ['34'], ['Session file modified', 'Storage File Modified'], 'file', ['change'], 'success', {
    ...USER_PROCESS,
    says: /^A session file was modified!/,
  }),
];

/** People at the vault's own door, and what it thinks of how they behave. */
const SIGN_IN: readonly Kind[] = [
  person('user_login', ['1695.001'], ['User login'], 'authentication', ['start'], 'success', { says: /^Successfully authenticated\.?$/ }),
  person('user_logout', ['1695.002'], ['User logout'], 'authentication', ['end'], 'success', { says: /^User logged out\.?$/ }),
  person('user_session_expired', ['1695.003'], ['Session expired'], 'authentication', ['end'], 'success', {
    says: /^User session (?:has )?expired\.?$/,
  }),
  person('second_factor_registered', ['1695.010'], ['I18N_REGISTER_TWOFACTOR_TOKEN'], 'iam', ['user', 'change'], 'success'),
  person('second_factor_validated', ['1695.011', '1695.012'], ['I18N_VALIDATE_TWOFACTOR_TOKEN'], 'authentication', ['info'], 'success'),
  person('second_factor_deleted', ['1695.013', '1695.014'], ['I18N_DELETE_TWOFACTOR_TOKEN'], 'iam', ['user', 'change'], 'success'),
  person('agent_authentication', ['37'], ['Authentication messages'], 'authentication', ['info'], 'unknown'),
  person('login_from_new_location', ['98'], ['New location'], ['authentication', 'intrusion_detection'], ['info'], 'success'),
  person('login_from_unexpected_location', ['99'], ['Unexpected location'], ['authentication', 'intrusion_detection'], ['info'], 'success'),
  person('unusual_time', ['86'], ['Accesses at unusual time'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_duration', ['87'], ['Access with unusual average length'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_access', ['88'], ['Unusual accesses'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_target', ['118'], ['Access unusual target'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_credential', ['119'], ['Access unusual credential'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_origin', ['120'], ['View unusual origin'], 'intrusion_detection', ['info'], 'unknown'),
  person('unusual_credential_viewed', ['121'], ['View unusual credential'], 'intrusion_detection', ['info'], 'unknown'),
];

/** The master key, from which all the vault can be opened, and what leaves the vault as a report. */
const MASTER_KEY: readonly Kind[] = [
  person(
    'master_key_ceremony_started',
    ['92'],
    ['Ceremony process started', 'Master Key - Ceremony Process Started'],
    'iam',
    ['admin', 'change'],
    'success',
    {
      ...USER,
      says: /^Ceremony process started\.?$/,
    },
  ),
  person(
    'master_key_part_viewed',
    ['93'],
    ['User has seen his part of the key', 'Master Key - Users Who Viewed Their Key Part', 'User viewed their part of the key source'],
    'iam',
    ['admin', 'info'],
    'success',
    { ...USER, says: /^User viewed their part of the key / },
  ),
  person(
    'master_key_part_downloaded',
    ['94'],
    [
      'User downloaded the PDF with his part of the key',
      'Master Key - User Downloaded PDF with Their Key Part',
      'User downloaded the PDF with their part of the key source',
    ],
    'iam',
    ['admin', 'info'],
    'success',
    { ...USER, says: /^User downloaded the PDF with their part of the key / },
  ),
  person(
    'master_key_ceremony_completed',
    ['95'],
    ['Ceremony process completed', 'Master Key - Ceremony Process Completed'],
    'iam',
    ['admin', 'change'],
    'success',
    {
      ...USER,
      says: /^Ceremony process completed\.?$/,
    },
  ),
  person('master_key_guardian_inactive', [], ['Master Key - Inactive Guardian'], 'iam', ['admin', 'info'], 'unknown', {
    ...USER_PROCESS,
    says: /^Master Key - Inactive Guardian\.?$/,
  }),
  person(
    'master_key_recovery_failed',
    ['102'],
    ['Failed recovery attempt', 'Master Key - Recovery Attempt Failed', 'Recovery attempt failed'],
    'iam',
    ['admin', 'info'],
    'failure',
    { ...USER_PROCESS, says: /^Recovery attempt failed\./ },
  ),
  person(
    'master_key_recovered',
    ['103'],
    ['Successful recovery attempt', 'Master Key - Successful Recovery Attempt', 'Recovery attempt successful'],
    'iam',
    ['admin', 'info'],
    'success',
    { ...USER_PROCESS, says: /^Recovery attempt successful\./ },
  ),
  person(
    'report_schedule_created',
    [],
    ['Email Report Scheduling - Creation', 'Report Scheduling - Creation', 'Report Scheduling - Creation Operation performed'],
    'configuration',
    ['creation'],
    'success',
    { ...USER_PROCESS, says: /^Report Scheduling - Creation/ },
  ),
  person(
    'report_schedule_updated',
    [],
    ['Email Report Scheduling - Update', 'Report Scheduling - Update', 'Report Scheduling - Update Operation performed'],
    'configuration',
    ['change'],
    'success',
    { ...USER_PROCESS, says: /^Report Scheduling - Update/ },
  ),
  person(
    'report_schedule_deleted',
    [],
    ['Email Report Scheduling - Deletion', 'Report Scheduling - Deletion', 'Report Scheduling - Deletion Operation performed'],
    'configuration',
    ['deletion'],
    'success',
    { ...USER_PROCESS, says: /^Report Scheduling - Deletion/ },
  ),
  person('dashboard_downloaded', ['97'], ['User downloaded the PDF with system dashboard.'], 'file', ['access'], 'success'),
];

/** The life of credentials, as the vault's own scripts lead it. */
const CREDENTIALS: readonly Kind[] = [
  system('password_expired', ['3'], ['Password Expired'], 'iam', ['info'], 'failure'),
  system('password_use_reported', ['4'], ['Password daily summary'], 'iam', ['info'], 'success'),
  system('information_expired', ['7'], ['Information expired'], 'iam', ['info'], 'unknown'),
  system('password_change_failed', ['20'], ['Error on change', 'Password Change Error'], 'iam', ['user', 'change'], 'failure', {
    ...USER_TYPE,
    says: /^Error changing password /,
  }),
  system('password_rotated', ['21'], ['Change Executed', 'Exchange Executed'], 'iam', ['user', 'change'], 'success', {
    suid: 'message type',
    spid: 'message type',
  }),
  system('password_confirmed', ['22'], ['Password confirmed'], 'iam', ['info'], 'success'),
  system('password_not_as_stored', ['23'], ['Invalid password'], 'iam', ['info'], 'failure'),
  system('account_activated', ['24'], ['Activation executed'], 'iam', ['user', 'change'], 'success'),
  system('account_activation_failed', ['25'], ['Error on activation'], 'iam', ['user', 'change'], 'failure'),
  system('password_changes_reported', ['26'], ['Change password daily report'], 'iam', ['info'], 'success'),
  system('credential_retrieval_failed', ['85'], ['Error retrieving credentials'], 'iam', ['info'], 'failure'),
];

/** Backups, devices, disks: whether the vault itself is well. */
const INFRASTRUCTURE: readonly Kind[] = [
  system('connectivity_lost', ['8'], ['Lost of connectivity', 'Connectivity Loss'], 'network', ['connection', 'end'], 'failure', {
    ...NOTICE,
    says: /^The .* lost \S+ connectivity/,
  }),
  system(
    'connectivity_restored',
    ['9'],
    ['Reestablished Connectivity', 'Connectivity Restored'],
    'network',
    ['connection', 'start'],
    'success',
    {
      ...NOTICE,
      says: /^The .* has recovered \S+ connectivity/,
    },
  ),
  system('backup_performed', ['18'], ['Backup performed', 'Backup'], 'host', ['info'], 'success', {
    ...NOTICE,
    says: /^Backup sent to server /,
  }),
  system('backup_failed', ['19'], ['Error on backup'], 'host', ['info'], 'failure'),
  system('disk_space_low', ['27'], ['Low disk space - Low Urgency'], 'host', ['info'], 'unknown', { urgency: 'low' }),
  system('disk_space_low', ['28'], ['Low disk space - Medium Urgency'], 'host', ['info'], 'unknown', { urgency: 'medium' }),
  system('disk_space_low', ['29'], ['Low disk space - High Urgency'], 'host', ['info'], 'unknown', { urgency: 'high' }),
  system('disk_space_reported', ['30'], ['Space disk - Daily notification'], 'host', ['info'], 'success'),
  system('cpu_usage_high', ['38'], ['CPU Usage - High'], 'host', ['info'], 'unknown', { urgency: 'high' }),
  system('cpu_usage_high', ['39'], ['CPU Usage - Critical'], 'host', ['info'], 'unknown', { urgency: 'critical' }),
  system('memory_usage_high', ['40'], ['Memory Usage - High'], 'host', ['info'], 'unknown', { urgency: 'high' }),
  system('memory_usage_high', ['41'], ['Memory Usage - Critical'], 'host', ['info'], 'unknown', { urgency: 'critical' }),
  system('cloud_link_checked', ['112'], ['Domum health check'], 'network', ['info'], 'unknown'),
  system('file_scan_added', ['89'], ['Directory and file scan - Inclusion'], 'file', ['creation'], 'success'),
  system('file_scan_removed', ['90'], ['Directory and file scan - Exclusion'], 'file', ['deletion'], 'success'),
  system('file_scan_changed', ['91'], ['Directory and file scan - Change'], 'file', ['change'], 'success'),
  system('task_created', ['336.001'], ['Orbit task create'], 'process', ['info'], 'success'),
  system('task_succeeded', ['336.002'], ['Orbit task execution success'], 'process', ['end'], 'success'),
  system('task_failed', ['336.003'], ['Orbit task execution error'], 'process', ['end'], 'failure'),
  system('operation_logged', ['336.004'], ['Orbit log operation'], 'host', ['info'], 'unknown'),
  system('alert_reported', ['336.500'], ['Orbit alert report'], 'host', ['info'], 'unknown'),
  system('incident_reported', ['336.501'], ['Orbit incident report', 'UPDATE INCIDENT'], 'host', ['info'], 'unknown'),
];

const expiring = (id: string, name: string, daysLeft: number): Kind =>
  system('certificate_expiring', [id], [name], 'configuration', ['info'], 'unknown', { daysLeft });

const CERTIFICATES: readonly Kind[] = [
  expiring('76', 'Certificate expiration warning: 90 days', 90),
  expiring('77', 'Certificate expiration warning: 60 days', 60),
  expiring('50', 'Certificate expiration alert: 30 days', 30),
  expiring('78', 'Certificate expiration warning: 15 days', 15),
  expiring('51', 'Certificate expiration alert: 7 days', 7),
  expiring('52', 'Certificate expiration alert: 1 day', 1),
  expiring('79', 'Certificate expiration alert: Today', 0),
  person('certificate_created', ['53'], ['Certificate creation'], 'configuration', ['creation'], 'success'),
  person('certificate_renewed', ['54'], ['Certificate renewal'], 'configuration', ['change'], 'success'),
  person('certificate_revoked', ['55'], ['Certificate revocation'], 'configuration', ['deletion'], 'success'),
  person('certificate_password_viewed', ['59'], ['Certificate password view'], 'iam', ['info'], 'success'),
  person('certificate_linked', ['80'], ['Certificate link with device'], 'configuration', ['change'], 'success'),
  person('certificate_downloaded', ['81'], ['Download'], 'file', ['access'], 'success'),
  // Approved or denied: the id does not say which.
  person('certificate_request_decided', ['82'], ['Request Management'], 'iam', ['info'], 'unknown'),
  person('publication_profile_changed', ['83'], ['Publication Profile Management'], 'configuration', ['change'], 'success'),
  person('certificate_managed', ['84'], ['Certificate Management'], 'configuration', ['change'], 'unknown'),
];

/** senhasegura.go, the agent on workstations. */
const AGENT: readonly Kind[] = [
  person('agent_password_viewed', ['65'], ['View password'], 'iam', ['info'], 'success'),
  person('agent_password_copied', ['66'], ['Copy password'], 'iam', ['info'], 'success'),
  person('elevation_requested', ['63'], ['Using AUC'], 'process', ['start'], 'success'),
  person('runas_executed', ['67'], ['Runas executed'], 'process', ['start'], 'success'),
  person('macro_executed', ['68'], ['Macro executed'], 'process', ['start'], 'success'),
  person('control_panel_executed', ['69'], ['Control panel executed'], 'process', ['start'], 'success'),
  person('network_adapter_requested', ['70'], ['Network adapter executed'], 'process', ['start'], 'success'),
  person('network_share_accessed', ['71'], ['Network share'], ['file', 'network'], ['access'], 'success'),
  person('workstation_approved', ['60'], ['Workstation approved'], ['host', 'iam'], ['change'], 'success'),
  person('workstation_registered', ['61'], ['Workstation registration'], ['host', 'iam'], ['info'], 'success'),
  person('workstation_user_approved', ['62'], ['User created'], 'iam', ['user', 'creation'], 'success'),
  person('agent_uninstalled', ['72'], ['senhasegura.go uninstalled'], 'package', ['deletion'], 'success'),
  person('agent_online', ['73'], ['senhasegura.go goes online'], 'host', ['start'], 'success'),
  person('agent_offline', ['74'], ['senhasegura.go goes offline'], 'host', ['end'], 'success'),
  system('agent_started', ['42'], ['Application started'], 'process', ['start'], 'success'),
  system('agent_ended', ['43'], ['Application completed'], 'process', ['end'], 'success'),
  system('agent_version_available', ['45'], ['New senhasegura.go version'], 'package', ['info'], 'success'),
  system('agent_version_approved', ['46'], ['senhasegura.go version approved'], 'package', ['change'], 'success'),
  system('agent_version_disabled', ['47'], ['senhasegura.go version disabled'], 'package', ['change'], 'success'),
  system('agent_version_downloaded', ['48'], ['Download of senhasegura.go version performed'], 'package', ['access'], 'success'),
  system('agent_version_installed', ['49'], ['senhasegura.go version installed'], 'package', ['installation'], 'success'),
  system('agent_alerted', ['75'], ['senhasegura.go alert'], 'host', ['info'], 'unknown'),
];

/** Every kind, in the groups in which the catalogue page shows them. */
export const GROUPS: Readonly<Record<string, readonly Kind[]>> = {
  'Secrets and requests': SECRETS,
  'Sessions and commands': SESSIONS,
  'Signing in, and unusual behavior': SIGN_IN,
  'Master key and reports': MASTER_KEY,
  'Life of credentials': CREDENTIALS,
  Infrastructure: INFRASTRUCTURE,
  Certificates: CERTIFICATES,
  'Agent on workstations': AGENT,
};

export const KINDS: readonly Kind[] = Object.values(GROUPS).flat();
