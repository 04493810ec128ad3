/** Where a hub can be made to end by SIGKILL on the way of one message, in the order of that way; store and alerting go side by side. */
export const CRASH_POINTS = [
  'before append',
  'after append',
  'before insert',
  'before insert, once alerted',
  'after insert',
  'before stored',
  'before mark',
  'after mark',
  'after stored',
  'before commit',
  'before commit, once stored',
  'after commit',
  'before alerted',
  'after alerted',
  'before delete',
  'after delete',
  'before send',
  'after send',
  'before settle',
  'after settle',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];
