import type { EventDraft, EventWords, Reader } from '../../normalize/mapping.ts';
import { quoted, splitPairs } from './pairs.ts';

const opened: EventWords = { action: 'session_opened', category: ['session'], type: ['start'], outcome: 'success' };
const closed: EventWords = { action: 'session_closed', category: ['session'], type: ['end'], outcome: 'success' };
const failed: EventWords = { action: 'pam_authentication', category: ['authentication'], type: ['start'], outcome: 'failure' };
const succeeded: EventWords = { ...failed, outcome: 'success' };
const userUnknown: EventWords = { action: 'pam_user_unknown', category: ['authentication'], type: ['info'], outcome: 'failure' };
const passwordChanged: EventWords = { action: 'password_changed', category: ['iam'], type: ['user', 'change'], outcome: 'success' };
const expired: EventWords = { action: 'account_expired', category: ['authentication'], type: ['start'], outcome: 'failure' };
const locked: EventWords = { action: 'account_locked', category: ['iam'], type: ['user', 'change'], outcome: 'success' };
const denied: EventWords = { action: 'access_denied', category: ['authentication'], type: ['start'], outcome: 'failure' };
const another: EventWords = { action: 'pam_message', category: ['authentication'], type: ['info'] };

/** Programs that give one person the rights of another: the session's user is whose rights they are, not who acts. */
const SWITCHES: ReadonlySet<string> = new Set(['sudo', 'sudo-i', 'su', 'su-l', 'runuser', 'runuser-l', 'doas', 'pkexec', 'polkit-1']);

/** Of these, PAM authenticates the target (`su` asks for root's password); `sudo` authenticates who calls it. */
const ASKS_FOR_TARGET: ReadonlySet<string> = new Set(['su', 'su-l', 'runuser', 'runuser-l']);

/** Lines of PAM modules, in the name of any program: `pam_unix(sshd:session): session opened for user alice by (uid=0)`. */
export const pam: Reader = {
  writes: [
    'user.name',
    'user.id',
    'user.effective.name',
    'user.effective.id',
    'user.target.name',
    'source.address',
    'source.ip',
    'source.domain',
    'event.reason',
    'linux.tty',
    'linux.pam.module',
    'linux.pam.service',
    'linux.pam.type',
    'linux.pam.by',
    'linux.pam.count',
  ],
  events: [opened, closed, failed, succeeded, userUnknown, passwordChanged, expired, locked, denied, another],
  read(message, event) {
    if (message.startsWith('pam_')) return readModule(message, event);
    return message.startsWith('PAM ') && readRepeated(message, event);
  },
};

/** `pam_unix(sshd:session): …`; some modules leave the parentheses out. */
function readModule(message: string, event: EventDraft): boolean {
  const colon = message.indexOf(': ');
  if (colon === -1 || colon > 100) return false;
  const head = message.slice(0, colon);
  const rest = message.slice(colon + 2);
  const open = head.indexOf('(');
  event.setText('linux.pam.module', open === -1 ? head : head.slice(0, open));
  const inside = open === -1 ? '' : head.slice(open + 1, head.endsWith(')') ? -1 : undefined);
  const parting = inside.indexOf(':');
  const service = parting === -1 ? inside : inside.slice(0, parting);
  event.setText('linux.pam.service', service);
  if (parting !== -1) event.setText('linux.pam.type', inside.slice(parting + 1));
  readText(rest, service, event);
  return true;
}

/** `PAM 2 more authentication failures; logname= …`, from the end of a connection. */
function readRepeated(message: string, event: EventDraft): boolean {
  const semicolon = message.indexOf('; ');
  const [, count = '', more, authentication, failures = ''] = message.slice(0, Math.max(semicolon, 0)).split(' ', 6);
  if (more !== 'more' || authentication !== 'authentication' || !failures.startsWith('failure')) return false;
  event.classify(failed);
  if (/^\d{1,9}$/.test(count)) event.set('linux.pam.count', Number(count));
  setPerson(message.slice(semicolon + 2), '', event);
  return true;
}

function readText(text: string, service: string, event: EventDraft): void {
  if (text.startsWith('session opened for user ')) readOpened(text.slice('session opened for user '.length), service, event);
  else if (text.startsWith('session closed for user ')) readClosed(text.slice('session closed for user '.length), service, event);
  else if (text.startsWith('authentication failure; ')) setAuthentication(failed, text, service, event);
  else if (text.startsWith('authentication success; ')) setAuthentication(succeeded, text, service, event);
  else readOther(text, event);
}

