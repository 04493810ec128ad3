import type { EventWords } from '../../normalize/mapping.ts';

/**
 * Whose names an event of Windows carries as `Subject…`, `Target…` and `Member…`.
 *
 * - `logon`: the target is who logs in.
 * - `explicit`: the subject is who acts, the target whose password is used.
 * - `account`: the subject changes the account that the target is.
 * - `group`, `member`: the subject changes the group that the target is, or makes the member one of it.
 * - `actor`: there is a subject, and what the target is differs.
 */
export type People = 'logon' | 'explicit' | 'account' | 'group' | 'member' | 'actor';

export interface Kind {
  readonly words: EventWords;
  readonly people: People;
}

type Category = EventWords['category'][number];
type Type = EventWords['type'][number];

const kind = (people: People, action: string, category: Category, ...type: readonly Type[]): Kind => ({
  people,
  words: { action, category: [category], type },
});

const account = (action: string, type: Type): Kind => kind('account', action, 'iam', 'user', type);
const group = (action: string, type: Type): Kind => kind('group', action, 'iam', 'group', type);
const configuration = (action: string, type: Type): Kind => kind('actor', action, 'configuration', type);

const memberAdded = kind('member', 'group_member_added', 'iam', 'group', 'change');
const memberRemoved = kind('member', 'group_member_removed', 'iam', 'group', 'change');
const groupAdded = group('group_added', 'creation');
const groupDeleted = group('group_deleted', 'deletion');
const groupChanged = group('group_changed', 'change');

