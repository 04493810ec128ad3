import { AUDIT_SOURCE, type AuditEvent, auditMessage } from '../../model/audit.ts';
import type { Intake } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

/** Records what a user or Earshot itself did; what has a key that was seen before, not again. Never throws: the act itself must not fail for its record, which is told instead. */
export function auditTo(intake: Pick<Intake, 'append'>, event: AuditEvent, telemetry: Telemetry, key?: string): void {
  const now = Date.now();
  intake
    .append({
      source: AUDIT_SOURCE,
      origin: { transport: 'internal', decoder: 'json' },
      receivedAt: now,
      messages: [auditMessage(event, now)],
      ...(key !== undefined && { key }),
    })
    .catch((error: unknown) => telemetry.log('error', 'an audit event could not be kept', { action: event.action, error: String(error) }));
}