/** `root(uid=0) by alice(uid=1000)`, `alice by (uid=0)`, older `root by alice(uid=1000)`. The last ` by ` is PAM's. */
function readOpened(text: string, service: string, event: EventDraft): void {
  event.classify(opened);
  const parting = text.lastIndexOf(' by ');
  const whose = person(parting === -1 ? text : text.slice(0, parting));
  const by = person(parting === -1 ? '' : text.slice(parting + 4));
  if (by.name !== '') event.setText('linux.pam.by', by.name);
  if (!SWITCHES.has(service)) {
    setNameAndId('user', whose, event);
    return;
  }
  setNameAndId('user', by, event);
  setNameAndId('user.effective', whose, event);
}

function readClosed(text: string, service: string, event: EventDraft): void {
  event.classify(closed);
  setNameAndId(SWITCHES.has(service) ? 'user.effective' : 'user', person(text), event);
}

interface Person {
  readonly name: string;
  readonly id: string;
}

/** `alice(uid=1000)`, `alice`, `(uid=0)`. */
function person(text: string): Person {
  const open = text.endsWith(')') ? text.lastIndexOf('(uid=') : -1;
  return open === -1 ? { name: text, id: '' } : { name: text.slice(0, open), id: text.slice(open + 5, -1) };
}

function setNameAndId(whose: 'user' | 'user.effective', { name, id }: Person, event: EventDraft): void {
  event.setText(`${whose}.name`, name);
  event.setText(`${whose}.id`, id);
}

function setAuthentication(words: EventWords, text: string, service: string, event: EventDraft): void {
  event.classify(words);
  setPerson(text.slice(text.indexOf('; ') + 2), service, event);
}

const PERSON_KEYS = ['logname', 'uid', 'euid', 'tty', 'ruser', 'rhost', 'user'] as const;

/** `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root`: values may hold blanks, so only these keys, in this order, part them. */
function setPerson(text: string, service: string, event: EventDraft): void {
  const pairs = splitPairs(text, PERSON_KEYS);
  const user = pairs.user ?? '';
  event.setText('linux.tty', pairs.tty ?? '');
  event.setPeer('source', pairs.rhost ?? '');
  if (!ASKS_FOR_TARGET.has(service)) {
    event.setText('user.name', user);
    return;
  }
  event.setText('user.effective.name', user);
  const caller = pairs.ruser === undefined || pairs.ruser === '' ? pairs.logname : pairs.ruser;
  event.setText('user.name', caller ?? '');
}

/** What modules say in sentences; they quote names with `'`, `"` or a backtick and `'`. */
function readOther(text: string, event: EventDraft): void {
  if (text.startsWith('check pass; user unknown')) {
    event.classify(userUnknown);
  } else if (text.startsWith('password changed for ')) {
    event.classify(passwordChanged);
    event.setText('user.target.name', text.slice('password changed for '.length));
  } else if (text.startsWith('Consecutive login failures for user ') && text.endsWith(' account temporarily locked')) {
    event.classify(locked);
    event.setText('user.target.name', text.slice('Consecutive login failures for user '.length, -' account temporarily locked'.length));
  } else if (text.startsWith('user ') && text.includes(' tally ') && text.includes(', deny ')) {
    event.classify(locked);
    event.setText('user.target.name', person(text.slice('user '.length, text.lastIndexOf(' tally '))).name.replace(/ \(\d+\)$/, ''));
  } else if (text.startsWith('access denied for user ')) {
    readDenied(text, event);
  } else readExpired(text, event);
}

/** ``access denied for user `alice' from `192.0.2.1'``. */
function readDenied(text: string, event: EventDraft): void {
  event.classify(denied);
  const from = text.lastIndexOf(' from ');
  const end = from === -1 ? text.length : from;
  event.setText('user.name', quoted(text.slice('access denied for user '.length, end)));
  if (from === -1) return;
  const where = quoted(text.slice(from + ' from '.length));
  if (where.startsWith('/dev/') || where.startsWith('tty') || where.startsWith('pts/')) event.setText('linux.tty', where);
  else event.setPeer('source', where);
}

/** `account alice has expired (account expired)`, `expired password for user alice (password aged)`. */
function readExpired(text: string, event: EventDraft): void {
  const bracket = text.lastIndexOf(' (');
  const sentence = bracket === -1 ? text : text.slice(0, bracket);
  event.setText('event.reason', text);
  if (sentence.startsWith('account ') && sentence.endsWith(' has expired')) {
    event.classify(expired);
    event.setText('user.name', sentence.slice('account '.length, -' has expired'.length));
  } else if (sentence.startsWith('expired password for user ')) {
    event.classify(expired);
    event.setText('user.name', sentence.slice('expired password for user '.length));
  } else event.classify(another);
}