/** The Security channel, by event id. */
export const SECURITY: ReadonlyMap<string, Kind> = new Map([
  ['1100', configuration('event_log_stopped', 'change')],
  ['1102', configuration('event_log_cleared', 'deletion')],
  ['4616', configuration('system_time_changed', 'change')],
  ['4624', kind('logon', 'logon', 'authentication', 'start')],
  ['4625', kind('logon', 'logon', 'authentication', 'start')],
  ['4634', kind('logon', 'logoff', 'authentication', 'end')],
  ['4647', kind('logon', 'logoff', 'authentication', 'end')],
  ['4648', kind('explicit', 'logon_with_explicit_credentials', 'authentication', 'start')],
  ['4657', kind('actor', 'registry_value_changed', 'registry', 'change')],
  ['4662', kind('actor', 'directory_object_accessed', 'iam', 'info')],
  ['4663', kind('actor', 'object_accessed', 'file', 'access')],
  ['4672', kind('actor', 'special_privileges_assigned', 'iam', 'admin')],
  ['4673', kind('actor', 'privileged_service_called', 'process', 'info')],
  ['4688', kind('actor', 'process_started', 'process', 'start')],
  ['4689', kind('actor', 'process_ended', 'process', 'end')],
  ['4697', configuration('service_installed', 'creation')],
  ['4698', configuration('scheduled_task_created', 'creation')],
  ['4699', configuration('scheduled_task_deleted', 'deletion')],
  ['4700', configuration('scheduled_task_enabled', 'change')],
  ['4701', configuration('scheduled_task_disabled', 'change')],
  ['4702', configuration('scheduled_task_changed', 'change')],
  ['4704', kind('actor', 'user_right_assigned', 'iam', 'admin', 'change')],
  ['4705', kind('actor', 'user_right_removed', 'iam', 'admin', 'change')],
  ['4706', configuration('domain_trust_added', 'creation')],
  ['4707', configuration('domain_trust_removed', 'deletion')],
  ['4713', configuration('kerberos_policy_changed', 'change')],
  ['4716', configuration('domain_trust_changed', 'change')],
  ['4717', kind('actor', 'logon_right_granted', 'iam', 'admin', 'change')],
  ['4718', kind('actor', 'logon_right_removed', 'iam', 'admin', 'change')],
  ['4719', configuration('audit_policy_changed', 'change')],
  ['4720', account('user_added', 'creation')],
  ['4722', account('user_enabled', 'change')],
  ['4723', account('password_changed', 'change')],
  ['4724', account('password_reset', 'change')],
  ['4725', account('user_disabled', 'change')],
  ['4726', account('user_deleted', 'deletion')],
  ['4727', groupAdded],
  ['4728', memberAdded],
  ['4729', memberRemoved],
  ['4730', groupDeleted],
  ['4731', groupAdded],
  ['4732', memberAdded],
  ['4733', memberRemoved],
  ['4734', groupDeleted],
  ['4735', groupChanged],
  ['4737', groupChanged],
  ['4738', account('user_changed', 'change')],
  ['4739', configuration('domain_policy_changed', 'change')],
  ['4740', account('user_locked_out', 'change')],
  ['4741', account('computer_account_added', 'creation')],
  ['4742', account('computer_account_changed', 'change')],
  ['4743', account('computer_account_deleted', 'deletion')],
  ['4754', groupAdded],
  ['4755', groupChanged],
  ['4756', memberAdded],
  ['4757', memberRemoved],
  ['4758', groupDeleted],
  ['4764', groupChanged],
  ['4765', account('sid_history_added', 'change')],
  ['4766', account('sid_history_added', 'change')],
  ['4767', account('user_unlocked', 'change')],
  ['4768', kind('logon', 'kerberos_ticket_granted', 'authentication', 'start')],
  ['4769', kind('logon', 'kerberos_service_ticket_granted', 'authentication', 'start')],
  ['4770', kind('logon', 'kerberos_ticket_renewed', 'authentication', 'info')],
  ['4771', kind('logon', 'kerberos_preauthentication', 'authentication', 'start')],
  ['4776', kind('logon', 'credentials_checked', 'authentication', 'start')],
  ['4778', kind('actor', 'session_reconnected', 'session', 'start')],
  ['4779', kind('actor', 'session_disconnected', 'session', 'end')],
  ['4781', account('user_renamed', 'change')],
  ['4794', account('recovery_password_set', 'change')],
  ['4798', kind('account', 'user_groups_listed', 'iam', 'user', 'info')],
  ['4799', kind('group', 'group_members_listed', 'iam', 'group', 'info')],
  ['4886', kind('actor', 'certificate_requested', 'iam', 'info')],
  ['4887', kind('actor', 'certificate_issued', 'iam', 'info')],
  ['5136', kind('actor', 'directory_object_changed', 'iam', 'change')],
  ['5137', kind('actor', 'directory_object_added', 'iam', 'creation')],
  ['5140', kind('actor', 'share_accessed', 'network', 'access')],
  ['5141', kind('actor', 'directory_object_deleted', 'iam', 'deletion')],
  ['5145', kind('actor', 'share_file_checked', 'network', 'access')],
]);

/** The System channel. */
export const SYSTEM: ReadonlyMap<string, Kind> = new Map([
  ['104', configuration('event_log_cleared', 'deletion')],
  ['7036', configuration('service_state_changed', 'info')],
  ['7040', configuration('service_changed', 'change')],
  ['7045', configuration('service_installed', 'creation')],
]);

/** Sysmon. */
export const SYSMON: ReadonlyMap<string, Kind> = new Map([
  ['1', kind('actor', 'process_started', 'process', 'start')],
  ['3', kind('actor', 'network_connection', 'network', 'connection', 'start')],
  ['5', kind('actor', 'process_ended', 'process', 'end')],
  ['11', kind('actor', 'file_created', 'file', 'creation')],
  ['12', kind('actor', 'registry_key_changed', 'registry', 'change')],
  ['13', kind('actor', 'registry_value_set', 'registry', 'change')],
  ['22', kind('actor', 'dns_query', 'network', 'protocol')],
]);

/** PowerShell's own channel. */
export const POWERSHELL: ReadonlyMap<string, Kind> = new Map([
  ['4103', kind('actor', 'powershell_command', 'process', 'info')],
  ['4104', kind('actor', 'powershell_script', 'process', 'info')],
]);

export const NO_KINDS: ReadonlyMap<string, Kind> = new Map();
