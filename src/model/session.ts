/** A field and the text that it has in all events of a session. */
export interface SessionTerm {
  readonly field: string;
  readonly value: string;
}

/**
 * What tells one session from others, the surest first: the fields of a line hold together. ECS has no field for a session's own id.
 * A number that each machine counts for itself is one only together with the machine, and for a while.
 */
const SESSION_KEYS: readonly (readonly string[])[] = [
  ['session.id'],
  // CEF's own fields, by their label: `cs1Label=Session ID`.
  ['cef.labels.session_id'],
  ['cef.labels.session'],
  ['process.session_leader.entity_id'],
  // logind.
  ['linux.session.id', 'host.name'],
  ['linux.auditd.ses', 'host.name'],
  ['transaction.id'],
  ['http.request.id'],
  // Each connection to sshd is a process, and its lines of PAM come from the same one.
  ['process.pid', 'process.name', 'host.name'],
];

/** What the Linux audit system writes where there is no session (-1, unsigned). */
const NO_SESSION: ReadonlySet<string> = new Set(['4294967295', '-1', 'unset']);
const SSHD = /^sshd(?:-session|-auth)?$/;

/** How far from an event its session is looked for, in milliseconds: numbers of sessions and processes come again. */
export const SESSION_MS = 86_400_000;

/** What all events of an event's session have; empty where it tells of none. */
export function sessionOf(fields: Readonly<Record<string, unknown>>): readonly SessionTerm[] {
  for (const key of SESSION_KEYS) {
    const terms = key.flatMap((field) => {
      const value = textOf(fields[field]);
      return value === undefined ? [] : [{ field, value }];
    });
    if (terms.length === key.length && isSession(terms)) return terms;
  }
  return [];
}

const isSession = ([first, second]: readonly SessionTerm[]): boolean =>
  first !== undefined && !NO_SESSION.has(first.value) && (first.field !== 'process.pid' || SSHD.test(second?.value ?? ''));

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(value[0]);
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined;
}
