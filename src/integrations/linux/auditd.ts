import type { EventDraft, Mapping, Reader } from '../../normalize/mapping.ts';
import { parseSocketAddress } from './audit-address.ts';
import { type AuditPair, type AuditRecord, parseAuditRecord, plain, untrusted } from './audit-record.ts';
import { ALL_AUDIT_WORDS, auditWords } from './audit-words.ts';

const PREFIX = 'linux.auditd.';

/** In these `acct` and `id` are the account that is changed. */
const CHANGES_USER: ReadonlySet<string> = new Set([
  'ADD_USER',
  'DEL_USER',
  'USER_MGMT',
  'USER_CHAUTHTOK',
  'ACCT_LOCK',
  'ACCT_UNLOCK',
  'ROLE_ASSIGN',
  'ROLE_REMOVE',
]);

/** In these `acct`, `grp` and `id` are the group that is changed. */
const CHANGES_GROUP: ReadonlySet<string> = new Set(['ADD_GROUP', 'DEL_GROUP', 'GRP_MGMT', 'GRP_CHAUTHTOK']);

/** Whose account `acct` is. */
type Whose = 'user' | 'user.target' | 'user.effective' | 'group';

function whoseAccount(type: string, pairs: ReadonlyMap<string, AuditPair>): Whose {
  if (CHANGES_GROUP.has(type)) return 'group';
  if (CHANGES_USER.has(type)) return 'user.target';
  const executable = pairs.get('exe')?.value ?? '';
  // `sudo` authenticates who calls it, and opens the session of whose rights are wanted; `su` asks for the target from the beginning.
  if (executable.endsWith('/su') || (executable.endsWith('/sudo') && type !== 'USER_AUTH' && type !== 'USER_ACCT')) return 'user.effective';
  return 'user';
}

/** Keys that go to one field, whatever the record. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ['pid', 'process.pid'],
  ['ppid', 'process.parent.pid'],
  ['euid', 'user.effective.id'],
  ['EUID', 'user.effective.name'],
  ['egid', 'user.effective.group.id'],
  ['EGID', 'user.effective.group.name'],
  ['exe', 'process.executable'],
  ['comm', 'process.name'],
  ['cwd', 'process.working_directory'],
  ['cmd', 'process.command_line'],
  ['inode', 'file.inode'],
  ['mode', 'file.mode'],
  ['AUID', 'linux.auditd.auid_name'],
  ['SYSCALL', 'linux.auditd.syscall_name'],
  ['tty', 'linux.tty'],
  ['terminal', 'linux.tty'],
  ['grp', 'group.name'],
]);

/** -1 as an unsigned number: nobody logged in. */
const UNSET = '4294967295';

const auditd: Reader = {
  writes: [
    ...PLACES.values(),
    'event.code',
    'event.outcome',
    'host.name',
    'host.hostname',
    'user.name',
    'user.id',
    'user.target.name',
    'user.target.id',
    'group.id',
    'source.address',
    'source.ip',
    'source.domain',
    'destination.address',
    'destination.ip',
    'destination.port',
    'process.args',
    'file.path',
    'linux.auditd.*',
  ],
  events: ALL_AUDIT_WORDS,
  read(message, event) {
    const record = parseAuditRecord(message);
    if (record === undefined) return false;
    event.setTime(record.time);
    event.classify(auditWords(record.type, record.body));
    event.set('event.code', record.type);
    event.set(`${PREFIX}type`, record.type);
    event.set(`${PREFIX}sequence`, record.sequence);
    setNode(record.node, event);
    const pairs = new Map(record.pairs.map((pair) => [pair.key, pair]));
    setOutcome(pairs, event);
    const whose = whoseAccount(record.type, pairs);
    if (record.type === 'EXECVE') setArguments(record, event);
    for (const pair of pairs.values()) setPair(record.type, pair, whose, pairs, event);
    return true;
  },
};

function setNode(node: string | undefined, event: EventDraft): void {
  if (node === undefined || event.get('host.name') !== undefined) return;
  event.set('host.name', node);
  event.set('host.hostname', node);
}

function setOutcome(pairs: ReadonlyMap<string, AuditPair>, event: EventDraft): void {
  const word = (pairs.get('res') ?? pairs.get('success'))?.value;
  if (word === 'success' || word === 'yes' || word === '1') event.set('event.outcome', 'success');
  else if (word === 'failed' || word === 'no' || word === '0') event.set('event.outcome', 'failure');
}

