import type { Mapping } from '../../normalize/mapping.ts';
import { accounts } from './accounts.ts';
import { audit } from './auditd.ts';
import { cron } from './cron.ts';
import { consoleLogin, logind } from './login.ts';
import { otherPam } from './other-pam.ts';
import { sshd } from './sshd.ts';
import { sudo } from './sudo.ts';
import { doas, pkexec, switchUser } from './switch-user.ts';

/** All of Linux; README.md beside this file says what each line becomes. */
export const linuxMappings: readonly Mapping[] = [
  sshd,
  sudo,
  switchUser,
  pkexec,
  doas,
  consoleLogin,
  logind,
  accounts,
  cron,
  audit,
  otherPam,
];
