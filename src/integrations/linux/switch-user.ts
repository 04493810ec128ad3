import type { EventWords, Mapping } from '../../normalize/mapping.ts';
import { pam } from './pam.ts';

const su: EventWords = { action: 'su', category: ['authentication'], type: ['start'], outcome: 'success' };
const suFailed: EventWords = { ...su, outcome: 'failure' };
const pkexecCommand: EventWords = { action: 'pkexec_command', category: ['process'], type: ['start'], outcome: 'success' };
const pkexecRefused: EventWords = { action: 'pkexec_refused', category: ['process'], type: ['info'], outcome: 'failure' };
const doasCommand: EventWords = { action: 'doas_command', category: ['process'], type: ['start'], outcome: 'success' };
const doasRefused: EventWords = { action: 'doas_refused', category: ['process'], type: ['info'], outcome: 'failure' };

/** `su` of util-linux, shadow, BusyBox and BSD. */
export const switchUser: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['su', 'su-l', 'runuser'] },
  reader: pam,
  messages: [
    { form: 'FAILED SU (to {user.effective.name}) {user.name~} on {linux.tty}', event: suFailed },
    { form: '(to {user.effective.name}) {user.name~} on {linux.tty}', event: su },
    { form: 'Successful su for {user.effective.name} by {user.name~}', event: su },
    { form: 'FAILED su for {user.effective.name} by {user.name~}', event: suFailed },
    { form: 'BAD SU {user.name~} to {user.effective.name} on {linux.tty}', event: suFailed },
    { form: '{user.name} to {user.effective.name} on {linux.tty}', event: su },
    { form: "'su {user.effective.name}' failed for {user.name~} on {linux.tty}", event: suFailed },
    { form: "'su {user.effective.name}' succeeded for {user.name~} on {linux.tty}", event: su },
    { form: '+ {linux.tty} {user.name}:{user.effective.name}', event: su },
    { form: '- {linux.tty} {user.name}:{user.effective.name}', event: suFailed },
  ],
};

/** polkit's `pkexec`. */
export const pkexec: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['pkexec'] },
  reader: pam,
  messages: [
    {
      form: '{user.name}: Executing command [USER={user.effective.name}] [TTY={linux.tty}] [CWD={process.working_directory~}] [COMMAND={process.command_line~}]',
      event: pkexecCommand,
    },
    {
      form: '{user.name}: {event.reason~} [USER={user.effective.name}] [TTY={linux.tty}] [CWD={process.working_directory~}] [COMMAND={process.command_line~}]',
      event: pkexecRefused,
    },
  ],
};

/** OpenBSD's `doas`, as ported. */
export const doas: Mapping = {
  product: 'linux',
  dataset: 'linux.auth',
  appliesTo: { programs: ['doas'] },
  reader: pam,
  messages: [
    {
      form: '{user.name} ran command {process.command_line*} as {user.effective.name} from {process.working_directory}',
      event: doasCommand,
    },
    {
      form: 'command not permitted for {user.name}: {process.command_line~}',
      event: doasRefused,
      set: { 'event.reason': 'command not permitted' },
    },
    { form: 'failed command for {user.name}: {process.command_line~}', event: doasRefused, set: { 'event.reason': 'failed command' } },
    { form: 'failed auth for {user.name}', event: doasRefused, set: { 'event.reason': 'failed auth' } },
  ],
};