function setPair(type: string, pair: AuditPair, whose: Whose, pairs: ReadonlyMap<string, AuditPair>, event: EventDraft): void {
  const { key } = pair;
  const text = TEXTS.has(key) ? untrusted(pair) : plain(pair);
  if (text === '' || (type === 'EXECVE' && /^a\d/.test(key))) return;
  switch (key) {
    case 'acct':
      event.setText(`${whose}.name`, text);
      return;
    case 'id':
      if (text !== UNSET) event.setText(`${whose}.id`, text);
      return;
    case 'ID':
      if (!pairs.has('acct')) event.setText(`${whose}.name`, text);
      return;
    case 'uid':
    case 'UID':
      setCaller(key, text, whose, pairs, event);
      return;
    case 'addr':
      event.setPeer('source', text);
      return;
    case 'hostname':
      // The peer's name, or its address again; without an address it is the machine's own name.
      setHostname(text, pairs.get('addr')?.value ?? '?', event);
      return;
    case 'saddr':
      setDestination(text, event);
      return;
    case 'proctitle':
      event.setText('process.command_line', text.replaceAll('\0', ' '));
      return;
    case 'name':
      event.setText(type === 'PATH' || type === 'AVC' ? 'file.path' : `${PREFIX}name`, text);
      return;
    default:
      setElsewhere(key, text, event);
  }
}

/**
 * `uid` is the process's: who acts, except where `acct` says who logs in (then it is the daemon's, and kept under `linux.auditd`).
 */
function setCaller(key: 'uid' | 'UID', text: string, whose: Whose, pairs: ReadonlyMap<string, AuditPair>, event: EventDraft): void {
  const isDaemon = whose === 'user' && (pairs.has('acct') || pairs.has('id'));
  if (key === 'uid') event.setText(isDaemon ? `${PREFIX}uid` : 'user.id', text);
  else event.setText(isDaemon ? `${PREFIX}uid_name` : 'user.name', text);
}

/** The address that a program connects or binds to; a Unix socket stays as it is written. */
function setDestination(text: string, event: EventDraft): void {
  const address = parseSocketAddress(text);
  if (address === undefined) {
    event.setText(`${PREFIX}saddr`, text);
    return;
  }
  event.setPeer('destination', address.ip);
  event.set('destination.port', address.port);
}

function setHostname(text: string, address: string, event: EventDraft): void {
  if (address === '?') event.setText(`${PREFIX}hostname`, text);
  else if (text !== address) event.setText('source.domain', text);
}

/** Several keys of one rule are parted by 0x01. */
function setElsewhere(key: string, text: string, event: EventDraft): void {
  event.setText(pathOf(key), text.includes('\u0001') ? text.replaceAll('\u0001', ',') : text);
}

const KEPT_PATHS = 2_000;
const paths = new Map<string, string>(PLACES);

/** Keys are few and repeat; a sender who makes them up must not fill the memory. */
function pathOf(key: string): string {
  const known = paths.get(key);
  if (known !== undefined) return known;
  const path = PREFIX + (/^[A-Z]/.test(key) ? `${key.toLowerCase()}_name` : key);
  if (paths.size < KEPT_PATHS) paths.set(key, path);
  return path;
}

/** Keys that auditd writes as untrusted strings (audit-userspace, `auparse/typetab.h`: ESCAPED and ESCAPED_KEY). */
const TEXTS: ReadonlySet<string> = new Set([
  'acct',
  'cmd',
  'comm',
  'cwd',
  'data',
  'device',
  'dir',
  'exe',
  'file',
  'grp',
  'key',
  'name',
  'new_group',
  'ocomm',
  'path',
  'proctitle',
  'sw',
  'vm',
  'watch',
]);

/** `a0`, `a1` …, and a long one in pieces: `a1[0]`, `a1[1]`. */
function setArguments(record: AuditRecord, event: EventDraft): void {
  const args: string[] = [];
  for (const pair of record.pairs) {
    const found = /^a(\d{1,5})(?:\[\d{1,6}\])?$/.exec(pair.key);
    if (found === null) continue;
    const index = Number(found[1]);
    if (index === args.length - 1 && pair.key.endsWith(']')) args[index] += untrusted(pair);
    else args.push(untrusted(pair));
  }
  if (args.length === 0) return;
  event.set('process.args', args);
  event.set('process.command_line', args.join(' '));
}

/** The audit system, from `/var/log/audit/audit.log`, from audisp's syslog plugin, or from the kernel's log. */
export const audit: Mapping = {
  product: 'linux',
  dataset: 'linux.auditd',
  appliesTo: {
    programs: ['audispd', 'audisp-syslog', 'audisp', 'auditd'],
    texts: [
      { start: 'type=', contains: ' msg=audit(' },
      { start: 'node=', contains: ' msg=audit(' },
      { start: 'audit: type=', contains: ' audit(' },
      { start: '[', contains: '] audit: type=' },
    ],
  },
  reader: auditd,
};
