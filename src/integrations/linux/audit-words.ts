import type { EventWords } from '../../normalize/mapping.ts';

type Category = EventWords['category'][number];
type Type = EventWords['type'][number];

const words = (action: string, category: Category, ...type: readonly Type[]): EventWords => ({ action, category: [category], type });

const credentials = words('audit_credentials', 'authentication', 'info');
const accountCheck = words('audit_account_check', 'authentication', 'info');
const macChanged = words('mac_changed', 'configuration', 'change');
const keystrokes = words('audit_keystrokes', 'process', 'info');

/** What a type of record means. */
const AUDIT_WORDS: ReadonlyMap<string, EventWords> = new Map([
  ['USER_AUTH', words('audit_authentication', 'authentication', 'start')],
  ['USER_LOGIN', words('audit_login', 'authentication', 'start')],
  ['USER_LOGOUT', words('audit_logout', 'authentication', 'end')],
  ['USER_ERR', accountCheck],
  ['USER_ACCT', accountCheck],
  ['CRED_ACQ', credentials],
  ['CRED_REFR', credentials],
  ['CRED_DISP', credentials],
  ['USER_START', words('audit_session_started', 'session', 'start')],
  ['USER_END', words('audit_session_ended', 'session', 'end')],
  ['LOGIN', words('audit_session_login', 'session', 'start')],
  ['USER_CMD', words('audit_sudo_command', 'process', 'start')],
  ['EXECVE', words('audit_execve', 'process', 'start')],
  ['SYSCALL', words('audit_syscall', 'process', 'info')],
  ['PROCTITLE', words('audit_proctitle', 'process', 'info')],
  ['CWD', words('audit_cwd', 'process', 'info')],
  ['EOE', words('audit_end', 'process', 'info')],
  ['PATH', words('audit_path', 'file', 'info')],
  ['SOCKADDR', words('audit_sockaddr', 'network', 'info')],
  ['ADD_USER', words('user_added', 'iam', 'user', 'creation')],
  ['DEL_USER', words('user_deleted', 'iam', 'user', 'deletion')],
  ['ADD_GROUP', words('group_added', 'iam', 'group', 'creation')],
  ['DEL_GROUP', words('group_deleted', 'iam', 'group', 'deletion')],
  ['USER_MGMT', words('user_changed', 'iam', 'user', 'change')],
  ['GRP_MGMT', words('group_changed', 'iam', 'group', 'change')],
  ['USER_CHAUTHTOK', words('password_changed', 'iam', 'user', 'change')],
  ['GRP_CHAUTHTOK', words('group_password_changed', 'iam', 'group', 'change')],
  ['ACCT_LOCK', words('user_locked', 'iam', 'user', 'change')],
  ['ACCT_UNLOCK', words('user_unlocked', 'iam', 'user', 'change')],
  ['ROLE_ASSIGN', words('role_assigned', 'iam', 'user', 'change')],
  ['ROLE_REMOVE', words('role_removed', 'iam', 'user', 'change')],
  ['CONFIG_CHANGE', words('audit_config_changed', 'configuration', 'change')],
  ['DAEMON_START', words('audit_daemon_started', 'process', 'start')],
  ['DAEMON_END', words('audit_daemon_ended', 'process', 'end')],
  ['DAEMON_ABORT', words('audit_daemon_aborted', 'process', 'end')],
  ['DAEMON_CONFIG', words('audit_daemon_configured', 'configuration', 'change')],
  ['MAC_STATUS', macChanged],
  ['MAC_CONFIG_CHANGE', macChanged],
  ['MAC_POLICY_LOAD', macChanged],
  ['SECCOMP', words('seccomp', 'process', 'info')],
  ['SERVICE_START', words('service_started', 'process', 'start')],
  ['SERVICE_STOP', words('service_stopped', 'process', 'end')],
  ['SYSTEM_BOOT', words('system_booted', 'host', 'start')],
  ['SYSTEM_SHUTDOWN', words('system_shutdown', 'host', 'end')],
  ['KERN_MODULE', words('kernel_module', 'driver', 'start')],
  ['TTY', keystrokes],
  ['USER_TTY', keystrokes],
]);

const MAC_DENIED = words('mac_denied', 'process', 'info');
const MAC_GRANTED = words('mac_granted', 'process', 'info');
const ANOMALY = words('audit_anomaly', 'intrusion_detection', 'info');

/** Everything that {@link auditWords} can give, but for types that nobody has told us of. */
export const ALL_AUDIT_WORDS: readonly EventWords[] = [...AUDIT_WORDS.values(), MAC_DENIED, MAC_GRANTED, ANOMALY];

/** The words of a record; a type that is not known is its own action. */
export function auditWords(type: string, body: string): EventWords {
  if (type === 'AVC' || type === 'USER_AVC') return /denied|DENIED/.test(body) ? MAC_DENIED : MAC_GRANTED;
  if (type.startsWith('ANOM_')) return ANOMALY;
  return AUDIT_WORDS.get(type) ?? words(type.toLowerCase(), 'process', 'info');
}
