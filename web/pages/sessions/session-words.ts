import {
  CircleCheck,
  CircleDot,
  CircleHelp,
  ClockAlert,
  Copy,
  Hand,
  LogIn,
  LogOut,
  type LucideIcon,
  Scissors,
  ShieldBan,
  ShieldCheck,
  ShieldQuestionMark,
  ShieldX,
  SquareTerminal,
  TriangleAlert,
} from 'lucide-react';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import type { Approval, HappeningKind, SessionState } from '../../../src/model/privileged-session.ts';
import type { Look } from '../../theme/look.ts';

export const STATE_LOOK: Readonly<Record<SessionState, Look>> = {
  open: { word: 'Open', icon: CircleDot, color: 'blue' },
  ended: { word: 'Ended', icon: CircleCheck, color: 'gray' },
  never_ended: { word: 'Never ended', icon: ClockAlert, color: 'orange' },
  start_unheard: { word: 'Start not heard', icon: CircleHelp, color: 'gray' },
};
export const CUT_LOOK: Look = { word: 'Cut off', icon: Scissors, color: 'red' };

export const APPROVAL_LOOK: Readonly<Record<Approval, Look>> = {
  approved: { word: 'Approved', icon: ShieldCheck, color: 'teal' },
  outran_window: { word: 'Past its window', icon: TriangleAlert, color: 'orange' },
  outside_window: { word: 'Outside its window', icon: TriangleAlert, color: 'orange' },
  none: { word: 'No approval heard of', icon: ShieldX, color: 'gray' },
  not_told: { word: 'Not told', icon: ShieldQuestionMark, color: 'gray' },
};

export const HAPPENINGS: Readonly<Record<HappeningKind, { readonly word: string; readonly icon: LucideIcon }>> = {
  asked: { word: 'Access requested', icon: Hand },
  approved: { word: 'Request approved', icon: ShieldCheck },
  denied: { word: 'Request denied', icon: ShieldX },
  started: { word: 'Session started', icon: LogIn },
  command: { word: 'Audited command', icon: SquareTerminal },
  command_blocked: { word: 'Command blocked', icon: ShieldBan },
  cut: { word: 'Command blocked, session cut off', icon: Scissors },
  ended: { word: 'Session ended', icon: LogOut },
  repeated: { word: 'Sent again', icon: Copy },
};

/** The machine as it is best known; '' where no event tells it. */
export const machineOf = ({ host, address }: Pick<PrivilegedSessionJson, 'host' | 'address'>): string => (host === '' ? address : host);

/** Who was where, as whom. */
export function titleOf(session: PrivilegedSessionJson): string {
  return `${session.person_name} on ${machineOf(session) || 'an unknown machine'} as ${session.account}`;
}

/** How long it lasted, or has lasted so far. */
export function lengthText({ state, started_at: started, duration_secs: length }: PrivilegedSessionJson, now = Date.now()): string {
  if (length !== undefined) return durationText(length);
  if (started === undefined || state !== 'open') return 'Not known';
  return `${durationText(Math.max(1, Math.round((now - Date.parse(started)) / 1_000)))} so far`;
}

/** Audited commands in words. */
export function commandsText({ commands, blocked }: Pick<PrivilegedSessionJson, 'commands' | 'blocked'>): string {
  if (commands === 0) return 'None';
  return blocked === 0 ? `${commands}` : `${commands}, ${blocked} blocked`;
}
