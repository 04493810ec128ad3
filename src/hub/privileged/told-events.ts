import type { AuditEvent } from '../../model/audit.ts';
import type { AccessRequest, PasswordView, PrivilegedSession } from '../../model/privileged-session.ts';
import { approvedTime } from '../../privileged/requests.ts';

const isoOf = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** A session is beyond its approval: it went on for longer, or began before or after it. */
export function sessionBeyondApproval(session: PrivilegedSession): AuditEvent {
  const { id, person, account, approval, startedAt, requests } = session;
  const approved = approvedText(startedAt, requests);
  const what =
    approval === 'outran_window'
      ? `went on beyond what was approved (until ${approved.until})`
      : `began outside of what was approved${approved.words}`;
  return {
    ...TOLD,
    action: 'privileged_session_beyond_approval',
    category: ['session'],
    // Whom the alert is about: what else they did is looked for by this name.
    actor: person,
    message: `The session of ${person} on ${machineOf(session)} as ${account} ${what}`,
    about: {
      session_id: id,
      ...aboutOf(session),
      ...(startedAt !== undefined && { started_at: isoOf(startedAt) }),
      ...approved.about,
    },
  };
}

/** A password was looked at when nobody had approved it for then. */
export function viewOutsideApproval(view: PasswordView): AuditEvent {
  const { id, person, account, at, requests } = view;
  const approved = approvedText(at, requests);
  return {
    ...TOLD,
    action: 'password_viewed_outside_approval',
    category: ['iam'],
    actor: person,
    message: `${person} looked at the password of ${account} on ${machineOf(view)} outside of what was approved${approved.words}`,
    about: { view_id: id, ...aboutOf(view), viewed_at: isoOf(at), ...approved.about },
  };
}

/** No end was heard in time. */
export function sessionNeverEnded(session: PrivilegedSession, hours: number): AuditEvent {
  const { id, person, account, startedAt } = session;
  const began = startedAt === undefined ? '' : isoOf(startedAt);
  return {
    ...TOLD,
    action: 'privileged_session_never_ended',
    category: ['session'],
    actor: person,
    message: `No end was heard of the session of ${person} on ${machineOf(session)} as ${account} that began at ${began}, in ${hours} hours`,
    about: { session_id: id, ...aboutOf(session), ...(began !== '' && { started_at: began }) },
  };
}

const TOLD = { type: ['info'], outcome: 'unknown' } as const;

const machineOf = ({ host, address }: Pick<PrivilegedSession, 'host' | 'address'>): string => (host === '' ? address : host);

const aboutOf = (of: Pick<PrivilegedSession, 'approval' | 'product' | 'account' | 'host' | 'address'>) => ({
  approval: of.approval,
  product: of.product,
  account: of.account,
  machine: machineOf(of),
});

/** When it was approved, of what began at `at`. */
function approvedText(at: number | undefined, requests: readonly AccessRequest[]) {
  const approved = at === undefined ? undefined : approvedTime({ from: at }, requests);
  if (approved === undefined) return { until: '', words: '', about: {} };
  const from = isoOf(approved.from);
  const until = approved.until === Number.POSITIVE_INFINITY ? '' : isoOf(approved.until);
  return {
    until,
    words: ` (from ${from}${until === '' ? '' : ` to ${until}`})`,
    about: { approved_from: from, ...(until !== '' && { approved_until: until }) },
  };
}
