import type { AlertAct } from '../model/alert-life.ts';
import type { AuditEvent } from '../model/audit.ts';

/** What somebody did to alerts, or wished to. */
export interface AuditedChange {
  /** Who, as the audit trail has them; nothing for somebody who is not known. */
  readonly who: Pick<AuditEvent, 'actor' | 'actorKind' | 'address'>;
  readonly act: AlertAct;
  readonly note?: string | undefined;
  readonly done: boolean;
  /** Such as `the alert 0123`. */
  readonly what: string;
  readonly ids: string;
  /** Where it was done, beside the API: `slack`. */
  readonly via?: { readonly name: string; readonly person: string };
}

/** The audit event of a change of alerts, wherever it was asked for. */
export function alertAudit({ who, act, note, done, what, ids, via }: AuditedChange): AuditEvent {
  const name = who.actor ?? 'somebody who is no user';
  return {
    action: AUDIT_ACTION[act.kind],
    category: ['configuration'],
    type: ['change'],
    outcome: done ? 'success' : 'failure',
    ...who,
    message: `${name} did to ${what}${via === undefined ? '' : ` via ${via.name}`}: ${act.kind}`,
    about: {
      alert_id: ids,
      ...act,
      resolution: act.kind === 'resolve' ? (act.resolution ?? '') : '',
      note: note ?? '',
      ...(via !== undefined && { via: via.name, via_person: via.person }),
    },
  };
}

const AUDIT_ACTION: Readonly<Record<AlertAct['kind'], string>> = {
  acknowledge: 'alert_state',
  snooze: 'alert_state',
  resolve: 'alert_state',
  reopen: 'alert_state',
  take: 'alert_assign',
  assign: 'alert_assign',
  unassign: 'alert_assign',
  comment: 'alert_comment',
};
