import type { EventDraft, EventWords, Mapping, Reader } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

const command: EventWords = { action: 'sudo_command', category: ['process'], type: ['start'], outcome: 'success' };
const refused: EventWords = { action: 'sudo_refused', category: ['process'], type: ['info'], outcome: 'failure' };
const notAuthenticated: EventWords = {
  action: 'sudo_authentication_failed',
  category: ['authentication'],
  type: ['start'],
  outcome: 'failure',
};

const COMMAND = ' ; COMMAND=';
const INCORRECT = / ?(\d{1,9}) incorrect password attempts?$/;

/**
 * sudo's own lines (sudo.conf "sudoers log format"): `alice : [reason ;] TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`.
 *
 * A command may hold ` ; USER=` and `COMMAND=` in its arguments, so the first of each counts. A directory may hold them as well
 * (`PWD=/tmp/x ; USER=nobody ; COMMAND=/bin/true`); then nobody can tell, and the event has the tag `ambiguous_message`.
 */
const sudoLine: Reader = {
  writes: [
    'user.name',
    'user.effective.name',
    'group.name',
    'process.command_line',
    'process.executable',
    'process.working_directory',
    'event.reason',
    'linux.tty',
    'linux.sudo.attempts',
    'linux.sudo.log_id',
    'linux.sudo.chroot',
    'linux.sudo.environment',
    'linux.sudo.host',
  ],
  events: [command, refused, notAuthenticated],
  read(message, event) {
    const text = message.trimStart();
    const parting = text.indexOf(' : ');
    if (parting <= 0) return false;
    const start = text.indexOf(COMMAND, parting);
    const about = text.slice(parting + 3, start === -1 ? text.length : start);
    if (!about.includes('TTY=') && !about.includes('USER=')) return false;
    const reason = readFacts(about, event);
    event.setText('user.name', text.slice(0, parting));
    if (start !== -1) readCommand(text.slice(start + COMMAND.length), event);
    classify(reason, event);
    return true;
  },
};

const PLACES: Readonly<Record<string, string>> = {
  TTY: 'linux.tty',
  PWD: 'process.working_directory',
  USER: 'user.effective.name',
  GROUP: 'group.name',
  TSID: 'linux.sudo.log_id',
  CHROOT: 'linux.sudo.chroot',
  CWD: 'process.working_directory',
  ENV: 'linux.sudo.environment',
  HOST: 'linux.sudo.host',
};

/** Reads `KEY=value ; KEY=value`; what has no key is the reason of a refusal, or the rest of a value that holds ` ; `. */
function readFacts(about: string, event: EventDraft): string {
  let reason = '';
  let last = '';
  for (const part of about.split(' ; ')) {
    const equals = part.indexOf('=');
    const path = equals === -1 ? undefined : PLACES[part.slice(0, equals)];
    if (path !== undefined) {
      event.setText(path, part.slice(equals + 1));
      last = path;
    } else if (last === '') {
      reason = reason === '' ? part.trim() : `${reason} ; ${part.trim()}`;
    } else if (part !== '') {
      event.setText(last, `${String(event.get(last) ?? '')} ; ${part}`);
    }
  }
  return reason;
}

function readCommand(line: string, event: EventDraft): void {
  event.setText('process.command_line', line);
  const blank = line.indexOf(' ');
  const executable = blank === -1 ? line : line.slice(0, blank);
  if (executable.startsWith('/')) event.setText('process.executable', executable);
  if (line.includes(COMMAND)) event.tag('ambiguous_message');
}

function classify(reason: string, event: EventDraft): void {
  if (reason === '') {
    event.classify(command);
    return;
  }
  event.setText('event.reason', reason);
  const attempts = INCORRECT.exec(reason)?.[1];
  if (attempts !== undefined) event.set('linux.sudo.attempts', Number(attempts));
  event.classify(attempts === undefined ? refused : notAuthenticated);
}

/** sudo. Its PAM lines come first: `pam_unix(sudo:session): …`. */
export const sudo: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['sudo', 'sudoedit'] },
  reader: {
    writes: [...pam.writes, ...sudoLine.writes],
    events: [...pam.events, ...sudoLine.events],
    read: (message, event) => pam.read(message, event) || sudoLine.read(message, event),
  },
};
