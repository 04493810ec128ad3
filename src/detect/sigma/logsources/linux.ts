import { type FieldNames, has, type LogSource, services } from '../logsource.ts';

const PROGRAM = ['process.name'] as const;

/** Keys of the Linux audit system. `a0`… are the command's words in EXECVE, and registers in SYSCALL. */
const AUDITD: FieldNames = {
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

export const LINUX: readonly LogSource[] = [
  { product: 'linux', route: [has(['event.module', 'host.os.type'], 'linux', 'syslog')] },
  {
    product: 'linux',
    service: 'auditd',
    route: [has('event.dataset', 'linux.auditd', 'auditd.log')],
    fields: AUDITD,
    others: (field) => (field.includes('.') ? [field] : [`linux.auditd.${field.toLowerCase()}`]),
  },
  ...services('linux', {
    auth: [has('event.dataset', 'linux.auth', 'system.auth')],
    clamav: [has(PROGRAM, 'clamd', 'clamscan', 'freshclam', 'clamav-milter', 'clamonacc')],
    cron: [has([...PROGRAM, 'event.dataset'], 'cron', 'crond', 'crontab', 'anacron', 'atd', 'linux.cron')],
    guacamole: [has(PROGRAM, 'guacd', 'guacamole')],
    modsecurity: [has([...PROGRAM, 'event.dataset'], 'modsecurity', 'modsec', 'apache2', 'httpd', 'nginx')],
    sshd: [has(PROGRAM, 'sshd', 'sshd-session', 'sshd-auth')],
    sudo: [has(PROGRAM, 'sudo')],
    syslog: [],
    vsftpd: [has(PROGRAM, 'vsftpd')],
  }),
  ...services(undefined, {
    apache: [has([...PROGRAM, 'event.module'], 'apache', 'apache2', 'httpd')],
    nginx: [has([...PROGRAM, 'event.module'], 'nginx')],
    sshd: [has(PROGRAM, 'sshd', 'sshd-session', 'sshd-auth')],
  }),
];
