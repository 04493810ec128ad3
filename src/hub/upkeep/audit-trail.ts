import { AUDIT_SOURCE, type AuditEvent, auditMessage } from '../../model/audit.ts';
import type { Intake, Receipt } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

/** Records what a user or Earshot itself did. Never throws: the act itself must not fail for its record, which is told instead. */
export function auditTo(intake: Pick<Intake, 'append'>, event: AuditEvent, telemetry: Telemetry): void {
  keepAudit(intake, event).catch((error: unknown) =>
    telemetry.log('error', 'an audit event could not be kept', { action: event.action, error: String(error) }),
  );
}

/** Resolves when it is kept; what has a key that was seen before is not kept again. Rejects when it could not be. */
export function keepAudit(intake: Pick<Intake, 'append'>, event: AuditEvent, key?: string): Promise<Receipt> {
  const now = Date.now();
  return intake.append({
    source: AUDIT_SOURCE,
    origin: { transport: 'internal', decoder: 'json' },
    receivedAt: now,
    messages: [auditMessage(event, now)],
    ...(key !== undefined && { key }),
  });
}
