import type { Act, ActLine } from '../model/act.ts';
import type { AuditEvent } from '../model/audit.ts';

const TYPES: Readonly<Record<ActLine['state'], string>> = {
  planned: 'info',
  confirmed: 'allowed',
  running: 'start',
  done: 'change',
  proven: 'change',
  refused: 'denied',
  failed: 'error',
  unknown: 'error',
};

/** A line of an act's history, as the audit trail has it. */
export function auditOf(act: Act, { state, by, byKind, note }: ActLine): AuditEvent {
  const outcome = state === 'unknown' ? 'unknown' : state === 'refused' || state === 'failed' ? 'failure' : 'success';
  return {
    action: `act_${state}`,
    category: ['iam'],
    type: [TYPES[state]],
    outcome,
    ...(byKind !== undefined && { actor: by, actorKind: byKind }),
    ...(act.targets.length === 1 && act.targets[0] !== undefined && { target: act.targets[0].label }),
    message: `${state}: ${act.effect}${note === '' ? '' : ` (${note})`}`,
    about: {
      act_id: act.id,
      system: act.system,
      targets: act.targets.map(({ id }) => id),
      devices: act.devices,
      reason: act.reason,
      note,
      ...(act.session !== undefined && { session: act.session }),
      ...(act.alertId !== undefined && { alert_id: act.alertId }),
      ...(state === 'proven' && { proof_entries: act.proofs.map(({ entry }) => entry) }),
    },
  };
}
