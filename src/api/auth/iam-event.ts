import type { AuditEvent } from '../../model/audit.ts';
import { actorOf, type Caller } from '../caller.ts';

type Change = Pick<AuditEvent, 'action' | 'type' | 'message'> & Partial<Pick<AuditEvent, 'target' | 'about' | 'outcome'>>;

/** A change of users, tokens or sessions, as the audit trail has it. */
export const iamEvent = (caller: Caller, change: Change): AuditEvent => ({
  category: ['iam'],
  outcome: 'success',
  ...actorOf(caller),
  ...change,
});
