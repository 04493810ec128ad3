import type { EcsOutcome } from '../model/ecs-words.ts';

const OUTCOMES: Readonly<Record<string, EcsOutcome>> = {
  success: 'success',
  successful: 'success',
  succeeded: 'success',
  succeed: 'success',
  ok: 'success',
  pass: 'success',
  passed: 'success',
  allow: 'success',
  allowed: 'success',
  granted: 'success',
  accepted: 'success',
  true: 'success',
  yes: 'success',
  failure: 'failure',
  failed: 'failure',
  fail: 'failure',
  error: 'failure',
  denied: 'failure',
  deny: 'failure',
  blocked: 'failure',
  rejected: 'failure',
  refused: 'failure',
  unauthorized: 'failure',
  false: 'failure',
  no: 'failure',
  unknown: 'unknown',
};

const OUTCOME_BY_WORD = new Map(Object.entries(OUTCOMES));

/** ECS `event.outcome` of a vendor's word, in any case; undefined: the word says nothing of it. */
export const outcomeOf = (word: string): EcsOutcome | undefined =>
  OUTCOME_BY_WORD.get(word) ?? OUTCOME_BY_WORD.get(word.trim().toLowerCase());

/** RFC 5424 table 1, with the names that syslog.conf uses. */
export const FACILITIES: readonly string[] = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'security',
  'console',
  'solaris-cron',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];

/** RFC 5424 table 2, as ECS's examples write them. */
export const SEVERITIES: readonly string[] = ['Emergency', 'Alert', 'Critical', 'Error', 'Warning', 'Notice', 'Informational', 'Debug'];
