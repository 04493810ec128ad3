import type { EventWords, Mapping } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

const login: EventWords = { action: 'login', category: ['authentication'], type: ['start'], outcome: 'success' };
const failed: EventWords = { ...login, outcome: 'failure' };
const maxAttempts: EventWords = { ...failed, action: 'login_max_attempts' };
const sessionStarted: EventWords = { action: 'logind_session_started', category: ['session'], type: ['start'], outcome: 'success' };
const sessionLeft: EventWords = { action: 'logind_session_logged_out', category: ['session'], type: ['end'] };
const sessionEnded: EventWords = { action: 'logind_session_ended', category: ['session'], type: ['end'] };
const shutdown: EventWords = { action: 'system_shutdown', category: ['host'], type: ['end'] };

const root = { 'user.name': 'root' };

/** `login` of util-linux and shadow, on consoles. The name is what was typed: anything. */
export const consoleLogin: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['login'] },
  reader: pam,
  messages: [
    { form: 'ROOT LOGIN ON {linux.tty} FROM {source.address}', event: login, set: root },
    { form: 'ROOT LOGIN ON {linux.tty}', event: login, set: root },
    // util-linux has two blanks here.
    { form: 'ROOT LOGIN  on {linux.tty~} from {source.address}', event: login, set: root },
    { form: 'ROOT LOGIN  on {linux.tty~}', event: login, set: root },
    { form: 'LOGIN ON {linux.tty} BY {user.name~} FROM {source.address}', event: login },
    { form: 'LOGIN ON {linux.tty} BY {user.name~}', event: login },
    { form: "FAILED LOGIN ({-#}) on '{linux.tty}' from '{source.address}' FOR '{user.name*}', {event.reason~}", event: failed },
    { form: "FAILED LOGIN ({-#}) on '{linux.tty}' FOR '{user.name*}', {event.reason~}", event: failed },
    { form: 'FAILED LOGIN {-#} FROM tty{-} FOR {user.name*}, {event.reason~}', event: failed },
    { form: 'FAILED LOGIN {-#} FROM {source.address} FOR {user.name*}, {event.reason~}', event: failed },
    { form: 'FAILED LOGIN SESSION FROM {source.address} FOR {user.name*}, {event.reason~}', event: failed },
    // Where nobody came over the network the terminal stands in the peer's place.
    { form: 'TOO MANY LOGIN TRIES ({-#}) FROM tty{-} FOR {user.name*}, {event.reason~}', event: maxAttempts },
    { form: 'TOO MANY LOGIN TRIES ({-#}) FROM {source.address} FOR {user.name*}, {event.reason~}', event: maxAttempts },
    { form: "TOO MANY LOGIN TRIES ({-#}) on '{linux.tty}' FOR '{user.name*}', {event.reason~}", event: maxAttempts },
  ],
};

/** systemd's session manager. */
export const logind: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['systemd-logind'] },
  reader: pam,
  messages: [
    {
      form: "New session '{linux.session.id}' of user '{user.name~}' with class '{linux.session.class}' and type '{linux.session.type}'.",
      event: sessionStarted,
    },
    { form: 'New session {linux.session.id} of user {user.name~}.', event: sessionStarted },
    { form: 'Session {linux.session.id} logged out. Waiting for processes to exit.', event: sessionLeft },
    { form: 'Removed session {linux.session.id}.', event: sessionEnded },
    { form: 'System is rebooting.', event: shutdown, set: { 'event.reason': 'reboot' } },
    { form: 'System is powering down.', event: shutdown, set: { 'event.reason': 'power off' } },
    { form: 'System is halting.', event: shutdown, set: { 'event.reason': 'halt' } },
    { form: 'The system will reboot now!', event: shutdown, set: { 'event.reason': 'reboot' } },
    { form: 'The system will power off now!', event: shutdown, set: { 'event.reason': 'power off' } },
  ],
};
